"""Columns of reminders, to come and gone."""

from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, day, escape, person
from digiweb.templatetags.digiweb import money
from sales.models import ReminderPlan
from sales.models.document import NO_DAY

PLAN_COLOURS = {
    "planned": "blue",
    "paused": "amber",
    "disputed": "red",
    "stuck": "red",
    "debit": "slate",
    "done": "slate",
}
COLOURS = {
    "waiting": "blue",
    "sending": "blue",
    "sent": "green",
    "refused": "red",
    "skipped": "slate",
    "dropped": "slate",
}
OF_INVOICE = ("invoice", "invoice__company", "invoice__contact")


def name_cell(row: Any) -> SafeString:
    text = escape(str(row.invoice))
    return SafeString(f'<a class="dw-name" href="{row.get_absolute_url()}">{text}</a>')


def link_to(invoice: Any) -> SafeString:
    return SafeString(f'<a href="{invoice.get_absolute_url()}">{escape(str(invoice))}</a>')


def client_text(row: Any) -> str:
    return str(row.invoice.addressee or "")


def stage_text(plan: ReminderPlan) -> str:
    return f"{plan.stage.when} · {plan.stage}" if plan.stage is not None else ""


def leaves_text(plan: ReminderPlan) -> str:
    return date_format(plan.leaves_on, "SHORT_DATE_FORMAT") if plan.leaves_on < NO_DAY else ""


def badge(label: Any, colour: str) -> SafeString:
    return SafeString(f'<span class="dw-badge dw-badge-{colour}">{escape(str(label))}</span>')


INVOICE = Column(
    "invoice", _("Invoice"), cell=name_cell, export=lambda r: str(r.invoice), select_related=("invoice",)
)
CLIENT = Column(
    "client",
    _("Client"),
    cell=lambda r: escape(client_text(r)),
    export=client_text,
    sort="sort_name",
    select_related=OF_INVOICE,
)
BALANCE = Column(
    "balance",
    _("Left to pay"),
    cell=lambda r: money(r.balance),
    export=lambda r: r.balance,
    sort="balance",
    align="end",
)
OWNER = Column(
    "owner",
    _("Salesperson"),
    cell=lambda r: person("owner")(r.invoice),
    export=lambda r: str(r.invoice.owner),
    select_related=("invoice", "invoice__owner"),
)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda r: escape(str(r.invoice.agency)),
    export=lambda r: str(r.invoice.agency),
    select_related=("invoice", "invoice__agency"),
    default=False,
)
# --- To come
LEAVES = Column(
    "leaves_on",
    pgettext_lazy("reminder", "Leaves on"),
    cell=lambda p: escape(leaves_text(p)) or "–",
    export=lambda p: p.leaves_on if p.leaves_on < NO_DAY else "",
    sort="leaves_on",
)
STAGE = Column(
    "stage",
    pgettext_lazy("reminder", "Stage"),
    cell=lambda p: escape(stage_text(p)) or "–",
    export=stage_text,
    select_related=("stage",),
)
STATE = Column(
    "state",
    _("State"),
    cell=lambda p: badge(p.status_label, PLAN_COLOURS[p.state]),
    export=lambda p: str(p.status_label),
)
DUE = Column("due_on", _("Due on"), sort="due_on")
PAUSED = Column("paused_until", _("Paused until"), default=False)
# --- Gone
DAY = Column("claimed_on", _("Day"), sort="claimed_on")
STAGE_NAME = Column("stage_name", pgettext_lazy("reminder", "Stage"))
GONE_STATE = Column(
    "state",
    _("State"),
    cell=lambda r: badge(r.status_label, COLOURS[r.state]),
    export=lambda r: str(r.status_label),
)
TO = Column("to", _("Recipient"))
BY = Column(
    "asked_by",
    _("By"),
    cell=lambda r: person("asked_by")(r) if r.asked_by_id else escape(str(_("By itself"))),
    export=lambda r: str(r.asked_by or ""),
    select_related=("asked_by",),
)
ERROR = Column("error", _("Why not"), default=False)
SUBJECT = Column("subject", _("Subject"), default=False)
PENALTIES = Column(
    "penalties",
    _("Penalties"),
    cell=lambda r: money(r.penalties) if r.penalties else "",
    export=lambda r: r.penalties,
    align="end",
    default=False,
)
SENT = Column("sent_at", pgettext_lazy("invoice", "Sent on"), cell=day("sent_at"), default=False)


class ReminderPlanTable(Table):
    """The list of reminders to come (SPEC S5)."""

    columns = (INVOICE, CLIENT, LEAVES, STAGE, STATE, BALANCE, DUE, OWNER, AGENCY, PAUSED)


class ReminderTable(Table):
    """The list of reminders that went out."""

    columns = (
        INVOICE, CLIENT, DAY, STAGE_NAME, GONE_STATE, TO, BALANCE, BY, OWNER, AGENCY, PENALTIES, SUBJECT,
        ERROR, SENT,
    )  # fmt: skip
