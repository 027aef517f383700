"""Pages of commission rates and of the rules that hold for all."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from digiweb.models import Record, StaleVersion
from digiweb.paging import Sort
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.commission import CommissionRateFilterSet
from sales.forms.commission import CommissionRateForm, CommissionTermsForm
from sales.models import CommissionRate, CommissionTerms
from sales.services.commission_rate import (
    change_commission_terms,
    change_rate,
    create_rate,
    delete_rates,
    shown_terms,
)
from sales.tables import commission as columns
from sales.tables.commission import CommissionRateTable, basis_text

MODULE = "sales.commissionrate"
CRUMB = (gettext_lazy("Commission rates"), "/sales/commission-rates/")


class CommissionRateListView(ListView):
    """What sales earn."""

    module = MODULE
    model = CommissionRate
    urls = "sales:commission_rate"
    title = gettext_lazy("Commission rates")
    filterset_class = CommissionRateFilterSet
    table = CommissionRateTable
    sorts = (
        Sort("-starts", gettext_lazy("Latest first"), ("starts_on", "id"), descending=True),
        Sort("starts", gettext_lazy("Earliest first"), ("starts_on", "id")),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Create a rate")
    drawing = "empty-generic"
    empty_text = gettext_lazy(
        "No rate yet: until there is one, people earn the percentage of their salesperson’s profile."
    )

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not user.can(MODULE, "change"):
            return []
        url = reverse("sales:commission_terms")
        return [{"label": _("Rules of commissions"), "url": url, "icon": "adjustments"}]


class CommissionRateDetailView(DetailView):
    """One rate."""

    module = MODULE
    model = CommissionRate
    urls = "sales:commission_rate"
    breadcrumbs = (CRUMB,)
    select_related = ("offer", "person")
    facts = (
        (gettext_lazy("For what and for whom"), (columns.OFFER, columns.RATE_PERSON, columns.PART)),
        (pgettext_lazy("commission", "Rate"), (columns.BASIS, columns.VALUE)),
        (gettext_lazy("In force"), (columns.STARTS, columns.ENDS)),
    )
    editable = ("starts_on", "ends_on")

    def subtitle(self, record: Any) -> Any:
        return basis_text(record)


class CommissionRateFormView(FormView):
    """What creating and editing a rate share."""

    module = MODULE
    model: type[Record] = CommissionRate
    form_class = CommissionRateForm
    urls = "sales:commission_rate"
    breadcrumbs = (CRUMB,)


class CommissionRateCreateView(CommissionRateFormView, CreateView):
    """A new rate."""

    title = gettext_lazy("New commission rate")
    submit_label = gettext_lazy("Create the rate")

    def save(self, form: Any) -> CommissionRate:
        return create_rate(user=self.request.user, rate=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("sales:commission_rate_list")


class CommissionRateEditView(CommissionRateFormView, EditView):
    """A rate changed; what is closed keeps its own."""

    select_related = ("offer", "person")
    submit_label = gettext_lazy("Save the rate")

    def save(self, form: Any) -> CommissionRate:
        rate: CommissionRate = self.get_instance()
        version = form.cleaned_data["version"]
        change_rate(user=self.request.user, rate=rate, values=form.values(), version=version)
        return rate

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return CommissionRateDetailView.fact_named(record, name)


class CommissionRateDeleteView(DeleteView):
    """A rate moved to the bin."""

    module = MODULE
    model = CommissionRate
    list_url_name = "sales:commission_rate_list"
    select_related = ("offer", "person")
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_rates(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [
            _("It stays in the bin for 30 days."),
            _("Drafts of statements are counted without it; what is closed stays as it is."),
        ]


class CommissionTermsView(FormView):
    """The rules for all, one page."""

    module = MODULE
    action = "change"
    model: type[Record] = CommissionTerms
    form_class = CommissionTermsForm
    title = gettext_lazy("Rules of commissions")
    submit_label = gettext_lazy("Save the rules")
    breadcrumbs = (CRUMB,)

    def get_instance(self) -> Any:
        if not hasattr(self, "_instance"):
            self._instance = shown_terms()
        return self._instance

    def save(self, form: Any) -> CommissionTerms:
        version = form.cleaned_data.get("version")
        try:
            return change_commission_terms(user=self.request.user, values=form.values(), version=version)
        except StaleVersion:
            raise ValidationError(_("Somebody saved the rules meanwhile: load the page again.")) from None

    def get_success_text(self, record: Any) -> str:
        return _("The rules are saved; open statements follow when they are counted again.")

    def get_success_url(self, record: Any) -> str:
        return reverse("sales:commission_terms")

    def get_cancel_url(self) -> str:
        return reverse("sales:commission_rate_list")
