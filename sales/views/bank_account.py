"""Pages of bank details: the list, the page of one, asking for one, deciding, reading the whole number."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.paging import Page, Sort
from digiweb.templatetags.digiweb import icon
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView
from digiweb.views.list import ListView
from sales.filters.bank_account import BankAccountFilterSet
from sales.forms.bank_account import BankAccountForm
from sales.models import BankAccount
from sales.services.bank_account import (
    TooManyReveals,
    add_account,
    approve_accounts,
    may_decide,
    reveal,
)
from sales.tables import bank_account as columns
from sales.tables.bank_account import STATUS_COLOURS, BankAccountTable

MODULE = "sales.bankaccount"
CRUMB = (gettext_lazy("Bank details"), "/sales/bank-accounts/")
# How long the whole number stands on a screen.
SHOWN_SECONDS = 30
# The inbox counts no further.
MOST = 99


def approve(*, user: Any, pks: Any, data: Any) -> None:
    approve_accounts(user=user, pks=pks)


class UnkeptMixin:
    """No copy of these answers stays in the browser or on the way."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        parent: Any = super()
        response = parent.dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response


class BankAccountListView(UnkeptMixin, ListView):
    """All accounts within sight, masked; « waiting » is the inbox of those who approve."""

    module = MODULE
    model = BankAccount
    urls = "sales:bank_account"
    title = gettext_lazy("Bank details")
    filterset_class = BankAccountFilterSet
    table = BankAccountTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Add bank details")
    empty_text = gettext_lazy("No bank details yet.")
    bulk_actions = (
        BulkAction(
            "approve",
            gettext_lazy("Approve"),
            "shield-check",
            "change",
            approve,
            done_label=ngettext_lazy(
                "%(count)s account looked at: those that wait, that you have not asked for and that replace "
                "no other are approved; a change takes a call-back, one by one.",
                "%(count)s accounts looked at: those that wait, that you have not asked for and that "
                "replace no other are approved; a change takes a call-back, one by one.",
                "count",
            ),
        ),
    )

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer("iban", "bic")

    def extra_actions(self) -> list[dict[str, Any]]:
        """The inbox of those who approve, as long as there is something in it."""
        user: Any = self.request.user
        if not user.can(MODULE, "change") or self.request.GET.get("status") == BankAccount.Status.WAITING:
            return []
        waiting = BankAccount.objects.visible_to(user, "change").filter(status=BankAccount.Status.WAITING)
        count = waiting[: MOST + 1].count()
        if not count:
            return []
        label = _("%(count)s to approve") % {"count": f"{MOST}+" if count > MOST else count}
        return [{"label": label, "url": f"{self.request.path}?status=waiting", "icon": "inbox"}]

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        rows = super()._rows(page)
        shown = revealable(self.request.user, page.ids)
        for row in rows:
            for cell in row["cells"]:
                if cell["name"] == columns.NUMBER.name and row["pk"] in shown:
                    cell["html"] = number_html(row["record"], cell["html"])
        return rows


def revealable(user: Any, pks: Any) -> set[int]:
    """Which of these accounts' whole numbers the person may read; no query without the grant."""
    if not user.can("sales.iban", "view"):
        return set()
    return set(BankAccount.objects.revealed_to(user).filter(pk__in=pks).values_list("pk", flat=True))


def number_html(account: BankAccount, masked: Any) -> SafeString:
    """The masked number with the button that reads the whole one in its place."""
    return format_html(
        '<span class="dw-number">{masked}{button}</span>',
        masked=masked,
        button=reveal_button(account),
    )


def reveal_button(account: BankAccount) -> SafeString:
    return format_html(
        '<button class="btn btn-sm btn-icon" type="button" hx-post="{url}" hx-target="closest .dw-number"'
        ' hx-swap="outerHTML" hx-push-url="false" title="{text}" aria-label="{label}">{icon}</button>',
        url=reverse("sales:bank_account_reveal", args=[account.pk]),
        text=_("Show the whole number"),
        label=_("Show the whole number of %(account)s") % {"account": account.masked},
        icon=icon("eye"),
    )


class BankAccountBulkView(BulkView):
    """Many at once."""

    list_view = BankAccountListView
    breadcrumbs = (CRUMB,)


class AccountMixin(UnkeptMixin, RecordMixin):
    """One account, without its numbers."""

    module = MODULE
    model = BankAccount
    breadcrumbs = (CRUMB,)
    select_related = ("client__company", "client__contact", "asked_by", "decided_by")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().defer("iban", "bic")


class BankAccountDetailView(AccountMixin, DetailView):
    """An account: whose it is, who asked for it, who decided."""

    urls = "sales:bank_account"
    template_name = "sales/bank_account/detail.html"
    facts = (
        (gettext_lazy("Account"), (columns.NUMBER, columns.HOLDER, columns.COUNTRY, columns.CLIENT)),
        (
            gettext_lazy("Approval"),
            (columns.ASKED, columns.CREATED, columns.DECIDED, columns.DECIDED_AT, columns.CALLED),
        ),
    )

    def subtitle(self, record: Any) -> Any:
        return record.client

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        fact = super().describe_fact(record, column, changes=changes)
        if column.name == columns.NUMBER.name:
            fact["html"] = number_for(self.request.user, record)
        return fact

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if not may_decide(self.request.user, record):
            return []
        return [
            {
                "label": _("Approve"),
                "url": reverse("sales:bank_account_approve", args=[record.pk]),
                "icon": "shield-check",
                "primary": True,
                "drawer": True,
            },
            {
                "label": _("Refuse"),
                "url": reverse("sales:bank_account_refuse", args=[record.pk]),
                "icon": "shield-x",
                "drawer": True,
            },
        ]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record: BankAccount = kwargs["object"]
        user: Any = self.request.user
        own = record.is_waiting and user.may("change", record) and not may_decide(user, record)
        return super().get_context_data(waits=record.is_waiting, own_request=own, **kwargs)


def number_for(user: Any, account: BankAccount) -> SafeString:
    """The masked number, with the button for those who may read the whole one."""
    plain = plain_number(account)
    return number_html(account, plain) if revealable(user, [account.pk]) else plain


def plain_number(account: BankAccount) -> SafeString:
    return format_html('<span class="dw-iban">{}</span>', account.masked)


class BankAccountCreateView(UnkeptMixin, CreateView):
    """New bank details; with four eyes they wait for somebody else."""

    module = MODULE
    model = BankAccount
    form_class = BankAccountForm
    urls = "sales:bank_account"
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("New bank details")

    def get_initial(self) -> dict[str, Any]:
        """Of the address only whose account it is: numbers do not travel there."""
        return {name: value for name, value in super().get_initial().items() if name in ("client", "holder")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        label = _("Ask for approval") if settings.BANK_FOUR_EYES else _("Put into use")
        kwargs |= {"form_top": "sales/bank_account/new_top.html", "four_eyes": settings.BANK_FOUR_EYES}
        return super().get_context_data(submit_label=label, **kwargs)

    def save(self, form: Any) -> BankAccount:
        return add_account(user=self.request.user, **form.values())

    def get_success_text(self, record: Any) -> str:
        told = {"account": record, "client": record.client}
        if record.is_waiting:
            return _("%(account)s waits for the approval of somebody else.") % told
        return _("%(account)s is in use for %(client)s.") % told

    def get_cancel_url(self) -> str:
        return reverse("sales:bank_account_list")


class BankAccountRevealView(AccountMixin):
    """The whole number, for a short while: POST only, so that no link, history or preloading reads it."""

    action = "view"
    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and user.can("sales.iban", "view")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        account = self.get_object()
        try:
            whole = reveal(user=request.user, account=account)
        except TooManyReveals:
            text = _("You have read %(count)s numbers within an hour: go on a little later.")
            return self.refuse(text % {"count": settings.BANK_REVEALS_AN_HOUR}, 429)
        except ValidationError as error:
            return self.refuse(" ".join(error.messages), 422)
        context = {
            "account": account,
            "whole": whole,
            "seconds": SHOWN_SECONDS,
            "masked": number_html(account, columns.number_cell(account)),
            "page_title": str(account),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        page = "number.html" if request.htmx else "number_page.html"  # type: ignore[attr-defined]
        return render(request, f"sales/bank_account/{page}", context)

    def refuse(self, text: str, status: int) -> HttpResponse:
        toast(self.request, text, level="error")
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204)
        context = {"page_title": _("Not now"), "text": text, "breadcrumbs": self.get_breadcrumbs()}
        return render(self.request, "sales/bank_account/refused.html", context, status=status)
