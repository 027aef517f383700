"""What a document copies for good when it leaves: who sells, who buys, where to, and the mentions of the day.

The copies are plain JSON (`Document.facts`); drafts are drawn from fresh ones.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sales.models import Agency, Mention
from sales.models.document import Document

SELLER = (
    "name", "trade_name", "legal_form", "siren", "siret", "register", "naf_code", "vat_number", "vat_regime",
    "vat_on_debits", "address", "postcode", "city", "country", "email", "phone", "website", "bank_name",
    "iban", "bic", "ics",
)  # fmt: skip
# Which mention says why there is no VAT.
REASONS = {
    Document.Treatment.FRANCHISE: Mention.Code.FRANCHISE,
    Document.Treatment.REVERSE: Mention.Code.REVERSE,
    Document.Treatment.INTRA: Mention.Code.INTRA,
    Document.Treatment.EXPORT: Mention.Code.EXPORT,
}
# Penalties and the 40 € are owed by professionals only (Code de commerce, article L. 441-10, II).
OF_FIRMS = (Mention.Code.PENALTY, Mention.Code.INDEMNITY, Mention.Code.EARLY)


def seller_facts(agency: Agency) -> dict[str, Any]:
    """The agency as it is now; the capital as text, to the cent."""
    facts = {name: getattr(agency, name) for name in SELLER}
    facts["capital"] = "" if agency.capital is None else f"{agency.capital:.2f}"
    return facts


def buyer_facts(document: Any) -> dict[str, Any]:
    """To whom it is made out: the company with the person to whose attention, or the person alone."""
    company, contact = document.company, document.contact
    if company is not None:
        facts = company_facts(company)
        facts["contact"] = str(contact) if contact is not None else ""
        facts["email"] = (contact.email if contact is not None else "") or facts["email"]
        return facts
    if contact is None:
        return {"name": "", "is_firm": False}
    return {
        "name": str(contact),
        "is_firm": False,
        "siren": "",
        "vat_number": "",
        "contact": "",
        **{name: getattr(contact, name) for name in ("address", "postcode", "city", "country", "email")},
    }


def company_facts(company: Any) -> dict[str, Any]:
    """A firm, as a buyer or as the place of delivery."""
    names = ("name", "siren", "siret", "vat_number", "address", "postcode", "city", "country", "email")
    return {"is_firm": True, **{name: getattr(company, name) for name in names}}


def mention_codes(agency: Agency, document: Any, *, is_firm: bool) -> list[str]:
    """Which mentions stand on an invoice, in their order."""
    codes = [str(code) for code in OF_FIRMS] if is_firm else [str(Mention.Code.EARLY)]
    reason = REASONS.get(document.treatment)
    if reason is not None:
        codes.insert(0, str(reason))
    elif agency.vat_on_debits:
        codes.insert(0, str(Mention.Code.DEBITS))
    return [*codes, str(Mention.Code.FOOTER)]


def mentions_of(agency: Agency, codes: Iterable[str], day: date, language: str) -> dict[str, str]:
    """{code: text} of those that hold on `day`, in the order of `codes`; one without a text is left out."""
    wanted = list(codes)
    found: dict[str, str] = {}
    for mention in Mention.objects.at(agency, day, language).filter(code__in=wanted):
        found.setdefault(mention.code, mention.text)
    return {code: found[code] for code in wanted if code in found}


def what_buyer_lacks(buyer: dict[str, Any], treatment: str) -> list[str]:
    """Why no invoice can be made out to this buyer, in words (242 nonies A, I-2°; décret 2022-1299)."""
    told = []
    if not buyer.get("name"):
        return [_("Say for whom it is: a client, a company or a contact.")]
    lacking = [
        label
        for name, label in (("address", _("address")), ("postcode", _("postcode")), ("city", _("town")))
        if not buyer.get(name)
    ]
    if lacking:
        text = _("The address of “%(buyer)s” is not complete: %(parts)s.")
        told.append(text % {"buyer": buyer["name"], "parts": ", ".join(lacking)})
    home = (buyer.get("country") or "FR") in ("FR", "MC")
    if buyer["is_firm"] and home and not buyer.get("siren"):
        told.append(_("The SIREN of “%(buyer)s” is missing.") % {"buyer": buyer["name"]})
    taxed = (Document.Treatment.REVERSE, Document.Treatment.INTRA)
    if treatment in taxed and not buyer.get("vat_number"):
        told.append(
            _("The VAT number of “%(buyer)s” is missing: they owe the VAT.") % {"buyer": buyer["name"]}
        )
    if not buyer.get("siren") and not buyer.get("email"):
        text = _(
            "“%(buyer)s” has neither a SIREN nor an e-mail address: an electronic invoice needs one of both."
        )
        told.append(text % {"buyer": buyer["name"]})
    return told
