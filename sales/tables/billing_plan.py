"""Columns of recurring invoices."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, badge, escape, link
from digiweb.templatetags.digiweb import icon, money
from sales.models import BillingPlan

STATUS_COLOURS = {"active": "green", "stopped": "amber", "done": "slate"}


def source_cell(plan: BillingPlan) -> SafeString:
    text = escape(plan.source)
    return SafeString(f'<a class="dw-name" href="{plan.get_absolute_url()}" title="{text}">{text}</a>')


def period_text(plan: BillingPlan) -> str:
    """« 01/12/2026 – 31/12/2026 »; empty where nothing comes any more."""
    if plan.next_from is None or plan.next_until is None:
        return ""
    days = (date_format(day, "SHORT_DATE_FORMAT") for day in (plan.next_from, plan.next_until))
    return " – ".join(days)


def faults_of(plan: BillingPlan) -> list[str]:
    """What was found by the page (`plan.faults`), then what the last attempt said."""
    found: list[str] = list(getattr(plan, "faults", []))
    return [*found, plan.fault] if plan.fault and plan.fault not in found else found


def faults_cell(plan: BillingPlan) -> Any:
    found = faults_of(plan)
    if not found:
        return ""
    text = escape(" ".join(found))
    return SafeString(
        f'<span class="dw-mark-warn" title="{text}">{icon("alert-triangle")} <span>{text[:80]}'
        f"{'…' if len(text) > 80 else ''}</span></span>"
    )


SOURCE = Column(
    "source",
    _("Subscription or contract"),
    cell=source_cell,
    export=lambda p: str(p.source),
    select_related=("subscription", "contract"),
)
CLIENT = Column(
    "client",
    _("Client"),
    cell=link("client"),
    export=lambda p: str(p.client),
    select_related=("client", "client__company", "client__contact"),
    sort="name",
)
PERIOD = Column(
    "period",
    _("Period"),
    cell=lambda p: escape(p.get_period_display()),
    export=lambda p: p.get_period_display(),
)
TIMING = Column(
    "timing", _("In advance or in arrears"), cell=lambda p: escape(p.get_timing_display()),
    export=lambda p: p.get_timing_display(), default=False,
)  # fmt: skip
NEXT_ON = Column("next_on", _("Next invoice"), sort="next")
NEXT = Column("next_period", _("Next period"), cell=lambda p: escape(period_text(p)), export=period_text)
AMOUNT = Column("next_net", _("Before tax"), cell=lambda p: money(p.next_net), align="end")
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda p: escape(p.agency),
    export=lambda p: str(p.agency),
    select_related=("agency",),
)
METHOD = Column(
    "payment_method",
    _("Payment method"),
    cell=lambda p: escape(p.get_payment_method_display()),
    export=lambda p: p.get_payment_method_display(),
)
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda p: p.get_status_display()
)
FAULTS = Column("faults", _("Faults"), cell=faults_cell, export=lambda p: " ".join(faults_of(p)))
START = Column("starts_on", _("Invoiced from"), default=False)
UNTIL = Column("billed_until", _("Invoiced until"), default=False)
DAY = Column("day", _("Day of the invoice"), default=False)
RATE = Column("vat_rate", _("VAT rate (%)"), default=False)
ORDER = Column("order_reference", pgettext_lazy("billing plan", "Client’s order number"), default=False)


def new_url(name: str, pk: int) -> str:
    """Where a plan for a subscription or a contract is made."""
    return f"{reverse('sales:billing_plan_new')}?{name}={pk}"


class BillingPlanTable(Table):
    """The list of recurring invoices."""

    columns = (
        CLIENT, SOURCE, NEXT_ON, NEXT, AMOUNT, FAULTS, METHOD, PERIOD, STATUS, AGENCY, TIMING, DAY, START,
        UNTIL, ORDER,
    )  # fmt: skip
