"""Invoices for the tests, made and issued by the services of the pages."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.models import Client, Company
from people.models import User
from sales.models import Agency, Invoice
from sales.services.invoice import create_invoice
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_link import token_of
from sales.services.reminder_plan import replan
from tests.base import make_company
from tests.sales.agencies import make_agency
from tests.sales.records import make_client

D = Decimal
IBAN = "FR7630006000011234567890189"
SIRENS = ("552100554", "443061841", "542065479", "310880315", "775670417")


def agency_for_invoices(**values: Any) -> Agency:
    """An agency that lacks nothing; the same one when it is there already."""
    found = Agency.objects.filter(code=values.get("code", "DF")).first()
    given = {"iban": IBAN, "bic": "AGRIFRPP", "email": "facturation@digiflow.test", "capital": D(10000)}
    if found is not None and not found.iban:
        found.iban, found.bic = str(given["iban"]), str(given["bic"])
        found.save(update_fields=["iban", "bic"])
    return found or make_agency(**{**given, "register": "RCS Lyon", **values})


def buyer_company(**values: Any) -> Company:
    """A firm to which an invoice can be made out."""
    given = {
        "name": "Boulangerie Lefèvre",
        "siren": "552100554",
        "vat_number": "FR27552100554",
        "address": "3 place Bellecour",
        "postcode": "69002",
        "city": "Lyon",
        "email": "compta@lefevre.test",
    }
    return make_company(None, **{**given, **values})


def make_buyer(user: User | None, **values: Any) -> Client:
    """A client whose company may be invoiced."""
    return make_client(user, company=buyer_company(owner=user, **values))


def line(label: str = "Site vitrine", price: Any = 1000, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {
        "kind": "item",
        "label": label,
        "description": "",
        "quantity": D(str(quantity)),
        "unit": "C62",
        "unit_price": D(str(price)),
        "discount_percent": D(0),
        "vat_rate": D(20),
        "offer": None,
        **more,
    }


def make_invoice(user: User | None, lines: Sequence[dict[str, Any]] | None = None, **values: Any) -> Invoice:
    """A draft of `user` to a client of theirs, which lacks nothing."""
    owner = values.pop("owner", user)
    values.setdefault("agency", None)
    values["agency"] = values["agency"] or agency_for_invoices()
    if not {"client", "company", "contact"} & values.keys():
        values["client"] = make_buyer(owner)
    values.setdefault("subject", "Refonte du site")
    maker = None if owner != user else user
    return create_invoice(
        user=maker, invoice=Invoice(owner=owner, **values), lines=[line()] if lines is None else lines
    )


def issued(user: User | None, lines: Sequence[dict[str, Any]] | None = None, **values: Any) -> Invoice:
    """The same, issued; `on` says when."""
    on = values.pop("on", None)
    return issue_invoice(user=None, invoice=make_invoice(user, lines, **values), on=on)


def invoices_for(user: User, long: str) -> dict[str, Any]:
    """What addresses of invoices are made of, with long words: a draft, and one that was issued."""
    rows = [
        {**line(long[:120]), "kind": "section", "unit_price": D(0)},
        line(long[:200], "1234567.89", description=long[:500]),
    ]
    fields = {"subject": long[:200], "introduction": long[:500], "terms": long[:500]}
    client = make_buyer(user, name=long[:200])
    made = issued(user, rows, client=client, **fields)
    draft = make_invoice(user, rows, client=client, **fields)
    found = {"invoice": draft.pk, "issued": made.pk, "invoice_token": token_of(made)}
    (plan,) = replan([made.pk])
    return {**found, "reminder_plan": plan.pk, "stage": plan.stage_id or 0}
