"""Columns of clients."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from crm.models import Client
from crm.services.client_health import band, level
from crm.tables.contact import email_cell, name_cell
from crm.tables.deal import days_text
from digiweb.phones import format_phone
from digiweb.tables import Column, Table, badge, day, escape, link, person
from digiweb.templatetags.digiweb import ago, euros, icon, money

STATUS_COLOURS = {"active": "green", "inactive": "slate", "churned": "red"}
# A renewal this near asks for attention.
NEAR = 30


@lru_cache(maxsize=32)
def _mark(name: str) -> str:
    return icon(name)


def amount(value: Any) -> str:
    """Cents only where there are some; nothing for nothing."""
    if not value:
        return ""
    return euros(value) if value == int(value) else money(value)


def health_cell(client: Any) -> SafeString:
    """The number; its colour is said in words too."""
    text = escape(band(client.health))
    return SafeString(
        f'<span class="dw-health dw-health-{level(client.health)}" title="{text}">'
        f'<span class="visually-hidden">{text} </span>{client.health}</span>'
    )


def renewal_cell(client: Any) -> Any:
    """The day, in words when it is near or has passed."""
    if client.renewal_on is None:
        return ""
    shown = escape(date_format(client.renewal_on, "SHORT_DATE_FORMAT"))
    left = (client.renewal_on - timezone.localdate()).days
    if left > NEAR or client.status != Client.Status.ACTIVE:
        return shown
    tone, mark = ("bad", "clock-exclamation") if left < 0 else ("warn", "calendar-due")
    text = escape(renewal_text(left))
    return SafeString(
        f'{shown} <span class="dw-flag dw-mark-{tone}" title="{text}">{_mark(mark)}'
        f'<span class="visually-hidden">{text}</span></span>'
    )


def renewal_text(left: int) -> str:
    """How far a renewal is, in `left` days."""
    if left < 0:
        return ngettext("passed %(n)s day ago", "passed %(n)s days ago", -left) % {"n": -left}
    return days_text(0) if left == 0 else _("in %(days)s") % {"days": days_text(left)}


def next_cell(client: Any) -> Any:
    """When something is planned, marked once that has passed; a mark where nothing is."""
    if client.next_activity_at is not None:
        shown = ago(client.next_activity_at)
        if client.next_activity_at > timezone.now():
            return shown
        late = escape(_("Overdue"))
        return SafeString(
            f'{shown} <span class="dw-flag dw-mark-bad" title="{late}">{_mark("clock-exclamation")}'
            f'<span class="visually-hidden">{late}</span></span>'
        )
    if client.status != Client.Status.ACTIVE:
        return ""
    text = escape(_("Nothing planned"))
    return SafeString(f'<span class="dw-flag dw-mark-warn">{_mark("calendar-off")}{text}</span>')


def last_cell(client: Any) -> Any:
    return "" if client.last_contact_at is None else ago(client.last_contact_at)


def plan_url(client: Any) -> str:
    """Where an activity with this client is entered."""
    return f"{reverse('crm:activity_new')}?{urlencode(about(client))}"


def upsell_url(client: Any) -> str:
    """Where a further deal with this client is entered, with what it might buy."""
    title = client.upsell or _("Upsell: %(client)s") % {"client": client}
    return f"{reverse('crm:deal_new')}?{urlencode({**about(client), 'title': title[:160]})}"


def about(client: Any) -> dict[str, Any]:
    """What forms of activities and deals are told of the client."""
    return {name: pk for name in ("company", "contact") if (pk := getattr(client, f"{name}_id"))}


def actions_cell(client: Any) -> SafeString:
    """What one does with a client without opening it: plan, write, call, sell more."""
    who = escape(client)
    parts = []
    allowed = getattr(client, "allowed", ())
    if "plan" in allowed:
        parts.append(_button(plan_url(client), "calendar-plus", _("Plan an activity"), who, drawer=True))
    if client.email:
        parts.append(_button(f"mailto:{client.email}", "mail", _("Write an e-mail"), who))
    if client.phone:
        text = _("Call %(number)s") % {"number": format_phone(client.phone)}
        parts.append(_button(f"tel:{client.phone}", "phone", text, who))
    if "upsell" in allowed:
        parts.append(_button(upsell_url(client), "trending-up", _("Upsell deal"), who, drawer=True))
    return SafeString(f'<span class="dw-row-actions">{"".join(parts)}</span>')


def _button(url: str, mark: str, text: str, who: str, *, drawer: bool = False) -> str:
    kind = " data-drawer" if drawer else ""
    text = escape(text)
    return (
        f'<a class="dw-row-action" href="{escape(url)}"{kind} title="{text}" aria-label="{text} – {who}">'
        f"{_mark(mark)}</a>"
    )


def address_cell(client: Any) -> str:
    return email_cell(client)


def phone_cell(client: Any) -> str:
    if not client.phone:
        return ""
    shown = escape(format_phone(client.phone))
    return SafeString(f'<a href="tel:{escape(client.phone)}" class="text-nowrap">{shown}</a>')


NAME = Column("name", pgettext_lazy("noun", "Client"), cell=name_cell, export=str, sort="sort_name")
STATUS = Column(
    "status",
    gettext_lazy("Status"),
    cell=badge("status", STATUS_COLOURS),
    export=lambda c: c.get_status_display(),
)
MRR = Column(
    "mrr", gettext_lazy("MRR"), cell=lambda c: amount(c.mrr), export=lambda c: c.mrr, sort="mrr", align="end"
)
ARR = Column(
    "arr",
    gettext_lazy("ARR"),
    cell=lambda c: amount(c.arr),
    export=lambda c: c.arr,
    align="end",
    default=False,
)
SIGNED = Column("signed_on", gettext_lazy("Client since"), default=False)
RENEWAL = Column("renewal_on", gettext_lazy("Renewal date"), cell=renewal_cell, sort="renewal_key")
HEALTH = Column("health", gettext_lazy("Health"), cell=health_cell, sort="health", align="end")
LAST = Column(
    "last_contact_at",
    gettext_lazy("Last contact"),
    cell=last_cell,
    export=lambda c: timezone.localtime(c.last_contact_at) if c.last_contact_at else "",
)
NEXT = Column(
    "next_activity_at",
    gettext_lazy("Next activity"),
    cell=next_cell,
    export=lambda c: timezone.localtime(c.next_activity_at) if c.next_activity_at else "",
)
OWNER = Column(
    "owner", gettext_lazy("Assigned salesperson"), cell=person("owner"), export=lambda c: str(c.owner or "")
)
UPSELL = Column("upsell", gettext_lazy("Upsell opportunity"), default=False)
COMPANY = Column(
    "company",
    gettext_lazy("Company"),
    cell=link("company"),
    export=lambda c: str(c.company or ""),
    default=False,
)
CONTACT = Column(
    "contact",
    gettext_lazy("Contact"),
    cell=link("contact"),
    export=lambda c: str(c.contact or ""),
    default=False,
)
EMAIL = Column("email", gettext_lazy("E-mail"), cell=address_cell, default=False)
PHONE = Column(
    "phone",
    gettext_lazy("Phone"),
    cell=phone_cell,
    export=lambda c: format_phone(c.phone) if c.phone else "",
    default=False,
)
CREATED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"), sort="id", default=False)
ACTIONS = Column("actions", gettext_lazy("Actions"), cell=actions_cell, align="end")


class ClientTable(Table):
    """The list of clients (SPEC C9, R6)."""

    columns = (
        NAME,
        STATUS,
        MRR,
        RENEWAL,
        HEALTH,
        LAST,
        NEXT,
        OWNER,
        ACTIONS,
        ARR,
        SIGNED,
        UPSELL,
        COMPANY,
        CONTACT,
        EMAIL,
        PHONE,
        CREATED,
    )
