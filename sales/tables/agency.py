"""Columns of agencies."""

from django.utils.dates import MONTHS
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from digiweb.countries import country_name
from digiweb.tables import Column, Table, day, escape
from digiweb.templatetags.digiweb import number, phone
from sales.models import Agency
from sales.tables.contract import amount_text
from sales.tables.offer import yes_no


def name_cell(agency: Agency) -> SafeString:
    text = escape(str(agency))
    return SafeString(f'<a class="dw-name" href="{agency.get_absolute_url()}" title="{text}">{text}</a>')


def active_cell(agency: Agency) -> SafeString:
    colour, text = ("good", gettext("In use")) if agency.is_active else ("slate", gettext("Out of use"))
    return SafeString(f'<span class="dw-badge dw-badge-{colour}">{escape(text)}</span>')


def in_fours(number: str) -> str:
    """An IBAN as banks print it."""
    return "\u00a0".join(number[start : start + 4] for start in range(0, len(number), 4))


NAME = Column("name", _("Agency"), cell=name_cell, export=str, sort="sort_name")
LEGAL_NAME = Column("legal_name", _("Legal name"), cell=lambda a: escape(a.name), export=lambda a: a.name)
CODE = Column("code", _("Code in numbers"))
FORM = Column("legal_form", _("Legal form"))
CAPITAL = Column(
    "capital", _("Share capital"), cell=lambda a: amount_text(a.capital) if a.capital else "", align="end"
)
SIREN = Column("siren", _("SIREN"))
SIRET = Column("siret", _("SIRET"))
REGISTER = Column("register", _("Register"))
NAF = Column("naf_code", _("NAF code"))
VAT_NUMBER = Column("vat_number", _("VAT number"))
REGIME = Column("vat_regime", _("VAT regime"), cell=lambda a: escape(a.get_vat_regime_display()))
DEBITS = Column("vat_on_debits", _("VAT on debits"), cell=lambda a: yes_no(a.vat_on_debits))
ADDRESS = Column("address", _("Address"))
POSTCODE = Column("postcode", _("Postcode"))
CITY = Column("city", _("Town"))
COUNTRY = Column("country", _("Country"), cell=lambda a: escape(country_name(a.country)))
EMAIL = Column("email", _("E-mail"))
PHONE = Column("phone", _("Phone"), cell=lambda a: escape(phone(a.phone)))
WEBSITE = Column("website", _("Website"))
BANK = Column("bank_name", _("Bank"))
IBAN = Column("iban", _("IBAN"), cell=lambda a: escape(in_fours(a.iban)))
BIC = Column("bic", _("BIC"))
ICS = Column("ics", _("SEPA creditor identifier (ICS)"))
COLOUR = Column("colour", _("Colour"))
QUOTE_DAYS = Column("quote_days", _("Quotes are valid for (days)"), align="end")
PAYMENT_DAYS = Column("payment_days", _("Invoices are due after (days)"), align="end")
DEPOSIT = Column(
    "deposit_percent",
    _("Usual deposit"),
    cell=lambda a: f"{number(a.deposit_percent.normalize())}\u00a0%",
    align="end",
)
PENALTIES = Column(
    "penalty_rule", _("Penalties for late payment"), cell=lambda a: escape(a.get_penalty_rule_display())
)
FISCAL = Column(
    "fiscal_month", _("First month of the fiscal year"), cell=lambda a: escape(MONTHS[a.fiscal_month])
)
ACTIVE = Column("is_active", _("State"), cell=active_cell, export=lambda a: yes_no(a.is_active))


class AgencyTable(Table):
    """The list of agencies. Bank details are on the page of each, not in a list."""

    columns = (
        NAME,
        LEGAL_NAME,
        CODE,
        SIREN,
        CITY,
        REGIME,
        ACTIVE,
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False),
    )
