"""Pages of reminders to come: the list, the exact message before it leaves, what one does with it."""

from datetime import date
from typing import Any

from csp.constants import SELF
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from crm.models import Client
from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.sending import send_drawn
from digiweb.templatetags.digiweb import money
from digiweb.views.base import RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import EditView
from digiweb.views.list import ListView
from digiweb.views.verb import VerbView
from sales.filters.reminder import ReminderPlanFilterSet
from sales.forms.reminder import ClientPauseForm, PauseForm
from sales.models import Invoice, Reminder, ReminderPlan, ReminderStage
from sales.models.document import NO_DAY
from sales.services.invoice_sending import pdf_name
from sales.services.reminder import (
    mail_context,
    pause,
    pause_client,
    resume_client,
    send_many,
    skip_many,
)
from sales.services.reminder_letter import letter_name, letter_pdf
from sales.services.reminder_plan import recipient_of
from sales.services.reminder_words import words_of
from sales.tables import reminder as columns
from sales.tables.reminder import PLAN_COLOURS, ReminderPlanTable, stage_text

MODULE = "sales.reminder"
CRUMB = (gettext_lazy("Reminders"), "/sales/reminders/")
AROUND = tuple(f"invoice__{name}" for name in ("agency", "company", "contact", "client", "owner", "deal"))
# Our own words with their styles in a frame: no script, no picture from anywhere.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


def send_each(*, user: Any, pks: Any, data: Any) -> None:
    send_many(user=user, pks=pks)


def skip_each(*, user: Any, pks: Any, data: Any) -> None:
    skip_many(user=user, pks=pks)


class ReminderListView(ListView):
    """What leaves next, invoice by invoice."""

    module = MODULE
    model = ReminderPlan
    urls = "sales:reminder"
    title = gettext_lazy("Reminders")
    filterset_class = ReminderPlanFilterSet
    table = ReminderPlanTable
    sorts = (
        Sort("leaves", gettext_lazy("Leaving first"), ("leaves_on", "id")),
        Sort("-leaves", gettext_lazy("Leaving last"), ("leaves_on", "id"), descending=True),
        Sort("due", gettext_lazy("Due first"), ("due_on", "id")),
        Sort("-due", gettext_lazy("Due last"), ("due_on", "id"), descending=True),
        Sort("-amount", gettext_lazy("Largest amount first"), ("balance", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("balance", "id")),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
    )
    empty_text = gettext_lazy("Nothing is owed: no reminder is to come.")
    bulk_actions = (
        BulkAction(
            "send",
            gettext_lazy("Send now"),
            "send",
            "create",
            send_each,
            done_label=ngettext_lazy("%(count)s reminder leaves.", "%(count)s reminders leave.", "count"),
        ),
        BulkAction(
            "skip",
            gettext_lazy("Pass over"),
            "player-skip-forward",
            "change",
            skip_each,
            done_label=ngettext_lazy(
                "%(count)s reminder passed over.", "%(count)s reminders passed over.", "count"
            ),
        ),
    )

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer("invoice__facts", "invoice__terms", "invoice__introduction")

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        buttons = [
            {"label": _("History"), "icon": "history", "url": reverse("sales:reminder_sent_list") + "?all=1"}
        ]
        if user.can("sales.agency", "change"):
            stages = reverse("agencies:reminder_stage_list")
            buttons.append({"label": _("Stages"), "icon": "mail-cog", "url": stages})
        return buttons


class ReminderBulkView(BulkView):
    """Actions on many reminders to come."""

    list_view = ReminderListView
    breadcrumbs = (CRUMB,)


def preview_of(invoice: Invoice, stage: ReminderStage, on: date, seller: Any = None) -> Reminder:
    """The reminder that would leave on a day; not saved."""
    words = words_of(invoice, stage, on, seller or invoice.owner)
    return Reminder(
        invoice=invoice,
        stage=stage,
        stage_name=stage.name,
        days=stage.days,
        is_formal=stage.is_formal,
        claimed_on=on,
        to=recipient_of(invoice),
        subject=words.subject,
        body=words.body,
        balance=invoice.balance,
        penalties=words.charges.penalties,
        indemnity=words.charges.indemnity,
    )


def mail_response(reminder: Reminder) -> HttpResponse:
    """The message itself as a mail program shows it, for a frame of ours."""
    context = mail_context(reminder)
    with translation.override(reminder.invoice.language):
        page = render_to_string("email/sales/reminder.html", {"site_url": "", **context})
    response = HttpResponse(page)
    response["Content-Security-Policy"] = MAIL_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def letter_response(content: bytes, invoice: Invoice) -> HttpResponse:
    """A letter, shown in the browser."""
    return send_drawn(content, name=letter_name(invoice))


class PlanMixin(RecordMixin):
    """One reminder to come."""

    module = MODULE
    model = ReminderPlan
    action = "view"
    select_related = (*AROUND, "stage")

    def message(self) -> Reminder:
        """What would leave; 404 where nothing is to come."""
        plan = self.get_object()
        if plan.stage is None:
            raise Http404
        return preview_of(plan.invoice, plan.stage, day_of(plan))


def day_of(plan: ReminderPlan) -> date:
    """The day as of which it is shown: the one on which it leaves."""
    today = timezone.localdate()
    return today if plan.leaves_on == NO_DAY else max(plan.leaves_on, today)


class ReminderDetailView(DetailView):
    """The next reminder of an invoice: the exact message, what is attached, and the buttons."""

    module = MODULE
    model = ReminderPlan
    urls = "sales:reminder"
    breadcrumbs = (CRUMB,)
    template_name = "sales/reminder/detail.html"
    select_related = (*AROUND, "stage")
    facts = (
        (
            pgettext_lazy("invoice", "Reminder"),
            (columns.STAGE, columns.LEAVES, columns.STATE, columns.PAUSED),
        ),
        (
            gettext_lazy("Invoice"),
            (columns.INVOICE, columns.CLIENT, columns.DUE, columns.BALANCE, columns.AGENCY, columns.OWNER),
        ),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response._csp_replace = {"frame-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def subtitle(self, record: Any) -> Any:
        parts = [columns.client_text(record), stage_text(record), money(record.balance)]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": PLAN_COLOURS[record.state]}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        fact = super().describe_fact(record, column, changes=False)
        if column.name == "invoice":
            user: Any = self.request.user
            if user.can("sales.invoice", "view"):
                fact["html"] = columns.link_to(record.invoice)
        return fact

    def actions(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        found: list[dict[str, Any]] = []
        if record.state == ReminderPlan.State.PLANNED and user.may("create", record):
            now = {"label": _("Send now"), "icon": "send", "primary": True, "drawer": True}
            found.append({**now, "url": self.url("send", record)})
        if record.paused_until is None:
            found.append(
                {
                    "label": _("Pause"),
                    "icon": "player-pause",
                    "drawer": True,
                    "url": self.url("pause", record),
                }
            )
        else:
            again = {"label": _("Take up again"), "icon": "player-play", "post": True}
            found.append({**again, "url": self.url("resume", record)})
        return found

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        client = record.invoice.client
        lines: list[dict[str, Any]] = []
        if record.stage is not None and user.may("change", record):
            over = {"label": _("Pass over"), "icon": "player-skip-forward", "post": True}
            lines.append({**over, "url": self.url("skip", record)})
        if client is not None and user.may("change", record) and user.can("crm.client", "change", client):
            address = reverse("sales:reminder_client_pause", args=[client.pk])
            whole = {"label": _("Pause all reminders to this client"), "icon": "player-pause", "drawer": True}
            lines.append({**whole, "url": address})
            if client.reminder_pauses.exists():
                address = reverse("sales:reminder_client_resume", args=[client.pk])
                on = {"label": _("Take up reminders to this client"), "icon": "player-play", "post": True}
                lines.append({**on, "url": address})
        return lines

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = kwargs["object"]
        message = preview_of(plan.invoice, plan.stage, day_of(plan)) if plan.stage is not None else None
        attached = []
        if message is not None and plan.stage.is_formal:
            letter = self.url("letter", plan)
            attached.append({"name": letter_name(plan.invoice), "url": letter})
        if message is not None and plan.stage.attaches_invoice:
            invoice = reverse("sales:invoice_pdf", args=[plan.invoice_id])
            attached.append({"name": pdf_name(plan.invoice), "url": invoice})
        client = plan.invoice.client
        return {
            **super().get_context_data(**kwargs),
            "message": message,
            "attached": attached,
            "mail_url": self.url("mail", plan),
            "client_pause": client.reminder_pauses.order_by("-until").first() if client else None,
            "gone": list(plan.invoice.reminders.select_related("asked_by").order_by("-id")),
        }


class ReminderMailView(PlanMixin):
    """The message, in a frame of the page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return mail_response(self.message())


class ReminderLetterView(PlanMixin):
    """The letter of a formal notice as it would leave."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self.get_object()
        if plan.stage is None or not plan.stage.is_formal:
            raise Http404
        return letter_response(letter_pdf(plan.invoice, day_of(plan), plan.invoice.owner), plan.invoice)


class ReminderPauseView(EditView):
    """No reminder of this invoice until a day."""

    module = MODULE
    model: type[Record] = ReminderPlan
    form_class = PauseForm
    select_related = AROUND
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Pause the reminders")

    def get_title(self) -> Any:
        return _("Pause the reminders of “%(invoice)s”") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> ReminderPlan:
        plan: ReminderPlan = self.get_instance()
        data = form.cleaned_data
        pause(user=self.request.user, plan=plan, until=data["until"], reason=data["reason"])
        return plan

    def get_success_text(self, record: Any) -> str:
        return _("Reminders of “%(invoice)s” are paused.") % {"invoice": record}


class ClientPauseView(EditView):
    """No reminder to a client until a day."""

    module = MODULE
    model: type[Record] = Client
    form_class = ClientPauseForm
    select_related = ("company", "contact")
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Pause the reminders")

    def get_title(self) -> Any:
        return _("Pause the reminders to “%(client)s”") % {"client": self.get_instance()}

    def save(self, form: Any) -> Client:
        client: Client = self.get_instance()
        data = form.cleaned_data
        pause_client(user=self.request.user, client=client, until=data["until"], reason=data["reason"])
        return client

    def get_success_text(self, record: Any) -> str:
        return _("Reminders to “%(client)s” are paused.") % {"client": record}


class ClientResumeView(VerbView):
    """Reminders to a client go on."""

    module = MODULE
    model = Client
    select_related = ("company", "contact")
    verb = staticmethod(resume_client)
    done = gettext_lazy("Reminders to “%(client)s” go on.")
