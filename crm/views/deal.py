"""Pages of deals; the board is in crm/views/deal_board.py."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from crm.client_page import ClientTabMixin
from crm.filters.deal import DealFilterSet
from crm.forms.contact import TagsForm
from crm.forms.deal import DealAssignForm, DealForm, DealStageForm
from crm.models import Contact, Deal
from crm.services.deal import (
    OF_THE_STAGE,
    change_deal,
    change_deals,
    create_deal,
    delete_deals,
    hold_contacts_of,
    tag_deals,
    take_back_move,
)
from crm.tables import deal as columns
from crm.tables.deal import STAGE_COLOURS, DealTable, days_text
from crm.views.custom_value import CustomDetailView, CustomListView
from crm.views.deal_board import CRUMB, MODULE, DealBoard
from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.templatetags.digiweb import euros
from digiweb.views.bulk import BulkView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.lookup import LookupView


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_deals(user=user, pks=pks, values={"owner": data["owner"]})


def set_stage(*, user: Any, pks: Any, data: Any) -> None:
    values = {name: data[name] for name in ("stage", "lost_reason", "lost_comment")}
    change_deals(user=user, pks=pks, values=values)


def tag(*, user: Any, pks: Any, data: Any) -> None:
    tag_deals(user=user, pks=pks, add=data["add"], remove=data["remove"])


def put_stage_back(*, user: Any, pks: Any, values: Any) -> None:
    for deal in Deal.objects.visible_to(user, "change").filter(pk__in=pks).order_by("pk"):
        take_back_move(user=user, deal=deal, before=values, version=deal.version)


def put_tags_back(*, user: Any, pks: Any, values: Any) -> None:
    tag_deals(user=user, pks=pks, **values)


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_deals(user=user, pks=pks, batch=data["batch"])


class DealListView(ClientTabMixin, CustomListView, DealBoard):
    """All deals within sight: list and board."""

    module = MODULE
    model = Deal
    urls = "crm:deal"
    title = gettext_lazy("Deals")
    filterset_class = DealFilterSet
    table = DealTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("expected", gettext_lazy("Soonest expected first"), ("expected_key", "id")),
        Sort("-expected", gettext_lazy("Latest expected first"), ("expected_key", "id"), descending=True),
        Sort("-amount", gettext_lazy("Largest amount first"), ("amount", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("amount", "id")),
        Sort("since", gettext_lazy("Longest in their stage first"), ("stage_since", "id")),
        Sort("-since", gettext_lazy("Moved last first"), ("stage_since", "id"), descending=True),
        Sort("quiet", gettext_lazy("Longest without activity first"), ("last_activity_at", "id")),
        Sort("name", gettext_lazy("Title, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Title, Z to A"), ("sort_name", "id"), descending=True),
    )
    modes = ("list", "kanban")
    create_label = gettext_lazy("Create a deal")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No deal yet: create the first one.")
    bulk_actions = (
        BulkAction(
            "stage",
            gettext_lazy("Change the stage"),
            "status-change",
            "change",
            set_stage,
            DealStageForm,
            done_label=ngettext_lazy("%(count)s deal changed.", "%(count)s deals changed.", "count"),
            sets=OF_THE_STAGE,
            put_back=put_stage_back,
            hold=hold_contacts_of,
        ),
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            DealAssignForm,
            done_label=ngettext_lazy("%(count)s deal assigned.", "%(count)s deals assigned.", "count"),
            sets=("owner",),
            put_back=change_deals,
            hold=hold_contacts_of,
        ),
        BulkAction(
            "tag",
            pgettext_lazy("verb", "Tag"),
            "tag",
            "change",
            tag,
            TagsForm,
            done_label=ngettext_lazy("%(count)s deal tagged.", "%(count)s deals tagged.", "count"),
            sets=("tags",),
            put_back=put_tags_back,
            hold=hold_contacts_of,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s deal", "Delete %(count)s deals", "count"),
            done_label=ngettext_lazy("%(count)s deal deleted.", "%(count)s deals deleted.", "count"),
        ),
    )

    def allowed_bulk_actions(self) -> list[BulkAction]:
        """Only administrators give deals to somebody else."""
        user: Any = self.request.user
        allowed = super().allowed_bulk_actions()
        return [action for action in allowed if action.name != "assign" or user.is_admin]


class DealBulkView(BulkView):
    """Actions on many deals."""

    list_view = DealListView
    breadcrumbs = (CRUMB,)

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        action = self.bulk_action()
        if action is not None and action.name == "assign" and not user.is_admin:
            return False
        return super().is_allowed()


class DealDetailView(CustomDetailView):
    """Everything about one deal."""

    module = MODULE
    model = Deal
    urls = "crm:deal"
    breadcrumbs = (CRUMB,)
    template_name = "crm/deal/detail.html"
    select_related = ("company", "contact", "owner")
    facts = (
        (
            gettext_lazy("Deal"),
            (
                columns.AMOUNT,
                Column("own_probability", gettext_lazy("Probability"), cell=columns.probability_fact),
                columns.WEIGHTED,
                columns.EXPECTED,
                columns.NEXT,
                Column("last_activity_at", gettext_lazy("Last activity"), cell=columns.last_fact),
            ),
        ),
        (gettext_lazy("For whom"), (columns.COMPANY, columns.CONTACT)),
        (gettext_lazy("Follow-up"), (columns.OWNER, columns.SOURCE, columns.TAGS, columns.CREATED)),
    )
    ending = (gettext_lazy("Outcome"), (columns.CLOSED, columns.REASON, columns.COMMENT))
    editable = (
        "amount",
        "own_probability",
        "expected_on",
        "company",
        "contact",
        "owner",
        "source",
        "tags",
        "closed_on",
    )

    def subtitle(self, record: Any) -> Any:
        parts = [euros(record.amount), str(record.company or ""), str(record.contact or "")]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_stage_display(), "colour": STAGE_COLOURS[record.stage]}

    def describe(self, record: Any) -> dict[str, Any]:
        described = super().describe(record)
        if not record.is_open:
            heading, ending = self.ending
            shown = ending[:1] if record.stage == Deal.Stage.WON else ending
            changes = described["can_change"]
            rows = [self.describe_fact(record, column, changes=changes) for column in shown]
            described["facts"].insert(1, {"group": heading, "rows": rows})
        return described

    def describe_fact(self, record: Any, column: Column, *, changes: bool) -> dict[str, Any]:
        if column.name == "owner" and changes:
            user: Any = getattr(self, "request", None) and self.request.user
            changes = bool(user and user.is_admin)
        return super().describe_fact(record, column, changes=changes)

    @classmethod
    def fact_named(cls, record: Any, name: str) -> dict[str, Any] | None:
        if name == columns.CLOSED.name:
            return cls().describe_fact(record, columns.CLOSED, changes=True)
        return super().fact_named(record, name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["stages"] = stage_steps(kwargs["object"])
        return context


def stage_steps(deal: Deal) -> list[dict[str, Any]]:
    """The bar of stages: those behind, the present one, those ahead, and how long it stands there."""
    order = Deal.Stage.values
    here = order.index(deal.stage)
    steps = []
    for place, (value, label) in enumerate(Deal.Stage.choices):
        past = place < here and deal.stage != Deal.Stage.LOST and value in Deal.OPEN
        steps.append(
            {
                "value": value,
                "label": label,
                "state": "here" if place == here else "past" if past else "ahead",
                "note": days_text(deal.days_in_stage()) if place == here and deal.is_open else "",
                "asks": value == Deal.Stage.LOST,
            }
        )
    return steps


class DealLookupView(LookupView):
    """Deals to choose one from while typing."""

    module = MODULE
    model = Deal
    select_related = ("company", "contact")

    def subtitle(self, record: Any) -> str:
        """Whose it is first: of deals called « Création du site » there are many."""
        whose = record.company or record.contact
        parts = (str(whose or ""), record.get_stage_display(), euros(record.amount))
        return " · ".join(part for part in parts if part)


class DealFormView(FormView):
    """What creating and editing a deal share."""

    module = MODULE
    model: type[Record] = Deal
    form_class = DealForm
    urls = "crm:deal"
    breadcrumbs = (CRUMB,)


class DealCreateView(DealFormView, CreateView):
    """A new deal; from a contact's page it is their company's too."""

    title = gettext_lazy("New deal")
    submit_label = gettext_lazy("Create the deal")

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        number = whole_number(initial.get("contact", ""))
        if number is not None and not initial.get("company"):
            contact = Contact.objects.visible_to(self.request.user).filter(pk=number).first()
            if contact is not None and contact.company_id:
                initial["company"] = contact.company_id
        return initial

    def save(self, form: Any) -> Deal:
        return create_deal(user=self.request.user, deal=form.instance, tags=form.cleaned_data["tags"])

    def get_cancel_url(self) -> str:
        return reverse("crm:deal_list")


class DealEditView(DealFormView, EditView):
    """A deal changed: whole, or one field in place."""

    select_related = ("company", "contact", "owner")
    submit_label = gettext_lazy("Save the deal")
    change_actions = ("changed", "moved", "won", "lost", "reopened", "postponed", "move_undone")

    def save(self, form: Any) -> Deal:
        deal: Deal = self.get_instance()
        change_deal(
            user=self.request.user,
            deal=deal,
            values=form.values(),
            version=form.cleaned_data["version"],
            tags=form.cleaned_data.get("tags"),
        )
        return deal

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return DealDetailView.fact_named(record, name)


class DealDeleteView(DeleteView):
    """A deal moved to the bin."""

    module = MODULE
    model = Deal
    list_url_name = "crm:deal_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_deals(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [_("It stays in the bin for 30 days, with its notes and its history.")]
