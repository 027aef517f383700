"""Pages of contacts."""

from typing import Any

from django.db.models import Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from crm.client_page import client_action
from crm.filters.contact import ContactFilterSet
from crm.filters.owner import owner_asked
from crm.forms.contact import AssignForm, ContactForm, RatingForm, StatusForm, TagsForm
from crm.models import Contact, ContactTotal
from crm.services.contact import (
    change_contact,
    change_contacts,
    create_contact,
    delete_contacts,
    tag_contacts,
)
from crm.services.tally import within_sight
from crm.tables import contact as columns
from crm.tables.contact import STATUS_COLOURS, ContactTable
from crm.views.contact_import import import_action
from crm.views.contact_score import describe_rating, describe_score
from crm.views.custom_value import CustomDetailView, CustomListView
from crm.views.duplicate import merge_action, twins_url
from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.views.bulk import BulkView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.kanban import KanbanListView, MoveView
from digiweb.views.lookup import LookupView

MODULE = "crm.contact"
CRUMB = (gettext_lazy("Contacts"), "/crm/contacts/")


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_contacts(user=user, pks=pks, values={"owner": data["owner"]})


def set_status(*, user: Any, pks: Any, data: Any) -> None:
    change_contacts(user=user, pks=pks, values={"status": data["status"]})


def rate(*, user: Any, pks: Any, data: Any) -> None:
    change_contacts(user=user, pks=pks, values={"rating": data["rating"]})


def tag(*, user: Any, pks: Any, data: Any) -> None:
    tag_contacts(user=user, pks=pks, add=data["add"], remove=data["remove"])


def put_tags_back(*, user: Any, pks: Any, values: Any) -> None:
    tag_contacts(user=user, pks=pks, **values)


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_contacts(user=user, pks=pks, batch=data["batch"])


class ContactListView(CustomListView, KanbanListView):
    """All contacts within sight: list and board."""

    module = MODULE
    model = Contact
    urls = "crm:contact"
    title = gettext_lazy("Contacts")
    filterset_class = ContactFilterSet
    table = ContactTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("-score", gettext_lazy("Best quality first"), ("score", "id"), descending=True),
        Sort("score", gettext_lazy("Lowest quality first"), ("score", "id")),
    )
    modes = ("list", "kanban")
    create_label = gettext_lazy("Create a contact")
    drawing = "empty-contacts"
    empty_text = gettext_lazy("No contact yet: create the first one, or import a file.")
    kanban_related = ("company", "owner")
    bulk_actions = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            AssignForm,
            done_label=ngettext_lazy("%(count)s contact assigned.", "%(count)s contacts assigned.", "count"),
            sets=("owner",),
            put_back=change_contacts,
        ),
        BulkAction(
            "tag",
            pgettext_lazy("verb", "Tag"),
            "tag",
            "change",
            tag,
            TagsForm,
            done_label=ngettext_lazy("%(count)s contact tagged.", "%(count)s contacts tagged.", "count"),
            sets=("tags",),
            put_back=put_tags_back,
        ),
        BulkAction(
            "status",
            gettext_lazy("Change the status"),
            "status-change",
            "change",
            set_status,
            StatusForm,
            done_label=ngettext_lazy("%(count)s contact changed.", "%(count)s contacts changed.", "count"),
            sets=("status",),
            put_back=change_contacts,
        ),
        BulkAction(
            "rate",
            gettext_lazy("Rate"),
            "star",
            "change",
            rate,
            RatingForm,
            done_label=ngettext_lazy("%(count)s contact rated.", "%(count)s contacts rated.", "count"),
            sets=("rating",),
            put_back=change_contacts,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s contact", "Delete %(count)s contacts", "count"),
            done_label=ngettext_lazy("%(count)s contact deleted.", "%(count)s contacts deleted.", "count"),
        ),
    )

    def known_counts(self) -> dict[str, int] | None:
        """From the totals, unless more is asked for than an owner and a status."""
        if not {"owner", "status"}.issuperset(self.filterset.in_force()) or not self.filterset.is_valid():
            return None
        asked = self.filterset.form.cleaned_data
        owner, status = asked["owner"], asked["status"]
        totals = within_sight(self.request.user, ContactTotal)
        if owner:
            totals = totals.filter(owner_id=owner_asked(owner, self.request.user))
        if status:
            totals = totals.filter(status=status)
        return dict(totals.values_list("status").annotate(Sum("count")))

    def extra_actions(self) -> list[dict[str, Any]]:
        return import_action(self.request.user)

    def card(self, record: Any) -> dict[str, Any]:
        meta = [{"icon": "map-pin", "text": record.city}] if record.city else []
        return {
            "title": str(record),
            "subtitle": str(record.company or ""),
            "meta": [*meta, {"icon": "gauge", "text": str(record.score)}],
            "owner": record.owner,
        }

    def move_url(self) -> str:
        return reverse("crm:contact_move")


class ContactMoveView(MoveView):
    """A contact dragged to another status."""

    module = MODULE
    model = Contact

    def move(self, record: Any, to: str, version: int | None) -> None:
        change_contact(user=self.request.user, contact=record, values={"status": to}, version=version)


class ContactBulkView(BulkView):
    """Actions on many contacts."""

    list_view = ContactListView
    breadcrumbs = (CRUMB,)


class ContactDetailView(CustomDetailView):
    """Everything about one contact."""

    module = MODULE
    model = Contact
    urls = "crm:contact"
    breadcrumbs = (CRUMB,)
    select_related = ("company", "owner")
    facts = (
        (gettext_lazy("How to reach them"), (columns.EMAIL, columns.PHONE, columns.MOBILE)),
        (gettext_lazy("Work"), (columns.COMPANY, columns.JOB_TITLE)),
        (gettext_lazy("Follow-up"), (columns.STATUS, columns.OWNER, columns.SOURCE, columns.TAGS)),
        (
            gettext_lazy("Address"),
            (
                Column("address", gettext_lazy("Address")),
                Column("postcode", gettext_lazy("Postcode")),
                columns.CITY,
                columns.COUNTRY,
            ),
        ),
    )
    editable = (
        "email",
        "phone",
        "mobile",
        "company",
        "job_title",
        "status",
        "owner",
        "source",
        "tags",
        "address",
        "postcode",
        "city",
        "country",
    )
    side = ("crm/contact/score.html", "crm/contact/company.html")

    def subtitle(self, record: Any) -> Any:
        parts = [record.job_title, str(record.company or "")]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        return [*super().actions(record), *client_action(self.request.user, record)]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return [*merge_action(self.request.user, record), *super().menu(record)]

    def describe(self, record: Any) -> dict[str, Any]:
        described = super().describe(record)
        self.may_change: bool = described["can_change"]
        return described

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["quality"] = describe_score(self.request.user, kwargs["object"], changes=self.may_change)
        context["rating"] = describe_rating(kwargs["object"], changes=self.may_change)
        return context


class ContactLookupView(LookupView):
    """Contacts to choose one from while typing."""

    module = MODULE
    model = Contact

    def subtitle(self, record: Any) -> str:
        return " · ".join(part for part in (record.email, record.city) if part)


class ContactFormView(FormView):
    """What creating and editing a contact share."""

    module = MODULE
    model: type[Record] = Contact
    form_class = ContactForm
    urls = "crm:contact"
    breadcrumbs = (CRUMB,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "twins_url": twins_url(self)}


class ContactCreateView(ContactFormView, CreateView):
    """A new contact."""

    title = gettext_lazy("New contact")
    submit_label = gettext_lazy("Create the contact")

    def save(self, form: Any) -> Contact:
        return create_contact(user=self.request.user, contact=form.instance, tags=form.cleaned_data["tags"])

    def get_cancel_url(self) -> str:
        return reverse("crm:contact_list")


class ContactEditView(ContactFormView, EditView):
    """A contact changed: whole, or one field in place."""

    select_related = ("company", "owner")
    submit_label = gettext_lazy("Save the contact")

    def save(self, form: Any) -> Contact:
        contact: Contact = self.get_instance()
        change_contact(
            user=self.request.user,
            contact=contact,
            values=form.values(),
            version=form.cleaned_data["version"],
            tags=form.cleaned_data.get("tags"),
        )
        return contact

    def saved(self, record: Any) -> HttpResponse:
        response = super().saved(record)
        if self.field_name:  # the score beside the facts follows them
            response["HX-Trigger-After-Settle"] = "dw:scored"
        return response

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return ContactDetailView.fact_named(record, name)


class ContactDeleteView(DeleteView):
    """A contact moved to the bin."""

    module = MODULE
    model = Contact
    list_url_name = "crm:contact_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_contacts(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [_("It stays in the bin for 30 days, with its notes and its history.")]
