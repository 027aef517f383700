"""What is printed of a quote or an invoice, ready to be drawn by `templates/pdf/document.html`.

Plain values; texts that the law fixes and the parties come frozen (`Document.facts`), the words around them
in the document’s language. Whoever makes a `Paper` does so inside `translation.override(language)`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, npgettext

from digiweb.countries import country_name
from digiweb.phones import format_phone


@dataclass(frozen=True)
class Party:
    """Who sells, buys or is served: a name, and lines below it."""

    name: str
    lines: tuple[str, ...] = ()
    # « SIREN 732 829 320 »: what identifies them, smaller below.
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One of the three or four things that a client looks for first: how much, by when, how."""

    label: str
    value: str
    is_main: bool = False


@dataclass(frozen=True)
class PaperLine:
    """A line as it is printed. `note` stands below the label: a period, « optional »."""

    kind: str
    label: str
    description: str = ""
    note: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None
    vat_rate: Decimal | None = None
    net: Decimal | None = None
    # Shown, and not in the sums: an option that was not chosen.
    is_aside: bool = False


@dataclass(frozen=True)
class Rate:
    """A row of the VAT by rate; `reason` where there is none."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Total:
    """A row of the totals."""

    label: str
    amount: Decimal
    is_main: bool = False
    note: str = ""


@dataclass(frozen=True)
class Payment:
    """Where and how to pay."""

    method: str
    rows: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Paper:
    """The whole document."""

    title: str
    number: str
    seller: Party
    buyer: Party
    lines: tuple[PaperLine, ...]
    totals: tuple[Total, ...]
    rates: tuple[Rate, ...] = ()
    points: tuple[Point, ...] = ()
    # Dates and references: « Order no. », « Quote », « Date of the service ».
    details: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    introduction: str = ""
    terms: str = ""
    delivery: Party | None = None
    payment: Payment | None = None
    mentions: tuple[str, ...] = ()
    # At the foot of each page: who sells, by which law.
    footer: str = ""
    # Of a quote: the words above the box in which one signs.
    signature: str = ""
    logo: str = ""
    colour: str = ""
    is_draft: bool = False
    # What a draft is marked with; « not an invoice » where nothing is said.
    draft_mark: str = ""
    language: str = "fr"
    # What of the page is drawn only where some line has it.
    has_discounts: bool = field(init=False)
    has_rates: bool = field(init=False)
    label_span: int = field(init=False)
    whole_span: int = field(init=False)

    def __post_init__(self) -> None:
        items = [line for line in self.lines if line.kind == "item"]
        object.__setattr__(self, "has_discounts", any(line.discount_percent for line in items))
        # One rate for all stands in the table below: a column of its own says nothing more, but the law
        # asks for the rate of each line (article 242 nonies A, I-8°), so only « no VAT » drops it.
        object.__setattr__(self, "has_rates", any(line.vat_rate for line in items))
        object.__setattr__(self, "label_span", 3 + self.has_discounts + self.has_rates)
        object.__setattr__(self, "whole_span", self.label_span + 1)


# --- Pieces that quotes and invoices share; `facts` are those of sales/services/document_facts.py


def seller_party(facts: dict[str, Any]) -> Party:
    """The head of the page: who sells, where, how to reach them."""
    name = facts.get("trade_name") or facts["name"]
    reach = [format_phone(facts["phone"]) if facts.get("phone") else "", facts.get("email", "")]
    website = str(facts.get("website", "")).removeprefix("https://").removeprefix("http://").rstrip("/")
    return Party(name, (*address_lines(facts, home="FR"), *filter(None, [*reach, website])))


def buyer_party(facts: dict[str, Any], siren_label: str, vat_label: str) -> Party:
    """Who buys: name, person, address, and the numbers that the law asks for."""
    person = facts.get("contact", "")
    lines = (*((person,) if person and person != facts["name"] else ()), *address_lines(facts, home="FR"))
    numbers = []
    if facts.get("siren"):
        numbers.append(f"{siren_label} {spaced(facts['siren'])}")
    if facts.get("vat_number"):
        numbers.append(f"{vat_label} {facts['vat_number']}")
    return Party(facts["name"], lines, tuple(numbers))


def address_lines(facts: dict[str, Any], home: str) -> tuple[str, ...]:
    """Street, postcode and town, and the country where it is not `home`."""
    street = [part.strip() for part in str(facts.get("address", "")).splitlines() if part.strip()]
    town = " ".join(filter(None, [facts.get("postcode", ""), facts.get("city", "")]))
    country = facts.get("country") or home
    return tuple(filter(None, [*street, town, country_name(country) if country != home else ""]))


def legal_line(facts: dict[str, Any], capital_text: str, vat_label: str) -> str:
    """« Digiflow Agency, SAS au capital de 10 000 €, 12 rue …, SIREN …, RCS Lyon, TVA FR… » (R. 123-237)."""
    form = facts.get("legal_form", "")
    if form and capital_text:
        form = f"{form} {capital_text}"
    parts = [
        facts["name"],
        form,
        ", ".join(address_lines(facts, home="FR")),
        f"SIREN {spaced(facts['siren'])}" if facts.get("siren") else "",
        facts.get("register", ""),
        f"APE {facts['naf_code']}" if facts.get("naf_code") else "",
        # In one piece: a number alone on the next line tells nothing.
        f"{vat_label} {facts['vat_number']}".replace(" ", "\u00a0") if facts.get("vat_number") else "",
    ]
    return " – ".join(filter(None, parts))


def spaced(digits: str) -> str:
    """« 732 829 320 », « FR76 3000 4000 … »: in groups as people read them aloud."""
    if digits.isdigit() and len(digits) in (9, 14):
        groups = [digits[:3], digits[3:6], digits[6:9], digits[9:]]
    else:
        groups = [digits[place : place + 4] for place in range(0, len(digits), 4)]
    return "\u00a0".join(filter(None, groups))


def unit_word(unit: str, quantity: Decimal) -> str:
    """« 3 months », in the language of the moment; nothing for plain pieces."""
    # In French one and a half are not yet several.
    french = str(get_language()).startswith("fr")
    number = int(abs(quantity)) if french else 1 + (abs(quantity) != 1)
    match unit:
        case "HUR":
            return npgettext("paper", "hour", "hours", number)
        case "DAY":
            return npgettext("paper", "day", "days", number)
        case "MON":
            return npgettext("paper", "month", "months", number)
        case "ANN":
            return npgettext("paper", "year", "years", number)
        case "LS":
            return npgettext("paper", "flat rate", "flat rates", number)
    return ""


def section_sums(lines: Iterable[PaperLine]) -> dict[int, Decimal]:
    """{place of a section's heading: what its lines come to}; only where there are several sections."""
    found: dict[int, Decimal] = {}
    current = None
    for place, line in enumerate(lines):
        if line.kind == "section":
            current = place
            found[place] = Decimal(0)
        elif current is not None and line.net is not None and not line.is_aside:
            found[current] += line.net
    return found if len(found) > 1 else {}
