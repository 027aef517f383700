"""Columns of deals."""

from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from crm.models import Deal
from crm.services.deal_step import stale_before, stale_days
from crm.tables.contact import name_cell
from digiweb.tables import Column, Table, badge, day, escape, link, person, tag_list
from digiweb.templatetags.digiweb import ago, euros, icon, money

STAGE_COLOURS = {
    "discovery": "slate",
    "qualification": "blue",
    "proposal": "purple",
    "negotiation": "amber",
    "won": "green",
    "lost": "red",
}


def nothing_planned() -> str:
    return _("No activity planned")


def postponed_text(count: int) -> str:
    return ngettext("put off %(n)s time", "put off %(n)s times", count) % {"n": count}


def quiet_text(deal: Any, now: Any) -> str:
    """How long nothing was done on a deal that is stale."""
    days = max((now - deal.last_activity_at).days, 1)
    return ngettext("%(n)s day without activity", "%(n)s days without activity", days) % {"n": days}


def days_text(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@lru_cache(maxsize=8)
def _mark(name: str) -> str:
    return icon(name)


@lru_cache(maxsize=16)
def _flag(tone: str, name: str, text: str) -> SafeString:
    return SafeString(f'<span class="dw-flag dw-mark-{tone}">{_mark(name)}{escape(text)}</span>')


def percent(value: int) -> str:
    return f"{value}\u00a0%" if (get_language() or "").startswith("fr") else f"{value}%"


def amount_cell(deal: Any) -> str:
    """Cents only where there are some."""
    return euros(deal.amount) if deal.amount == int(deal.amount) else money(deal.amount)


def weighted_cell(deal: Any) -> str:
    return euros(deal.weighted) if deal.is_open else ""


def probability_cell(deal: Any) -> SafeString:
    """The probability, and whether it is the salesperson's own."""
    if deal.own_probability is None or not deal.is_open:
        return SafeString(percent(deal.probability))
    text = escape(_("By hand; usual at this stage: %(percent)s %%") % {"percent": deal.usual_probability})
    shown = f"{_mark('hand-finger')}{percent(deal.probability)}"
    return SafeString(f'<span class="dw-by-hand" title="{text}">{shown}</span>')


def probability_fact(deal: Any) -> SafeString:
    """The same in words, for the record's page."""
    if not deal.is_open:
        return SafeString(percent(deal.probability))
    if deal.own_probability is None:
        text = _("usual at this stage")
    else:
        text = _("by hand; usual at this stage: %(percent)s %%") % {"percent": deal.usual_probability}
    return SafeString(f'{percent(deal.probability)} <span class="dw-muted">{escape(text)}</span>')


def expected_cell(deal: Any) -> Any:
    """The expected day; in red with a mark once it has passed, with the times it was put off."""
    if deal.expected_on is None:
        return ""
    shown = escape(date_format(deal.expected_on, "SHORT_DATE_FORMAT"))
    late = ""
    if deal.is_late:
        late = f' <span class="dw-flag dw-mark-bad" title="{escape(_("Closing date passed"))}">{_mark("clock-exclamation")}<span class="visually-hidden">{escape(_("Closing date passed"))}</span></span>'  # noqa: E501
    off = ""
    if deal.postponed_count:
        text = escape(postponed_text(deal.postponed_count))
        off = f' <span class="dw-flag dw-muted" title="{text}">{_mark("calendar-repeat")}<span aria-hidden="true">{deal.postponed_count}</span><span class="visually-hidden">{text}</span></span>'  # noqa: E501
    return SafeString(f"{shown}{late}{off}")


def next_cell(deal: Any) -> Any:
    """When something is planned; a mark where nothing is, as long as the deal is open."""
    if deal.next_activity_at is not None:
        return ago(deal.next_activity_at)
    return _flag("warn", "calendar-off", _("Nothing planned")) if deal.is_open else ""


def since_cell(deal: Any) -> str:
    return days_text(deal.days_in_stage()) if deal.is_open else ""


def lost_cell(deal: Any) -> str:
    return str(deal.get_lost_reason_display())


NAME = Column("title", gettext_lazy("Title"), cell=name_cell, export=str, sort="sort_name")
COMPANY = Column(
    "company",
    gettext_lazy("Company"),
    cell=link("company"),
    export=lambda d: str(d.company or ""),
    select_related=("company",),
)
CONTACT = Column(
    "contact",
    gettext_lazy("Contact"),
    cell=link("contact"),
    export=lambda d: str(d.contact or ""),
    select_related=("contact",),
    default=False,
)
STAGE = Column(
    "stage",
    gettext_lazy("Stage"),
    cell=badge("stage", STAGE_COLOURS),
    export=lambda d: d.get_stage_display(),
)
AMOUNT = Column("amount", gettext_lazy("Amount"), cell=amount_cell, sort="amount", align="end")
WEIGHTED = Column(
    "weighted",
    gettext_lazy("Weighted"),
    cell=weighted_cell,
    export=lambda d: d.weighted.quantize(d.amount),
    align="end",
    default=False,
)
PROBABILITY = Column(
    "own_probability",
    gettext_lazy("Probability"),
    cell=probability_cell,
    export=lambda d: d.probability,
    align="end",
)
EXPECTED = Column(
    "expected_on",
    gettext_lazy("Expected closing"),
    cell=expected_cell,
    sort="expected_key",
)
NEXT = Column(
    "next_activity_at",
    gettext_lazy("Next activity"),
    cell=next_cell,
    export=lambda d: timezone.localtime(d.next_activity_at) if d.next_activity_at else "",
)
SINCE = Column(
    "stage_since",
    gettext_lazy("In this stage for"),
    cell=since_cell,
    export=lambda d: d.days_in_stage() if d.is_open else "",
    sort="stage_since",
    align="end",
    default=False,
)


def quiet_cell(deal: Any) -> Any:
    return ago(deal.last_activity_at) if deal.is_open else ""


def last_fact(deal: Any) -> Any:
    """The same on the record's page, with a mark once that is too long ago at this stage."""
    shown = ago(deal.last_activity_at)
    if not deal.is_open or deal.last_activity_at >= stale_before(stale_days()[deal.stage]):
        return shown
    flag = _flag("warn", "zzz", quiet_text(deal, timezone.now()))
    return SafeString(f"{shown} {flag}")


LAST = Column(
    "last_activity_at",
    gettext_lazy("Last activity"),
    cell=quiet_cell,
    export=lambda d: timezone.localtime(d.last_activity_at),
    sort="last_activity_at",
    default=False,
)
SOURCE = Column("source", gettext_lazy("Source"), default=False)
OWNER = Column(
    "owner",
    gettext_lazy("Assigned salesperson"),
    cell=person("owner"),
    export=lambda d: str(d.owner),
    select_related=("owner",),
)
TAGS = Column(
    "tags",
    gettext_lazy("Tags"),
    cell=tag_list,
    export=lambda d: ", ".join(tag.name for tag in d.tags.all()),
    prefetch_related=("tags",),
    default=False,
)
CLOSED = Column("closed_on", gettext_lazy("Closed on"), default=False)
REASON = Column(
    "lost_reason", gettext_lazy("Reason of the loss"), cell=lost_cell, export=lost_cell, default=False
)
COMMENT = Column("lost_comment", gettext_lazy("What happened"), default=False)
CREATED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"), sort="id", default=False)


class DealTable(Table):
    """The list of deals (SPEC C5)."""

    columns = (
        NAME,
        COMPANY,
        AMOUNT,
        STAGE,
        PROBABILITY,
        EXPECTED,
        NEXT,
        OWNER,
        CONTACT,
        WEIGHTED,
        SINCE,
        LAST,
        SOURCE,
        Column(
            "postponed_count",
            gettext_lazy("Times put off"),
            cell=lambda d: d.postponed_count or "",
            align="end",
            default=False,
        ),
        CLOSED,
        REASON,
        COMMENT,
        TAGS,
        CREATED,
        Column("updated_at", gettext_lazy("Changed on"), cell=day("updated_at"), default=False),
    )


def stage_label(value: str) -> str:
    """The name of a stage, in the person's language."""
    return str(Deal.Stage(value).label)
