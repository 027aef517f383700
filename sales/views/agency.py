"""Pages of agencies: who sells."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.agency import AgencyFilterSet
from sales.forms.agency import AgencyForm
from sales.models import Agency
from sales.services.agency import change_agency, create_agency, delete_agencies
from sales.tables import agency as columns
from sales.tables.agency import AgencyTable

MODULE = "sales.agency"
CRUMB = (gettext_lazy("Agencies"), "/settings/agencies/")


class AgencyListView(ListView):
    """The firms in whose names quotes and invoices are made."""

    module = MODULE
    model = Agency
    urls = "agencies:agency"
    title = gettext_lazy("Agencies")
    filterset_class = AgencyFilterSet
    table = AgencyTable
    sorts = (
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Create an agency")
    empty_text = gettext_lazy("No agency yet: quotes and invoices are made in the name of one.")


class AgencyDetailView(DetailView):
    """One agency, and what its documents lack to be issued."""

    module = MODULE
    model = Agency
    urls = "agencies:agency"
    breadcrumbs = (CRUMB,)
    template_name = "sales/agency/detail.html"
    facts = (
        (
            gettext_lazy("Law"),
            (
                columns.LEGAL_NAME, columns.FORM, columns.CAPITAL, columns.SIREN, columns.SIRET,
                columns.REGISTER, columns.NAF, columns.VAT_NUMBER, columns.REGIME, columns.DEBITS,
            ),
        ),
        (
            gettext_lazy("Address"),
            (
                columns.ADDRESS, columns.POSTCODE, columns.CITY, columns.COUNTRY, columns.EMAIL,
                columns.PHONE, columns.WEBSITE,
            ),
        ),
        (gettext_lazy("Bank"), (columns.BANK, columns.IBAN, columns.BIC, columns.ICS)),
        (
            gettext_lazy("Documents"),
            (
                columns.CODE, columns.COLOUR, columns.QUOTE_DAYS, columns.PAYMENT_DAYS, columns.DEPOSIT,
                columns.PENALTIES,
                columns.FISCAL,
            ),
        ),
    )  # fmt: skip

    def describe(self, record: Any) -> dict[str, Any]:
        fields: Any = Agency._meta
        lacks = [str(fields.get_field(name).verbose_name) for name in record.what_lacks()]
        return {
            **super().describe(record),
            "logo_url": record.logo.url if record.logo else "",
            "lacks": lacks,
        }

    def subtitle(self, record: Any) -> Any:
        return " · ".join(part for part in (record.legal_form, record.city) if part)

    def badge(self, record: Any) -> dict[str, Any]:
        if record.is_active:
            return {"label": _("In use"), "colour": "good"}
        return {"label": _("Out of use"), "colour": "slate"}

    def menu(self, record: Any) -> list[dict[str, Any]]:
        url = f"{reverse('agencies:mention_list')}?agency={record.pk}"
        return [{"label": _("Mentions"), "url": url, "icon": "blockquote"}, *super().menu(record)]


class AgencyFormView(FormView):
    """What creating and editing an agency share."""

    module = MODULE
    model: type[Record] = Agency
    form_class = AgencyForm
    urls = "agencies:agency"
    breadcrumbs = (CRUMB,)


class AgencyCreateView(AgencyFormView, CreateView):
    """A new agency."""

    title = gettext_lazy("New agency")
    submit_label = gettext_lazy("Create the agency")

    def save(self, form: Any) -> Agency:
        return create_agency(user=self.request.user, agency=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("agencies:agency_list")


class AgencyEditView(AgencyFormView, EditView):
    """An agency changed, for the documents to come."""

    submit_label = gettext_lazy("Save the agency")

    def save(self, form: Any) -> Agency:
        agency: Agency = self.get_instance()
        version = form.cleaned_data["version"]
        change_agency(user=self.request.user, agency=agency, values=form.values(), version=version)
        return agency


class AgencyDeleteView(DeleteView):
    """An agency moved to the bin; refused once it has documents."""

    module = MODULE
    model = Agency
    list_url_name = "agencies:agency_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_agencies(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [
            _("It stays in the bin for 30 days."),
            _("An agency that has quotes or invoices cannot be deleted: put it out of use instead."),
        ]
