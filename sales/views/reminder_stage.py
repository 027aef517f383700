"""Pages of the stages of reminders and of the rates of penalties: `/settings/`."""

from typing import Any

from csp.constants import SELF
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.views.base import RecordMixin
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from sales.filters.reminder_stage import PenaltyRateFilterSet, ReminderStageFilterSet
from sales.forms.reminder_stage import PenaltyRateForm, ReminderStageForm
from sales.models import Invoice, PenaltyRate, ReminderStage
from sales.services.penalties import is_rate_missing
from sales.services.reminder_letter import letter_pdf
from sales.services.reminder_stage import (
    change_rate,
    change_stage,
    create_rate,
    create_stage,
    delete_rates,
    delete_stages,
)
from sales.tables import reminder_stage as columns
from sales.tables.reminder_stage import PenaltyRateTable, ReminderStageTable, agency_text
from sales.views.reminder import letter_response, mail_response, preview_of

MODULE = "sales.agency"
CRUMB = (gettext_lazy("Stages of reminders"), "/settings/reminders/")
RATES = (gettext_lazy("Rates of penalties"), "/settings/penalty-rates/")


class StageListView(ListView):
    """When clients are reminded, and in which words."""

    module = MODULE
    model = ReminderStage
    urls = "agencies:reminder_stage"
    title = gettext_lazy("Stages of reminders")
    filterset_class = ReminderStageFilterSet
    table = ReminderStageTable
    sorts = (
        Sort("days", gettext_lazy("In their order"), ("days", "id")),
        Sort("-days", gettext_lazy("Last stage first"), ("days", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
    )
    create_label = gettext_lazy("Create a stage")
    empty_text = gettext_lazy("No stage: nobody is reminded of anything.")

    def notice(self) -> Any:
        return super().notice() or _(
            "They leave by themselves in the morning of working days, the latest that is due, once each. An "
            "agency that has stages of its own uses those alone."
        )

    def extra_actions(self) -> list[dict[str, Any]]:
        rates = reverse("agencies:penalty_rate_list")
        return [{"label": _("Rates of penalties"), "icon": "percentage", "url": rates}]


class StageDetailView(DetailView):
    """One stage, and how it reads on a real invoice."""

    module = MODULE
    model = ReminderStage
    urls = "agencies:reminder_stage"
    breadcrumbs = (CRUMB,)
    select_related = ("agency",)
    facts = (
        (
            gettext_lazy("Stage"),
            (columns.PLAIN_NAME, columns.DAYS, columns.AGENCY, columns.FORMAL, columns.ATTACHES,
             columns.TELLS, columns.ACTIVE),
        ),
        (gettext_lazy("Texts"), columns.TEXTS),
    )  # fmt: skip
    editable = (
        "name", "days", "is_formal", "attaches_invoice", "tells_penalties", "is_active", "subject_fr",
        "body_fr", "subject_en", "body_en",
    )  # fmt: skip
    template_name = "sales/reminder/stage.html"
    side = ("sales/reminder/stage_preview.html",)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response._csp_replace = {"frame-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def subtitle(self, record: Any) -> Any:
        return f"{record.when} · {agency_text(record)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stage = kwargs["object"]
        return {
            **super().get_context_data(**kwargs),
            "example": example_for(self.request.user, stage),
            "preview_url": reverse("agencies:reminder_stage_preview", args=[stage.pk]),
            "letter_url": reverse("agencies:reminder_stage_letter", args=[stage.pk]),
        }


def example_for(user: Any, stage: ReminderStage, number: int | None = None) -> Invoice | None:
    """An invoice on which the stage is shown: the one that is asked for, else the latest that is owed."""
    seen = Invoice.objects.visible_to(user).filter(status=Invoice.Status.ISSUED, due_on__isnull=False)
    seen = seen.select_related("agency", "company", "contact", "client", "owner", "deal")
    if number is not None:
        chosen: Invoice | None = seen.filter(pk=number).first()
        return chosen
    if stage.agency_id:
        seen = seen.filter(agency=stage.agency_id)
    owed = seen.filter(settlement__in=Invoice.UNPAID).order_by("due_key", "pk").first()
    found: Invoice | None = owed or seen.order_by("-pk").first()
    return found


class StageMixin(RecordMixin):
    """One stage, on an invoice."""

    module = MODULE
    model = ReminderStage
    action = "view"
    select_related = ("agency",)

    def example(self) -> Invoice:
        asked = whole_number(self.request.GET.get("invoice", ""))
        invoice = example_for(self.request.user, self.get_object(), asked)
        if invoice is None:
            raise Http404
        language = self.request.GET.get("language", "")
        if language in Invoice.Language.values:
            invoice.language = language
        return invoice


class StagePreviewView(StageMixin):
    """The message on a real invoice, in a frame of the page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return mail_response(preview_of(self.example(), self.get_object(), timezone.localdate()))


class StageLetterView(StageMixin):
    """The letter of a formal notice on a real invoice."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.get_object().is_formal:
            raise Http404
        invoice = self.example()
        return letter_response(letter_pdf(invoice, timezone.localdate(), invoice.owner), invoice)


class StageFormView(FormView):
    """What creating and editing a stage share."""

    module = MODULE
    model: type[Record] = ReminderStage
    form_class = ReminderStageForm
    urls = "agencies:reminder_stage"
    breadcrumbs = (CRUMB,)


class StageCreateView(StageFormView, CreateView):
    """A new stage."""

    title = gettext_lazy("New stage")
    submit_label = gettext_lazy("Create the stage")

    def save(self, form: Any) -> ReminderStage:
        return create_stage(user=self.request.user, stage=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("agencies:reminder_stage_list")


class StageEditView(StageFormView, EditView):
    """A stage changed, for the reminders to come."""

    select_related = ("agency",)
    submit_label = gettext_lazy("Save the stage")

    def save(self, form: Any) -> ReminderStage:
        stage: ReminderStage = self.get_instance()
        version = form.cleaned_data["version"]
        change_stage(user=self.request.user, stage=stage, values=form.values(), version=version)
        return stage

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return StageDetailView.fact_named(record, name)


class StageDeleteView(DeleteView):
    """A stage moved to the bin."""

    module = MODULE
    model = ReminderStage
    list_url_name = "agencies:reminder_stage_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_stages(user=self.request.user, pks=[record.pk])


# --- Rates


class RateListView(ListView):
    """The rates that penalties are worked out of, each from a day on."""

    module = MODULE
    model = PenaltyRate
    urls = "agencies:penalty_rate"
    title = gettext_lazy("Rates of penalties")
    breadcrumbs = (CRUMB,)
    filterset_class = PenaltyRateFilterSet
    table = PenaltyRateTable
    sorts = (
        Sort("-since", gettext_lazy("Latest first"), ("valid_from", "id"), descending=True),
        Sort("since", gettext_lazy("Earliest first"), ("valid_from", "id")),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
    )
    create_label = gettext_lazy("Create a rate")
    empty_text = gettext_lazy("No rate: penalties come to nought.")

    def notice(self) -> Any:
        told = super().notice()
        if told or not is_rate_missing(timezone.localdate()):
            return told
        return _(
            "The legal interest of this half-year is not here yet: the last known one is used. It is "
            "published in the Journal officiel in June and December."
        )


class RateDetailView(DetailView):
    """One rate."""

    module = MODULE
    model = PenaltyRate
    urls = "agencies:penalty_rate"
    breadcrumbs = (CRUMB, RATES)
    facts = ((gettext_lazy("Rate"), (columns.RATE, columns.SINCE, columns.PERCENT, columns.SOURCE)),)
    editable = ("valid_from", "percent", "source")


class RateFormView(FormView):
    """What creating and editing a rate share."""

    module = MODULE
    model: type[Record] = PenaltyRate
    form_class = PenaltyRateForm
    urls = "agencies:penalty_rate"
    breadcrumbs = (CRUMB, RATES)


class RateCreateView(RateFormView, CreateView):
    """A new rate, from a day on."""

    title = gettext_lazy("New rate")
    submit_label = gettext_lazy("Create the rate")

    def save(self, form: Any) -> PenaltyRate:
        return create_rate(user=self.request.user, rate=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("agencies:penalty_rate_list")


class RateEditView(RateFormView, EditView):
    """A rate changed; letters that were sent keep theirs."""

    submit_label = gettext_lazy("Save the rate")

    def save(self, form: Any) -> PenaltyRate:
        rate: PenaltyRate = self.get_instance()
        version = form.cleaned_data["version"]
        change_rate(user=self.request.user, rate=rate, values=form.values(), version=version)
        return rate

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return RateDetailView.fact_named(record, name)


class RateDeleteView(DeleteView):
    """A rate moved to the bin."""

    module = MODULE
    model = PenaltyRate
    list_url_name = "agencies:penalty_rate_list"
    breadcrumbs = (CRUMB, RATES)

    def delete(self, record: Any) -> Any:
        return delete_rates(user=self.request.user, pks=[record.pk])
