"""Quotes for the tests, made by the services of the pages."""

from decimal import Decimal
from typing import Any

from people.models import User
from sales.models import Agency, Quote
from sales.services.quote import change_quote, create_quote, make_version
from sales.services.quote_link import token_of
from sales.services.quote_sending import send_quote
from tests.base import make_company, make_contact
from tests.sales.agencies import make_agency

LINE: dict[str, Any] = {
    "kind": "item",
    "label": "Site vitrine",
    "description": "",
    "quantity": Decimal(1),
    "unit": "C62",
    "unit_price": Decimal(1000),
    "discount_percent": Decimal(0),
    "vat_rate": Decimal(20),
    "offer": None,
    "period": "once",
    "is_optional": False,
}
MONTHLY = {**LINE, "label": "Maintenance", "unit_price": Decimal(49), "unit": "MON", "period": "month"}
OPTION = {**LINE, "label": "Logo", "unit_price": Decimal(400), "is_optional": True}


def the_agency() -> Agency:
    """The one agency of a test."""
    return Agency.objects.first() or make_agency()


def make_quote(user: User | None, **fields: Any) -> Quote:
    """A draft of `user`, for a company of theirs."""
    fields = {"owner": user, "subject": "Site vitrine", "agency": the_agency(), **fields}
    lines = fields.pop("lines", ())
    if not fields.keys() & {"client", "company", "contact", "deal"}:
        fields["company"] = make_company(None, owner=fields["owner"])
    maker = None if fields["owner"] != user else user
    return create_quote(user=maker, quote=Quote(**fields), lines=lines)


def make_sent(user: User | None, **fields: Any) -> Quote:
    """One that was sent to the client."""
    fields.setdefault("lines", [LINE, MONTHLY, OPTION])
    to = fields.pop("to", ["client@example.org"])
    quote = make_quote(user, **fields)
    send_quote(user=user, quote=quote, to=to, subject="Notre devis", body="Bonjour")
    return quote


def quotes_for(user: User, long: str) -> dict[str, Any]:
    """What addresses of quotes are made of, with long words: a draft, and a version that was sent."""
    section = {**LINE, "kind": "section", "label": long[:120]}
    text = {**LINE, "kind": "text", "label": long[:120], "description": long}
    lines = [section, {**LINE, "label": long, "description": long}, text, MONTHLY, {**OPTION, "label": long}]
    contact = make_contact(user, owner=user, first_name="Zoé", email="zoe@example.org")
    fields = {"subject": long, "contact": contact, "terms": long, "introduction": long}
    first = make_sent(user, lines=[LINE, MONTHLY], **fields)
    second = make_version(user=user, quote=first)
    change_quote(user=user, quote=second, values={}, lines=lines)
    send_quote(user=user, quote=second, to=["client@example.org"], subject=long, body=long)
    draft = make_quote(user, lines=lines, **fields)
    return {"quote": draft.pk, "sent_quote": second.pk, "token": token_of(second)}
