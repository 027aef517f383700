"""Issuing an invoice: proven valid, numbered, written, sealed, in one transaction or not at all.

Everything happens under the lock of the agency's chain of seals, so the number that the invoice would get is
known and cannot change. The XML with that number is made and proven by all rules **before** the series is
counted up (SPEC N2): what was proven is byte for byte what the PDF carries and the seal covers; a placeholder
would have proven something else. What fails leaves the series untouched. The file is on the disk before any
row names it; an issue that breaks off in between leaves a file that `sweep_files` takes away, and no number.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from digiweb.audit import record
from digiweb.changes import derived_fields
from digiweb.models import StaleVersion
from sales.amounts import Sums
from sales.facturx.embed import About, write_pdf
from sales.facturx.validation import NotChecked, Report, check
from sales.facturx.xml import NotWritable, write_xml
from sales.models import Agency, Invoice, InvoiceLine, InvoiceRate, Series
from sales.services.books import book
from sales.services.closing import check_open
from sales.services.document_facts import (
    buyer_facts,
    company_facts,
    mention_codes,
    mentions_of,
    seller_facts,
    what_buyer_lacks,
)
from sales.services.invoice import AROUND, also_of, sums_of_invoice
from sales.services.invoice_facts import debit_facts, preceding_facts
from sales.services.invoice_files import file_name, keep_file
from sales.services.invoice_links import check_links, hold_links
from sales.services.invoice_paper import page_of, title_of
from sales.services.invoice_seal import add_seal, content_of, hold_chain
from sales.services.invoice_sums import as_values, is_item
from sales.services.invoice_xml import BY_TRANSFER, einvoice_of
from sales.services.money_totals import adjust_money, invoice_figures
from sales.services.series import take_number
from sales.services.settlement import LIVING, refresh_settlement

ISSUING = "sales.issuing"
# Code de commerce, article L. 441-10, I: 60 days from the issue, or 45 days and to the end of the month.
MOST_DAYS, MOST_DAYS_TO_MONTHS_END = 60, 45


@dataclass(frozen=True)
class Kept:
    """The PDF of an issue: its place, its bytes' hashes, the moment."""

    name: str
    sha256: str
    xml_sha256: str
    at: datetime


@dataclass(frozen=True)
class Ready:
    """All that goes into the document, under the number that it would get."""

    number: str
    on: date
    lines: list[InvoiceLine]
    sums: Sums
    facts: dict[str, Any]
    xml: bytes = b""


@transaction.atomic
def issue_invoice(
    *, user: Any, invoice: Invoice, on: date | None = None, version: int | None = None
) -> Invoice:
    """Issue a draft on a day (today): number, PDF/A-3 with its XML, seal. `invoice` then holds what is kept.

    Raises PermissionDenied without the grant to issue; StaleVersion; ValidationError, with everything that
    lacks or is wrong in words for people, and nothing is taken, written or changed (article 242 nonies A,
    I-7° of annexe II to the CGI: the number is given at the issue, in an unbroken sequence).
    """
    if user is not None and not user.can(ISSUING, "create"):
        raise PermissionDenied
    return issue_at(timezone.now(), user=user, invoice=invoice, on=on, version=version)


@transaction.atomic
def issue_at(
    now: datetime, *, user: Any, invoice: Invoice, on: date | None = None, version: int | None = None
) -> Invoice:
    """`issue_invoice` at a moment: the demo tells a year. Whoever calls has asked what `user` may."""
    today = timezone.localdate(now)
    on = on or today
    held = _hold(invoice, version)
    chain = hold_chain(held.agency_id)
    # Under the locks of what it rests on and of the chain: nothing of it moves from here on.
    agency = Agency.objects.get(pk=held.agency_id)
    held.agency = agency
    settle_days(held, on)
    ready = prepare(held, on=on, today=today)
    number = take_number(agency=agency, kind=series_of(held), on=on).text
    if number != ready.number:
        raise RuntimeError(f"proven as {ready.number}, numbered {number}")
    at = now.replace(microsecond=0)
    pdf = _keep_pdf(held, ready, at)
    _write(held, ready, at)
    corrects = str(held.corrects.number) if held.corrects is not None else ""
    content = content_of(held, ready.lines, _rates(held, ready.sums), corrects)
    add_seal(chain, invoice=held, content=content, pdf=pdf, user=user)
    refresh_settlement([held.pk])
    held.refresh_from_db(fields=list(LIVING))
    book(invoices=[held.pk])
    changes: dict[str, list[Any]] = {
        "status": [Invoice.Status.DRAFT, Invoice.Status.ISSUED],
        "number": [None, held.number],
    }
    adjust_money([], [invoice_figures(held)])
    record(user=user, action="issued", obj=held, changes=changes, also=also_of(held))
    invoice.__dict__.update(held.__dict__)
    return invoice


def prepare(invoice: Invoice, *, on: date, today: date) -> Ready:
    """The document as it would be issued `on`, proven by all rules; writes nothing.

    Raises ValidationError with all that is wrong.
    """
    lines = list(invoice.lines.order_by("position", "id"))
    values = as_values(lines)
    check_links(invoice, values)
    sums = sums_of_invoice(invoice, values)
    facts = facts_of(invoice, on)
    problems = [*what_lacks(invoice, values, sums, facts), *_wrong_days(invoice, on, today)]
    if problems:
        raise ValidationError(problems)
    number = next_number(invoice, on)
    xml = proven(invoice, number=number, on=on, lines=values, sums=sums, facts=facts)
    return Ready(number, on, lines, sums, facts, xml)


def facts_of(invoice: Invoice, on: date) -> dict[str, Any]:
    """What the document copies for good: parties, mentions of the day, references."""
    agency = invoice.agency
    buyer = buyer_facts(invoice)
    codes = mention_codes(agency, invoice, is_firm=buyer["is_firm"])
    delivery = invoice.delivery
    return {
        "seller": seller_facts(agency),
        "buyer": buyer,
        "delivery": company_facts(delivery) if delivery is not None and delivery != invoice.company else None,
        "mentions": mentions_of(agency, codes, on, invoice.language),
        "quote": invoice.quote.number if invoice.quote is not None else "",
        "contract": invoice.contract.reference if invoice.contract is not None else "",
        "preceding": preceding_facts(invoice),
        "debit": debit_facts(invoice),
    }


def proven(invoice: Invoice, **given: Any) -> bytes:
    """The XML, once all rules were kept. Raises ValidationError with what they said, in words."""
    try:
        xml = write_xml(einvoice_of(invoice, **given))
        report: Report = check(xml)
    except NotWritable as error:
        raise ValidationError(_("The invoice cannot be written as XML: %(why)s") % {"why": error}) from error
    except NotChecked as error:
        raise ValidationError(
            _("The invoice could not be proven valid, so it was not issued: %(why)s") % {"why": error}
        ) from error
    if not report.is_valid:
        raise ValidationError([f"{each.words} ({each.rule})" for each in report.errors])
    return xml


def what_lacks(invoice: Invoice, lines: list[dict[str, Any]], sums: Sums, facts: dict[str, Any]) -> list[str]:
    """Everything without which it is no invoice, in words (242 nonies A of annexe II to the CGI; L.
    441-9).
    """
    told = []
    agency = invoice.agency
    columns = {field.name: field for field in Agency._meta.concrete_fields}
    lacking = [str(columns[name].verbose_name) for name in agency.what_lacks()]
    if invoice.payment_method in BY_TRANSFER and not invoice.is_credit_note and not agency.iban:
        lacking.append("IBAN")
    if lacking:
        text = _("The agency “%(agency)s” lacks: %(parts)s.")
        told.append(text % {"agency": agency, "parts": ", ".join(lacking)})
    if not agency.is_active:
        told.append(
            _("The agency “%(agency)s” is out of use: it makes no new documents.") % {"agency": agency}
        )
    told += what_buyer_lacks(facts["buyer"], invoice.treatment)
    if not any(is_item(line) for line in lines):
        told.append(_("There is no line."))
    elif sums.gross < 0 or sums.net < 0:
        told.append(_("The invoice comes to less than nought: make a credit note instead."))
    elif invoice.is_credit_note and sums.gross == 0:
        told.append(_("A credit note of nought corrects nothing."))
    told += _wrong_vat(invoice, lines)
    wanted = mention_codes(agency, invoice, is_firm=facts["buyer"]["is_firm"])
    for code in wanted:
        if code != "footer" and code not in facts["mentions"]:
            told.append(
                _("The mention “%(code)s” has no text in this language and on this day.") % {"code": code}
            )
    return told


def _wrong_vat(invoice: Invoice, lines: list[dict[str, Any]]) -> list[str]:
    """Who is exempt charges no VAT, and who charges none says why."""
    exempt = invoice.agency.vat_regime == Agency.VatRegime.FRANCHISE
    if exempt != (invoice.treatment == Invoice.Treatment.FRANCHISE):
        return [
            _("“%(agency)s” is exempt from VAT (293 B): its invoices bear none.") % {"agency": invoice.agency}
            if exempt
            else _("“%(agency)s” is subject to VAT: it cannot invoice under article 293 B.")
            % {"agency": invoice.agency}
        ]
    if invoice.treatment != Invoice.Treatment.STANDARD:
        return []
    untaxed = [place for place, line in enumerate(lines, 1) if is_item(line) and not line["vat_rate"]]
    if untaxed:
        text = _("Line %(line)s bears no VAT: say above why (reverse charge, abroad …), or give its rate.")
        return [text % {"line": untaxed[0]}]
    return []


def settle_days(invoice: Invoice, on: date) -> None:
    """The due date that follows where nobody said one."""
    if invoice.is_credit_note:
        invoice.due_on = None
    elif invoice.due_on is None:
        invoice.due_on = on + timedelta(days=invoice.agency.payment_days)


def _wrong_days(invoice: Invoice, on: date, today: date) -> list[str]:
    told = []
    if on > today:
        told.append(_("An invoice cannot be issued on a day to come."))
    try:
        check_open(invoice.agency, on)
    except ValidationError as error:
        told += error.messages
    due = invoice.due_on
    if due is not None and due < on:
        day = date_format(due, "SHORT_DATE_FORMAT")
        told.append(_("It would be due on %(day)s, before it is issued: choose another day.") % {"day": day})
    if due is not None and invoice.company is not None and due > latest_due(on):
        day = date_format(latest_due(on), "SHORT_DATE_FORMAT")
        told.append(_("Between firms the law allows %(day)s at the latest (L. 441-10).") % {"day": day})
    start, end = invoice.period_start, invoice.period_end
    if (start is None) != (end is None):
        told.append(_("A period has a first and a last day."))
    elif start is not None and end is not None and end < start:
        told.append(_("The period ends before it begins."))
    return told


def latest_due(on: date) -> date:
    """The last day on which an invoice between firms may be due (Code de commerce, article L. 441-10, I)."""
    days = on + timedelta(days=MOST_DAYS_TO_MONTHS_END)
    months_end = (days.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    after_month = (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    after_month += timedelta(days=MOST_DAYS_TO_MONTHS_END)
    return max(on + timedelta(days=MOST_DAYS), months_end, after_month)


def series_of(invoice: Invoice) -> str:
    """Credit notes have numbers of their own."""
    return str(Series.Kind.CREDIT_NOTE if invoice.is_credit_note else Series.Kind.INVOICE)


def next_number(invoice: Invoice, on: date) -> str:
    """The number that it would get; it is that one only under the lock of the chain."""
    kind = series_of(invoice)
    known = Series.objects.filter(agency=invoice.agency, kind=kind, year=on.year).first()
    series = known or Series(agency=invoice.agency, kind=kind, year=on.year)
    series.agency = invoice.agency
    return series.number(series.last_number + 1)


# --- Its steps


def _hold(invoice: Invoice, version: int | None) -> Invoice:
    """The locked draft, after what it rests on (its quote, the invoice that it corrects, its deposits)."""
    hold_links(invoice)
    held = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if version is not None and held.version != version:
        raise StaleVersion(held)
    if not held.is_draft:
        raise ValidationError(_("“%(invoice)s” is issued already."), code="issued", params={"invoice": held})
    prefetch_related_objects([held], *AROUND, "delivery", "quote", "contract", "corrects")
    return held


def _keep_pdf(invoice: Invoice, ready: Ready, at: datetime) -> Kept:
    """Draw the page, put the XML inside, write the file."""
    agency = invoice.agency
    page = page_of(
        invoice,
        number=ready.number,
        on=ready.on,
        lines=as_values(ready.lines),
        sums=ready.sums,
        facts=ready.facts,
        logo=str(agency.logo.name) if agency.logo else "",
        colour=agency.colour,
    )
    with override(invoice.language):
        title = f"{title_of(invoice)} {ready.number}"
    language = "fr-FR" if invoice.language == "fr" else "en-GB"
    about = About(title, agency.name, at, invoice.subject, (ready.number,), language)
    content = write_pdf(page, ready.xml, about)
    sha256 = hashlib.sha256(content).hexdigest()
    name = file_name(ready.number, sha256, at)
    keep_file(name, content)
    return Kept(name, sha256, hashlib.sha256(ready.xml).hexdigest(), at)


def _write(invoice: Invoice, ready: Ready, at: datetime) -> None:
    """Lines and rates first: once the invoice is issued, triggers refuse them."""
    nets = iter(ready.sums.nets)
    for line in ready.lines:
        line.net = next(nets) if line.is_item else line.net
    InvoiceLine.objects.bulk_update(ready.lines, ["net"])
    InvoiceRate.objects.filter(invoice=invoice).delete()
    InvoiceRate.objects.bulk_create(_rates(invoice, ready.sums))
    invoice.number, invoice.issued_on, invoice.facts = ready.number, ready.on, ready.facts
    invoice.net, invoice.vat, invoice.gross = ready.sums.net, ready.sums.vat, ready.sums.gross
    invoice.status = Invoice.Status.ISSUED
    invoice.version += 1
    names = [
        "number",
        "issued_on",
        "due_on",
        "facts",
        "net",
        "vat",
        "gross",
        "status",
        "version",
        "updated_at",
    ]
    invoice.save(update_fields=[*names, *derived_fields(Invoice)])


def _rates(invoice: Invoice, sums: Sums) -> list[InvoiceRate]:
    return [InvoiceRate(invoice=invoice, rate=each.rate, base=each.base, vat=each.vat) for each in sums.rates]
