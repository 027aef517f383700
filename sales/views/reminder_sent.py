"""Pages of reminders that went out, were passed over or did not leave."""

from typing import Any

from csp.constants import SELF
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from digiweb.paging import Sort
from digiweb.templatetags.digiweb import money
from digiweb.views.base import RecordMixin
from digiweb.views.detail import DetailView
from digiweb.views.list import ListView
from digiweb.views.verb import VerbView
from sales.filters.reminder import ReminderFilterSet
from sales.models import Reminder
from sales.services.invoice_sending import pdf_name
from sales.services.reminder import send_again
from sales.services.reminder_letter import letter_name, read_letter
from sales.tables import reminder as columns
from sales.tables.reminder import COLOURS, ReminderTable
from sales.views.reminder import AROUND, CRUMB, MODULE, letter_response, mail_response


class ReminderSentListView(ListView):
    """The history of all invoices: sent, refused, by whom."""

    module = MODULE
    model = Reminder
    urls = "sales:reminder_sent"
    title = gettext_lazy("Reminders sent")
    breadcrumbs = (CRUMB,)
    filterset_class = ReminderFilterSet
    table = ReminderTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("-day", gettext_lazy("Latest first"), ("claimed_on", "id"), descending=True),
        Sort("day", gettext_lazy("Earliest first"), ("claimed_on", "id")),
        Sort("-amount", gettext_lazy("Largest amount first"), ("balance", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("balance", "id")),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
    )
    empty_text = gettext_lazy("No reminder was sent yet.")

    def rows_queryset(self) -> QuerySet:
        heavy = ("body", "invoice__facts", "invoice__terms", "invoice__introduction")
        return super().rows_queryset().defer(*heavy)


class ReminderSentDetailView(DetailView):
    """One reminder as it left."""

    module = MODULE
    model = Reminder
    urls = "sales:reminder_sent"
    breadcrumbs = (CRUMB, (gettext_lazy("Reminders sent"), "/sales/reminders/history/"))
    template_name = "sales/reminder/detail.html"
    select_related = (*AROUND, "stage", "asked_by")
    facts = (
        (
            pgettext_lazy("invoice", "Reminder"),
            (columns.STAGE_NAME, columns.DAY, columns.GONE_STATE, columns.TO, columns.BY, columns.ERROR),
        ),
        (
            gettext_lazy("Invoice"),
            (
                columns.INVOICE,
                columns.CLIENT,
                columns.BALANCE,
                columns.PENALTIES,
                columns.AGENCY,
                columns.OWNER,
            ),
        ),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response._csp_replace = {"frame-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def subtitle(self, record: Any) -> Any:
        return " · ".join(filter(None, [columns.client_text(record), money(record.balance)]))

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": COLOURS[record.state]}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        fact = super().describe_fact(record, column, changes=False)
        user: Any = self.request.user
        if column.name == "invoice" and user.can("sales.invoice", "view"):
            fact["html"] = columns.link_to(record.invoice)
        return fact

    def actions(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if record.state not in (Reminder.State.REFUSED, Reminder.State.DROPPED):
            return []
        if not user.may("create", record):
            return []
        again = {"label": _("Send again"), "icon": "send", "primary": True, "post": True}
        return [{**again, "url": reverse("sales:reminder_sent_again", args=[record.pk])}]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = kwargs["object"]
        attached = []
        if one.letter:
            letter = reverse("sales:reminder_sent_letter", args=[one.pk])
            attached.append({"name": letter_name(one.invoice), "url": letter, "sha256": one.letter_sha256})
        if one.state == Reminder.State.SENT and one.stage.attaches_invoice:
            invoice = reverse("sales:invoice_pdf", args=[one.invoice_id])
            attached.append({"name": pdf_name(one.invoice), "url": invoice})
        return {
            **super().get_context_data(**kwargs),
            "message": one if one.body else None,
            "attached": attached,
            "mail_url": reverse("sales:reminder_sent_mail", args=[one.pk]),
            "gone": [],
        }


class SentMixin(RecordMixin):
    """One reminder that went out."""

    module = MODULE
    model = Reminder
    action = "view"
    select_related = (*AROUND, "stage", "asked_by")


class ReminderSentMailView(SentMixin):
    """The message as it left, in a frame of the page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self.get_object()
        if not one.body:
            raise Http404
        return mail_response(one)


class ReminderSentLetterView(SentMixin):
    """The letter as it left; 404 where the file is not what was kept."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self.get_object()
        if not one.letter:
            raise Http404
        try:
            content = read_letter(one)
        except (ValidationError, OSError) as error:
            raise Http404 from error
        return letter_response(content, one.invoice)


class ReminderAgainView(VerbView):
    """One that did not leave, sent once more."""

    module = MODULE
    model = Reminder
    action = "create"
    select_related = AROUND
    verb = staticmethod(send_again)
    done = gettext_lazy("The reminder “%(reminder)s” leaves.")
