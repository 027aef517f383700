"""What our templates need beyond Django: icons, people, drawings, numbers and times as one writes them."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, HiddenInput, RadioSelect, Select
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from digiweb.phones import format_phone

register = template.Library()

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
AVATAR_HUES = 8


# --- Pictures


class UnknownIcon(template.TemplateSyntaxError):
    pass


@lru_cache(maxsize=512)
def _icon_shapes(name: str) -> str:
    """The inside of the SVG, without the invisible square that every Tabler icon begins with."""
    path = Path(settings.NODE_MODULES) / "@tabler/icons/icons/outline" / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise UnknownIcon(f"No icon {name!r} in @tabler/icons/icons/outline")
    inside = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    shapes = re.findall(r"<(?!path stroke=\"none\")[a-z][^>]*>", inside[1] if inside else "")
    return "".join(shapes)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "users" %}`: decoration beside a word; a button without words needs its own aria-label."""
    try:
        shapes = _icon_shapes(str(name))
    except UnknownIcon:
        if settings.DEBUG:
            raise
        return mark_safe("")  # a page in production is worth more than one of its pictures
    return format_html(
        '<svg class="icon{}" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        f" {css}" if css else "",
        mark_safe(shapes),
    )


@register.simple_tag
def drawing(name: str) -> str:
    return render_to_string(f"components/drawings/{name}.html")


@register.simple_tag
def avatar(person: Any, size: str = "sm") -> str:
    """Photo or initials. The name is normally written beside it, so it is hidden from screen readers."""
    if not person:
        return format_html(
            '<span class="avatar avatar-{} dw-avatar dw-avatar-none" aria-hidden="true"></span>', size
        )
    name = getattr(person, "full_name", "") or str(person)
    photo = getattr(person, "photo", None)
    if photo:
        return format_html(
            '<img class="avatar avatar-{} dw-avatar" src="{}" alt="" title="{}" loading="lazy">',
            size,
            photo.url,
            name,
        )
    hue = (getattr(person, "pk", None) or 0) % AVATAR_HUES
    return format_html(
        '<span class="avatar avatar-{} dw-avatar dw-hue-{}" title="{}" aria-hidden="true">{}</span>',
        size,
        hue,
        name,
        getattr(person, "initials", "") or name[:1].upper(),
    )


# --- Numbers


def _is_french() -> bool:
    return (get_language() or settings.LANGUAGE_CODE).startswith("fr")


def _group(value: Decimal, places: int | None) -> str:
    text = f"{value:,.{places}f}" if places is not None else f"{value:,f}"
    if _is_french():
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    return text.replace("-", "\u2212", 1) if text.startswith("-") else text


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """1248 as `1 248` (narrow no-break space) in French, `1,248` in English."""
    amount = _decimal(value)
    return _group(amount, places) if amount is not None else ("" if value is None else str(value))


@register.filter
def money(value: Any, currency: str = "€") -> str:
    """1234.5 as `1 234,50 €` in French, `€1,234.50` in English."""
    amount = _decimal(value)
    if amount is None:
        return "" if value is None else str(value)
    text = _group(amount, 2)
    if _is_french():
        return f"{text}{NO_BREAK_SPACE}{currency}"
    return f"\u2212{currency}{text[1:]}" if text.startswith("\u2212") else f"{currency}{text}"


@register.filter
def euros(value: Any) -> str:
    """1234.5 as `1 235 €`: sums and cards, which one reads at a glance."""
    amount = _decimal(value)
    if amount is None:
        return "" if value is None else str(value)
    text = _group(Decimal(round(amount)), 0)
    return f"{text}{NO_BREAK_SPACE}€" if _is_french() else f"€{text}"


@register.filter
def plain(value: Any) -> str:
    """2.5000 as `2,5`, 20.00 as `20`: quantities and rates without the zeros of their columns."""
    amount = _decimal(value)
    if amount is None:
        return "" if value is None else str(value)
    return _group(amount.normalize() + 0, None)


@register.filter
def price(value: Any) -> str:
    """A unit price: two decimals, more where it has more (0,0125 €)."""
    amount = _decimal(value)
    if amount is None:
        return "" if value is None else str(value)
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    text = _group(amount, places)
    if _is_french():
        return f"{text}{NO_BREAK_SPACE}€"
    return f"\u2212€{text[1:]}" if text.startswith("\u2212") else f"€{text}"


# --- Times


def _relative_day(days: int) -> str:
    if days == 0:
        return gettext("today")
    if days == -1:
        return gettext("yesterday")
    if days == 1:
        return gettext("tomorrow")
    if days < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


def _relative_moment(moment: datetime, now: datetime) -> str:
    past, gap = moment <= now, abs(now - moment)
    minutes, hours = int(gap.total_seconds() // 60), int(gap.total_seconds() // 3600)
    if minutes < 1:
        return gettext("just now")
    if hours < 1:
        return (gettext("%(n)d min ago") if past else gettext("in %(n)d min")) % {"n": minutes}
    if hours < 12 or moment.date() == now.date():
        return (gettext("%(n)d h ago") if past else gettext("in %(n)d h")) % {"n": hours}
    return _relative_day((moment.date() - now.date()).days)


@register.filter
def ago(value: datetime | date | None) -> str:
    """`il y a 5 min`, with the exact time on hover; a plain date once a week lies between."""
    if not value:
        return ""
    now = timezone.localtime()
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else timezone.make_aware(value)
        day, exact = moment.date(), date_format(moment, "j F Y H:i")
        text = _relative_moment(moment, now)
        machine = moment.isoformat(timespec="seconds")
    else:
        day, exact, machine = value, date_format(value, "j F Y"), value.isoformat()
        text = _relative_day((value - now.date()).days)
    if abs(day - now.date()) > timedelta(days=7):
        text = date_format(day, "j N" if day.year == now.year else "j N Y")
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, text)


# --- Fields of forms that are not ours (allauth): our forms set their classes in digiweb/forms.py

_CSS_OF_WIDGET = ((CheckboxInput, "form-check-input"), (RadioSelect, ""), (Select, "form-select"))


@register.simple_tag
def widget(field: BoundField, css: str = "", help_text: str | None = None, **attrs: Any) -> str:
    """The control with our classes. Django itself adds `aria-invalid` and `aria-describedby`;
    `help_text` says what is really shown below, so that nothing points at a text left out."""
    control = field.field.widget
    if isinstance(control, HiddenInput):
        return field.as_widget()
    if help_text is not None:
        field.help_text = help_text
    own = next((css for kind, css in _CSS_OF_WIDGET if isinstance(control, kind)), "form-control")
    classes = [str(control.attrs.get("class", "")), own, css, "is-invalid" if field.errors else ""]
    # A placeholder that repeats the label looks like text already typed: False leaves it out.
    return field.as_widget(attrs={"placeholder": False, "class": " ".join(filter(None, classes)), **attrs})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_password(field: BoundField) -> bool:
    return getattr(field.field.widget, "input_type", "") == "password"


# --- Whose machine it was

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """`Firefox · Windows` out of a user agent; the first 60 characters of it when it is something else."""
    found = [
        next((label for mark, label in names if mark in user_agent), None) for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, found)) or user_agent[:60]


@register.filter
def may(user: Any, right: str) -> bool:
    """`{% if request.user|may:"crm.contact create" %}`: whether the person's role grants it."""
    module, _, action = right.partition(" ")
    return bool(user.is_authenticated and user.can(module, action))


@register.filter
def get(mapping: Any, key: str) -> Any:
    """`{{ attrs|get:"aria-describedby" }}`: a key that is no identifier."""
    return mapping.get(key)


@register.filter
def phone(number: str) -> str:
    """`{{ person.phone|phone }}`: a kept number as people write it (06 12 34 56 78)."""
    return format_phone(number) if number else ""
