"""What a quote says, as plain values: drawn from its records while it is a draft, frozen when it is sent."""

from decimal import Decimal
from typing import Any

from crm.models import Company, Contact
from digiweb.audit import plain
from sales.models import Agency, Mention, Quote
from sales.services.quote_sums import with_choices

SELLER = (
    "name",
    "trade_name",
    "legal_form",
    "siren",
    "siret",
    "register",
    "naf_code",
    "vat_number",
    "vat_regime",
    "address",
    "postcode",
    "city",
    "country",
    "email",
    "phone",
    "website",
    "colour",
)
ADDRESS = ("address", "postcode", "city", "country")
OWN = (
    "number",
    "subject",
    "introduction",
    "terms",
    "order_reference",
    "language",
    "treatment",
    "discount_percent",
    "discount_amount",
    "deposit_percent",
    "quoted_on",
    "valid_until",
)


def facts_of(quote: Quote) -> dict[str, Any]:
    """JSON values of all that stands on the quote: those frozen when it was sent, else those of today."""
    if quote.facts is not None:
        return dict(quote.facts)
    return fresh_facts(quote)


def fresh_facts(quote: Quote) -> dict[str, Any]:
    """The same out of the records as they are now (a draft, or about to be sent)."""
    lines = with_choices(quote.lines.order_by("position", "id"))
    return {
        **{name: plain(getattr(quote, name)) for name in OWN},
        "seller": seller_facts(quote.agency),
        "buyer": buyer_facts(quote.company, quote.contact),
        "salesperson": person_facts(quote.owner),
        "mentions": mentions_of(quote),
        "payment_days": quote.agency.payment_days,
        "lines": [{name: plain(value) for name, value in line.items()} for line in lines],
    }


def seller_facts(agency: Agency) -> dict[str, Any]:
    """Who sells, by which law."""
    facts = {name: getattr(agency, name) for name in SELLER}
    facts["capital"] = plain(agency.capital)
    facts["logo"] = agency.logo.name or ""
    return facts


def buyer_facts(company: Company | None, contact: Contact | None) -> dict[str, Any]:
    """Who buys: the company, attention of the contact; or the person."""
    party: Any = company or contact
    facts = {name: getattr(party, name, "") for name in ADDRESS}
    person = contact.full_name if contact is not None else ""
    return {
        **facts,
        "name": str(party),
        "contact": person if company is not None else "",
        "is_firm": company is not None,
        "siren": (company.siren or company.siret[:9]) if company is not None else "",
        "vat_number": company.vat_number if company is not None else "",
        "email": (contact.email if contact is not None else "") or getattr(party, "email", ""),
    }


def person_facts(user: Any) -> dict[str, str]:
    """Whom the client may ask."""
    return {"name": user.full_name, "email": user.email, "phone": user.phone}


def mentions_of(quote: Quote) -> dict[str, str]:
    """{code: text} of the mentions in force on the quote's day, the agency's own before everybody's."""
    found: dict[str, str] = {}
    for mention in Mention.objects.at(quote.agency, quote.quoted_on, quote.language):
        found.setdefault(str(mention.code), mention.text)
    return found


def lines_of(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of facts with their amounts as decimals again."""
    amounts = ("quantity", "unit_price", "discount_percent", "vat_rate", "net")
    return [
        {**line, **{name: Decimal(line[name]) for name in amounts if name in line}} for line in facts["lines"]
    ]
