"""Pages of companies."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy

from crm.client_page import client_action
from crm.filters.company import CompanyFilterSet
from crm.forms.company import CompanyAssignForm, CompanyForm, CompanyStatusForm
from crm.forms.contact import TagsForm
from crm.models import Company, Contact
from crm.services.company import (
    change_companies,
    change_company,
    count_visible_contacts,
    create_company,
    delete_companies,
    tag_companies,
)
from crm.tables import company as columns
from crm.tables.company import STATUS_COLOURS, CompanyTable
from crm.tables.contact import COUNTRY
from crm.views.company_data import FillMixin
from crm.views.custom_value import CustomDetailView, CustomListView
from crm.views.duplicate import merge_action, twins_url
from digiweb.bulk import BulkAction
from digiweb.geo.departments import DEPARTMENTS
from digiweb.models import Record
from digiweb.paging import Page, Sort, fetch_in_order
from digiweb.querysets import reach_of
from digiweb.tables import Column
from digiweb.views.bulk import BulkView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.lookup import LookupView

MODULE = "crm.company"
CRUMB = (gettext_lazy("Companies"), "/crm/companies/")
CONTACTS_SHOWN = 10


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_companies(user=user, pks=pks, values={"owner": data["owner"]})


def set_status(*, user: Any, pks: Any, data: Any) -> None:
    change_companies(user=user, pks=pks, values={"status": data["status"]})


def tag(*, user: Any, pks: Any, data: Any) -> None:
    tag_companies(user=user, pks=pks, add=data["add"], remove=data["remove"])


def put_tags_back(*, user: Any, pks: Any, values: Any) -> None:
    tag_companies(user=user, pks=pks, **values)


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_companies(user=user, pks=pks, batch=data["batch"])


class CompanyListView(CustomListView):
    """All companies within sight: cards and list."""

    module = MODULE
    model = Company
    urls = "crm:company"
    title = gettext_lazy("Companies")
    filterset_class = CompanyFilterSet
    table = CompanyTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("-contacts", gettext_lazy("Most contacts first"), ("contact_count", "id"), descending=True),
    )
    modes = ("cards", "list")
    card_template = "crm/company/card.html"
    create_label: Any = gettext_lazy("Create a company")
    drawing = "empty-companies"
    empty_text = gettext_lazy(
        "No company yet: create the first one, or import contacts with their companies."
    )
    bulk_actions: Sequence[BulkAction] = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            CompanyAssignForm,
            done_label=ngettext_lazy("%(count)s company assigned.", "%(count)s companies assigned.", "count"),
            sets=("owner",),
            put_back=change_companies,
        ),
        BulkAction(
            "tag",
            pgettext_lazy("verb", "Tag"),
            "tag",
            "change",
            tag,
            TagsForm,
            done_label=ngettext_lazy("%(count)s company tagged.", "%(count)s companies tagged.", "count"),
            sets=("tags",),
            put_back=put_tags_back,
        ),
        BulkAction(
            "status",
            gettext_lazy("Change the status"),
            "status-change",
            "change",
            set_status,
            CompanyStatusForm,
            done_label=ngettext_lazy("%(count)s company changed.", "%(count)s companies changed.", "count"),
            sets=("status",),
            put_back=change_companies,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s company", "Delete %(count)s companies", "count"),
            done_label=ngettext_lazy("%(count)s company deleted.", "%(count)s companies deleted.", "count"),
        ),
    )

    def offered_sorts(self) -> Any:
        """The number of all contacts, hidden ones too, orders the list of those only who see them all."""
        if reach_of(self.request.user, Contact.module, "view") == "all":
            return self.sorts
        return [sort for sort in self.sorts if "contact_count" not in sort.fields]

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        companies = fetch_in_order(self.rows_queryset(), page.ids)
        count_visible_contacts(companies, self.request.user)
        return [self.describe_row(company) for company in companies]

    def export_columns(self) -> Any:
        if self.offered_sorts() == self.sorts:
            return self.columns
        return [column for column in self.columns if column.name != "contact_count"]

    def rows_queryset(self) -> Any:
        if self.mode == "cards":
            return self.visible().showing(["owner"]).prefetch_related("tags")
        return super().rows_queryset()

    def describe_row(self, record: Any) -> dict[str, Any]:
        if self.mode != "cards":
            return super().describe_row(record)
        return {"pk": record.pk, "url": record.get_absolute_url(), "label": str(record), "record": record}


class CompanyLookupView(LookupView):
    """Companies offered while typing."""

    module = MODULE
    model = Company

    def subtitle(self, record: Any) -> str:
        return " · ".join(part for part in (record.city, record.siren) if part)


class CompanyBulkView(BulkView):
    """Actions on many companies."""

    list_view = CompanyListView
    breadcrumbs = (CRUMB,)


def map_link(company: Company) -> list[dict[str, Any]]:
    """The line of a company's menu that shows what lies around it."""
    if company.department not in DEPARTMENTS:
        return []
    url = f"{reverse('crm:map')}?department={company.department}"
    return [{"label": _("See on the map"), "url": url, "icon": "map-2"}]


class CompanyDetailView(CustomDetailView):
    """Everything about one company."""

    module = MODULE
    model = Company
    urls = "crm:company"
    breadcrumbs = (CRUMB,)
    select_related = ("owner",)
    facts = (
        (
            gettext_lazy("Company"),
            (
                columns.STATUS,
                columns.INDUSTRY,
                columns.OWNER,
                columns.HEADCOUNT,
                columns.TURNOVER,
                columns.TAGS,
            ),
        ),
        (gettext_lazy("How to reach it"), (columns.EMAIL, columns.PHONE, columns.WEBSITE)),
        (
            gettext_lazy("Legal data"),
            (
                Column("siren", gettext_lazy("SIREN")),
                Column("siret", gettext_lazy("SIRET")),
                Column("vat_number", gettext_lazy("VAT number")),
                Column("naf_code", gettext_lazy("NAF code")),
                Column("legal_form", gettext_lazy("Legal form")),
                Column("legal_manager", gettext_lazy("Manager of the firm")),
            ),
        ),
        (
            gettext_lazy("Address"),
            (
                Column("address", gettext_lazy("Address")),
                Column("postcode", gettext_lazy("Postcode")),
                columns.CITY,
                COUNTRY,
            ),
        ),
    )
    editable = tuple(CompanyForm.Meta.fields)
    side = ("crm/company/contacts.html",)

    def actions(self, record: Any) -> list[dict[str, Any]]:
        return [*super().actions(record), *client_action(self.request.user, record)]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return [*merge_action(self.request.user, record), *map_link(record), *super().menu(record)]

    def subtitle(self, record: Any) -> Any:
        parts = [record.get_industry_display(), record.city]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        count_visible_contacts([kwargs["object"]], self.request.user)
        contacts = Contact.objects.visible_to(self.request.user).filter(company=kwargs["object"])
        context["contacts"] = list(contacts.order_by("-pk")[:CONTACTS_SHOWN])
        context["contacts_url"] = f"{reverse('crm:contact_list')}?company={kwargs['object'].pk}"
        return context


class CompanyFormView(FillMixin, FormView):
    """What creating and editing a company share."""

    module = MODULE
    model: type[Record] = Company
    form_class = CompanyForm
    urls = "crm:company"
    breadcrumbs = (CRUMB,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"fill": self.fill_context(), **super().get_context_data(**kwargs)}
        box = "" if self.one_field() else "crm/company_data/box.html"
        return {**context, "twins_url": twins_url(self), "form_top": box}


class CompanyCreateView(CompanyFormView, CreateView):
    """A new company."""

    title = gettext_lazy("New company")
    submit_label = gettext_lazy("Create the company")

    def save(self, form: Any) -> Company:
        return create_company(
            user=self.request.user,
            company=form.instance,
            tags=form.cleaned_data["tags"],
            filled=self.filled_with(form),
        )

    def get_cancel_url(self) -> str:
        return reverse("crm:company_list")


class CompanyEditView(CompanyFormView, EditView):
    """A company changed: whole, or one field in place."""

    select_related = ("owner",)
    submit_label = gettext_lazy("Save the company")
    change_actions = ("changed", "filled")

    def build_form(self, data: Any = None) -> Any:
        form = super().build_form(data)
        if "name" in form.fields and data is None:
            # Before the box: who edits has the firm already.
            form.fields["name"].widget.attrs["autofocus"] = not self.asks(self.request.POST)
        return form

    def save(self, form: Any) -> Company:
        company: Company = self.get_instance()
        change_company(
            user=self.request.user,
            company=company,
            values=form.values(),
            version=form.cleaned_data["version"],
            tags=form.cleaned_data.get("tags"),
            filled=self.filled_with(form),
        )
        return company

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return CompanyDetailView.fact_named(record, name)


class CompanyDeleteView(DeleteView):
    """A company moved to the bin; its contacts stay, without a company."""

    module = MODULE
    model = Company
    list_url_name = "crm:company_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_companies(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        lines = [_("It stays in the bin for 30 days, with its notes and its history.")]
        if record.contact_count:
            text = ngettext(
                "%(count)s contact stays, without a company.",
                "%(count)s contacts stay, without a company.",
                record.contact_count,
            )
            lines.append(text % {"count": record.contact_count})
        return lines
