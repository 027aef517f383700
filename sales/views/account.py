"""Pages of the chart of accounts, and of how the books of an agency are kept."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.account import AccountFilterSet
from sales.forms.account import AccountForm, BookTermsForm
from sales.models import Account, BookTerms
from sales.services.chart import change_account, change_book_terms, create_account, delete_accounts
from sales.tables import account as columns
from sales.tables.account import AccountTable

MODULE = "sales.account"
CRUMB = (gettext_lazy("Chart of accounts"), "/settings/accounts/")


class AccountListView(ListView):
    """The accounts to which entries are written, of each agency."""

    module = MODULE
    model = Account
    urls = "agencies:account"
    title = gettext_lazy("Chart of accounts")
    filterset_class = AccountFilterSet
    table = AccountTable
    sorts = (
        Sort("number", gettext_lazy("By number"), ("number", "id")),
        Sort("-number", gettext_lazy("By number, last first"), ("number", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
    )
    create_label = gettext_lazy("Create an account")
    empty_text = gettext_lazy("No account yet: the usual ones come with each agency.")

    def extra_actions(self) -> list[dict[str, Any]]:
        """The journals of each agency."""
        user: Any = self.request.user
        if not user.can(MODULE, "change"):
            return []
        terms = (
            BookTerms.objects.visible_to(user, "change")
            .select_related("agency")
            .order_by("agency__sort_name")
        )
        return [
            {
                "label": _("Journals of %(agency)s") % {"agency": each.agency},
                "url": reverse("agencies:book_terms_edit", args=[each.pk]),
                "icon": "notebook",
            }
            for each in terms
        ]


class AccountDetailView(DetailView):
    """One account."""

    module = MODULE
    model = Account
    urls = "agencies:account"
    breadcrumbs = (CRUMB,)
    select_related = ("agency",)
    facts = (
        (
            gettext_lazy("Account"),
            (
                columns.PLAIN_NUMBER, columns.LABEL, columns.ROLE, columns.RATE, columns.CATEGORY,
                columns.AGENCY,
            ),
        ),
    )  # fmt: skip
    editable = ("number", "label")

    def subtitle(self, record: Any) -> Any:
        return str(record.agency)


class AccountFormView(FormView):
    """What creating and editing an account share."""

    module = MODULE
    model: type[Record] = Account
    form_class = AccountForm
    urls = "agencies:account"
    breadcrumbs = (CRUMB,)


class AccountCreateView(AccountFormView, CreateView):
    """A new account, such as one for a rate of VAT."""

    title = gettext_lazy("New account")
    submit_label = gettext_lazy("Create the account")

    def save(self, form: Any) -> Account:
        return create_account(user=self.request.user, account=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("agencies:account_list")


class AccountEditView(AccountFormView, EditView):
    """An account changed: entries of the open period follow."""

    submit_label = gettext_lazy("Save the account")

    def save(self, form: Any) -> Account:
        account: Account = self.get_instance()
        version = form.cleaned_data["version"]
        change_account(user=self.request.user, account=account, values=form.values(), version=version)
        return account

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return AccountDetailView.fact_named(record, name)


class AccountDeleteView(DeleteView):
    """An account moved to the bin, where no entry bears it."""

    module = MODULE
    model = Account
    list_url_name = "agencies:account_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_accounts(user=self.request.user, pks=[record.pk])


class BookTermsEditView(EditView):
    """The journals of an agency, and when VAT is told to fall due."""

    module = MODULE
    model = BookTerms
    form_class = BookTermsForm
    breadcrumbs = (CRUMB,)
    select_related = ("agency",)
    submit_label = gettext_lazy("Save the journals")

    def save(self, form: Any) -> BookTerms:
        terms: BookTerms = self.get_instance()
        version = form.cleaned_data["version"]
        change_book_terms(user=self.request.user, terms=terms, values=form.values(), version=version)
        return terms

    def get_title(self) -> Any:
        return _("Journals of %(agency)s") % {"agency": self.get_instance().agency}

    def get_success_url(self, record: Any) -> str:
        return reverse("agencies:account_list")

    def get_cancel_url(self) -> str:
        return reverse("agencies:account_list")
