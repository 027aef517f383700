"""Pages of mandates: the list, each one, writing one down, revoking it."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.mandate import MandateFilterSet
from sales.forms.mandate import MandateForm, RevokeForm
from sales.models import Debit, Mandate
from sales.services.mandate import AROUND, change_mandate, create_mandate, revoke_mandate
from sales.tables import mandate as columns
from sales.tables.mandate import STATUS_COLOURS, MandateTable

MODULE = "sales.mandate"
CRUMB = (gettext_lazy("Mandates"), "/sales/mandates/")
NUMBERS = ("account__iban", "account__bic", "agency__iban", "agency__bic")
SHOWN = 10


class MandateListView(ListView):
    """All mandates within sight; filtered, the tab of a client."""

    module = MODULE
    model = Mandate
    urls = "sales:mandate"
    title = gettext_lazy("Mandates")
    filterset_class = MandateFilterSet
    table = MandateTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
    )
    create_label = gettext_lazy("Add a mandate")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No mandate yet: write the first one down when a client has signed it.")

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().select_related("agency", "account").defer(*NUMBERS)


class MandateDetailView(DetailView):
    """One mandate, and what was collected by it."""

    module = MODULE
    model = Mandate
    urls = "sales:mandate"
    breadcrumbs = (CRUMB,)
    select_related = AROUND
    facts = (
        (
            gettext_lazy("Mandate"),
            (columns.CLIENT, columns.AGENCY, columns.ACCOUNT, columns.SCHEME, columns.FREQUENCY),
        ),
        (
            gettext_lazy("Course"),
            (columns.SIGNED, columns.USED, columns.NOTICE, columns.REVOKED, columns.BECAUSE),
        ),
    )
    editable = ("notice_days",)
    side = ("sales/mandate/debits.html",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().defer(*NUMBERS)

    def subtitle(self, record: Any) -> Any:
        return record.client

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        return super().actions(record) if record.is_active else []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not record.is_active or not user.may("change", record):
            return []
        url = reverse("sales:mandate_revoke", args=[record.pk])
        return [
            {"label": _("Revoke"), "url": url, "icon": "writing-sign-off", "danger": True, "drawer": True}
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        debits: list[Debit] = []
        if user.can("sales.debit", "view"):
            found = kwargs["object"].debits.select_related("batch", "invoice").order_by("-pk")
            debits = list(found.defer("batch__content", "invoice__facts")[:SHOWN])
        return super().get_context_data(debits=debits, **kwargs)


class MandateFormView(FormView):
    """What creating and editing a mandate share."""

    module = MODULE
    model: type[Record] = Mandate
    form_class = MandateForm
    urls = "sales:mandate"
    breadcrumbs = (CRUMB,)


class MandateCreateView(MandateFormView, CreateView):
    """A signed mandate written down."""

    title = gettext_lazy("New mandate")

    def save(self, form: Any) -> Mandate:
        return create_mandate(user=self.request.user, mandate=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("sales:mandate_list")


class MandateEditView(MandateFormView, EditView):
    """A mandate corrected."""

    select_related = AROUND

    def save(self, form: Any) -> Mandate:
        mandate: Mandate = self.get_instance()
        change_mandate(
            user=self.request.user,
            mandate=mandate,
            values=form.values(),
            version=form.cleaned_data["version"],
        )
        return mandate

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return MandateDetailView.fact_named(record, name)


class MandateRevokeView(EditView):
    """No collection any more."""

    module = MODULE
    model: type[Record] = Mandate
    form_class = RevokeForm
    select_related = AROUND
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Revoke the mandate")
    change_actions = ("changed", "revoked")

    def get_title(self) -> Any:
        return _("Revoke “%(mandate)s”") % {"mandate": self.get_instance()}

    def save(self, form: Any) -> Mandate:
        mandate: Mandate = self.get_instance()
        revoke_mandate(
            user=self.request.user,
            mandate=mandate,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        return mandate
