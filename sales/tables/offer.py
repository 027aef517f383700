"""Columns of offers."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, badge, day, escape
from digiweb.templatetags.digiweb import icon, number
from sales.models import Offer
from sales.tables.contract import amount_text

CATEGORY_COLOURS = {"web": "blue", "marketing": "purple"}


def price_text(offer: Offer) -> str:
    """« 2 900 € », « 49 € par mois », « 2 900 € puis 49 € par mois », « Sur devis »."""
    once, month = amount_text(offer.price), amount_text(offer.monthly_price)
    if offer.price and offer.monthly_price:
        return gettext("%(once)s, then %(month)s a month") % {"once": once, "month": month}
    if offer.monthly_price:
        return gettext("%(month)s a month") % {"month": month}
    return once if offer.price else gettext("On quotation")


def name_cell(offer: Offer) -> SafeString:
    text = escape(offer.name)
    return SafeString(f'<a class="dw-name" href="{offer.get_absolute_url()}" title="{text}">{text}</a>')


def popular_cell(offer: Offer) -> Any:
    if not offer.is_popular:
        return ""
    return SafeString(f'<span class="dw-flag dw-mark-good">{icon("star")}{escape(gettext("Popular"))}</span>')


def active_cell(offer: Offer) -> SafeString:
    colour, text = (
        ("good", gettext("In the catalogue")) if offer.is_active else ("slate", gettext("Sold no more"))
    )
    return SafeString(f'<span class="dw-badge dw-badge-{colour}">{escape(text)}</span>')


def features_cell(offer: Offer) -> Any:
    lines = "".join(f"<li>{escape(line)}</li>" for line in offer.features)
    return SafeString(f'<ul class="dw-features">{lines}</ul>') if lines else ""


def yes_no(value: bool) -> str:
    return gettext("Yes") if value else gettext("No")


NAME = Column("name", pgettext_lazy("offer", "Name"), cell=name_cell, sort="sort_name")
CATEGORY = Column(
    "category",
    _("Category"),
    cell=badge("category", CATEGORY_COLOURS),
    export=lambda o: o.get_category_display(),
)
PRICE = Column(
    "price", _("Price before tax"), cell=lambda o: amount_text(o.price) if o.price else "", align="end"
)
MONTHLY = Column(
    "monthly_price",
    _("Monthly price before tax"),
    cell=lambda o: amount_text(o.monthly_price) if o.monthly_price else "",
    align="end",
)
VAT = Column("vat_rate", _("VAT"), cell=lambda o: f"{number(o.vat_rate.normalize())}\u00a0%", align="end")
FEATURES = Column(
    "features",
    _("Features"),
    cell=lambda o: escape(", ".join(o.features)),
    export=lambda o: "\n".join(o.features),
    default=False,
)
POPULAR = Column("is_popular", _("Popular"), cell=popular_cell, export=lambda o: yes_no(o.is_popular))
ACTIVE = Column("is_active", _("Catalogue"), cell=active_cell, export=lambda o: yes_no(o.is_active))
DESCRIPTION = Column("description", _("Description"), default=False)


class OfferTable(Table):
    """The list of offers (SPEC S2)."""

    columns = (
        NAME,
        CATEGORY,
        PRICE,
        MONTHLY,
        VAT,
        POPULAR,
        ACTIVE,
        FEATURES,
        DESCRIPTION,
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False),
    )
