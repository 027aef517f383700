# ruff: noqa: SIM905 (columns read better as text)
"""Many invoices and credit notes for `seed_scale --invoices N`: rows as issuing leaves them, without PDFs and
seals. tests/sales/test_scale.py compares them with what models and services make.
"""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from digiweb.demo.scale import Scale, without_words
from sales.demo.scale_documents import (
    CENT,
    SUBJECTS,
    Buyer,
    Numbers,
    copy_rows,
    rate_of,
    sellers_facts,
    taxed,
)
from sales.models import Agency, Invoice, InvoiceLine, InvoiceRate, Series
from sales.models.document import NO_DAY
from sales.services.document_facts import OF_FIRMS, mentions_of
from sales.services.settlement import NOUGHT, settlement_of

INVOICE = (
    "id created_at updated_at version number agency_id client_id company_id contact_id owner_id deal_id "
    "subject introduction terms order_reference language treatment discount_percent discount_amount net vat "
    "gross facts sort_name search_text kind status issued_on delivered_on period_start period_end due_on "
    "payment_method delivery_id quote_id contract_id subscription_id corrects_id once_key paid credited "
    "written_off balance settlement paid_on letter_id disputed sent_at opened_at issued_key due_key"
).split()
# Of a hundred.
KINDS: tuple[tuple[str, int], ...] = (("invoice", 80), ("deposit", 10), ("interim", 4), ("final", 6))
METHODS: tuple[tuple[str, int], ...] = (("transfer", 75), ("debit", 20), ("card", 4), ("cheque", 1))
DUE = 30
# One of forty is a credit note of the whole one that came twenty before it; one of fifty is a draft.
NOTES, BEFORE, DRAFTS, DRAFT = 40, 20, 50, 7


def scale_invoices(scale: Scale, agencies: list[Agency], buyers: list[Buyer], drawn: list[int]) -> None:
    """An invoice or a credit note for each place of `drawn`, with its line, its VAT and its number."""
    first = (Invoice.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    first_line = (InvoiceLine.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    kinds = (str(Series.Kind.INVOICE), str(Series.Kind.CREDIT_NOTE))
    series = (Numbers(kinds[0], agencies), Numbers(kinds[1], agencies))
    with without_words(Invoice):
        rows = _invoices(scale, agencies, buyers, drawn, first, series)
        scale.write(Invoice, INVOICE, rows, len(drawn))
    for each in series:
        each.keep()
    # Of a credit note, the rate of what it corrects.
    rate = f"CASE WHEN COALESCE(corrects_id, id) %% 12 = 0 THEN {rate_of(0)} ELSE {rate_of(1)} END"
    line = {
        "id": f"{first_line} + id - {first}", "invoice_id": "id", "position": "1", "kind": "'item'",
        "label": "subject", "description": "''", "quantity": "1", "unit": "'LS'", "unit_price": "net",
        "discount_percent": "0", "vat_rate": rate, "net": "net",
        "credits_id": f"{first_line} + corrects_id - {first}",
    }  # fmt: skip
    copy_rows(scale, InvoiceLine, line, "FROM sales_invoice WHERE id", first, len(drawn))
    rates = {"invoice_id": "id", "rate": rate, "base": "net", "vat": "vat"}
    issued = "FROM sales_invoice WHERE status = 'issued' AND id"
    copy_rows(scale, InvoiceRate, rates, issued, first, len(drawn))


def _invoices(
    scale: Scale,
    agencies: list[Agency],
    buyers: list[Buyer],
    drawn: list[int],
    first: int,
    series: tuple[Numbers, Numbers],
) -> Iterator[tuple[Any, ...]]:
    number, today = len(drawn), timezone.localdate(scale.end)
    rng = random.Random(number + 1)  # noqa: S311 (repeatable)
    kinds, kind_weights = zip(*KINDS, strict=True)
    methods, method_weights = zip(*METHODS, strict=True)
    of_kind = rng.choices(kinds, weights=kind_weights, k=number)
    of_method = rng.choices(methods, weights=method_weights, k=number)
    luck = rng.choices(range(100), k=number)
    facts = _facts(agencies, today)
    for row in range(number):
        pk = first + row
        corrects = row - BEFORE if row and row % NOTES == 0 else None
        like = row if corrects is None else corrects
        credited = row % NOTES == NOTES - BEFORE and row + BEFORE < number
        draft = row % DRAFTS == DRAFT
        buyer, subject = buyers[drawn[like]], like % len(SUBJECTS)
        agency = agencies[like % 10 > 7 and len(agencies) > 1].pk
        moment = scale.moment(row, number)
        at, day = moment.replace(tzinfo=None), timezone.localdate(moment)
        text = None if draft else series[corrects is not None].take(agency, day)
        due = None if draft or corrects is not None else day + timedelta(days=DUE)
        net = Decimal(5_000 + like * 7919 % 900_000) / 100
        vat = taxed(net, first + like)
        gross = net + vat
        paid, taken, balance, settlement, paid_on = NOUGHT, NOUGHT, NOUGHT, "none", None
        if corrects is not None or credited:
            taken = gross
        elif not draft:
            paid = _paid(gross, luck[row], (today - day).days)
            balance, settlement = gross - paid, settlement_of(gross, paid, taken)
            paid_on = min(day + timedelta(days=luck[row] // 2), today) if not balance else None
        opened = (moment + timedelta(hours=luck[row])).replace(tzinfo=None)
        told = None if draft else f'{facts[agency, buyer.company is not None]}, "buyer": {buyer.facts}}}'
        yield (
            pk, at, at, 1, text, agency, buyer.client, buyer.company, buyer.contact, buyer.owner, buyer.deal,
            SUBJECTS[subject], "", "", "", "fr", "standard", 0, 0, net, vat, gross, told, buyer.sort_name,
            buyer.search_text(text or "", subject), of_kind[row] if corrects is None else "credit_note",
            "draft" if draft else "issued", None if draft else day, day, None, None, due, of_method[row],
            None, buyer.quote if corrects is None and row % 3 == 0 else None, None, None,
            None if corrects is None else first + corrects, None, paid, taken, 0, balance, settlement,
            paid_on, None, "", None if draft else at, opened if not draft and luck[row] < 70 else None,
            NO_DAY if draft else day, due or NO_DAY,
        )  # fmt: skip


def _facts(agencies: list[Agency], today: Any) -> dict[tuple[int, bool], str]:
    """{(agency, whether to a firm): the beginning of the JSON of what such an invoice copies}."""
    sellers = sellers_facts(agencies)
    found = {}
    for agency in agencies:
        for firm in (False, True):
            codes = [str(code) for code in (OF_FIRMS if firm else OF_FIRMS[-1:])] + ["footer"]
            mentions = json.dumps(mentions_of(agency, codes, today, "fr"), ensure_ascii=False)
            rest = '"delivery": null, "quote": "", "contract": "", "preceding": [], "debit": null'
            found[agency.pk, firm] = f'{{"seller": {sellers[agency.pk]}, "mentions": {mentions}, {rest}'
    return found


def _paid(gross: Decimal, luck: int, age: int) -> Decimal:
    """Most of what is due is paid, some of it in part; of what is not due yet, a part already."""
    if luck < (93 if age > DUE else 40):
        return gross
    return (gross / 3).quantize(CENT) if luck > 96 else NOUGHT
