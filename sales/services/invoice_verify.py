"""Replays what was issued: the chain of seals, the files, the numbers, the totals; and the closed books.

Changes nothing.

What is found is told as `Problem`s with the number of the invoice; none means that all is as it was issued.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.services.team import active_admins
from sales import triggers
from sales.models import Agency, Invoice, InvoiceSeal, SealChain, Series
from sales.services.book_verify import wrong_in_books
from sales.services.invoice_seal import FORM, UnknownKey, canonical, content_of, plain, seal_of
from timeline.services.notification import notify

BATCH = 200
KIND = "invoices.verified"
LABEL = gettext_lazy("What was issued is not as it was")


@dataclass(frozen=True)
class Problem:
    """What is wrong with which invoice (or series)."""

    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"


@dataclass
class Verdict:
    """How many seals were replayed, and what was found."""

    count: int
    problems: list[Problem]


def verify(agency: Agency | None = None) -> Verdict:
    """Replay all agencies, or one."""
    agencies = [agency] if agency is not None else list(Agency.objects.order_by("pk"))
    verdict = Verdict(0, [])
    for name in triggers.missing(connection):
        verdict.problems.append(
            Problem(_("Database"), _("The trigger %(name)s is missing.") % {"name": name})
        )
    for each in agencies:
        _replay(each, verdict)
        verdict.problems += _gaps(each)
        verdict.problems += [Problem(about, text) for about, text in wrong_in_books(each)]
    sealed = InvoiceSeal.objects.filter(agency__in=agencies).values("invoice_id")
    unsealed = Invoice.objects.filter(agency__in=agencies, status=Invoice.Status.ISSUED).exclude(
        pk__in=sealed
    )
    for invoice in unsealed.order_by("pk"):
        verdict.problems.append(Problem(str(invoice), _("It is issued and has no seal.")))
    return verdict


def _replay(agency: Agency, verdict: Verdict) -> None:
    """The seals of an agency, in their order."""
    previous, position = "", 0
    for seal in _seals(agency):
        verdict.count += 1
        about = str(seal.invoice)
        if seal.position != position + 1:
            text = _("Seals are missing before it: no. %(a)s follows no. %(b)s.")
            verdict.problems.append(Problem(about, text % {"a": seal.position, "b": position}))
        elif seal.previous != previous:
            verdict.problems.append(Problem(about, _("It does not follow the seal before it.")))
        verdict.problems += [Problem(about, text) for text in _wrong(seal)]
        previous, position = seal.seal, seal.position
    chain = SealChain.objects.filter(agency=agency).first()
    if (chain.length, chain.last_seal) != (position, previous) if chain is not None else position:
        length = chain.length if chain is not None else 0
        text = _("The chain has %(there)s seals, and %(length)s were given.")
        verdict.problems.append(Problem(str(agency), text % {"there": position, "length": length}))


def _seals(agency: Agency) -> Iterator[Any]:
    """In batches: a house has tens of thousands."""
    last = 0
    while True:
        found = InvoiceSeal.objects.filter(agency=agency, position__gt=last).order_by("position")
        batch = list(
            found.select_related("invoice__corrects").prefetch_related("invoice__lines", "invoice__rates")[
                :BATCH
            ]
        )
        if not batch:
            return
        yield from batch
        last = batch[-1].position


def _wrong(seal: Any) -> list[str]:
    """What of one invoice is not as it was sealed."""
    if seal.form != FORM:
        return [_("Its seal is of form %(form)s, which is not known.") % {"form": seal.form}]
    try:
        payload = json.loads(seal.payload)
        key = str(payload["key"])
    except (ValueError, KeyError, TypeError):
        return [_("What was sealed cannot be read.")]
    told = []
    try:
        if seal_of(seal.previous, seal.payload, key) != seal.seal:
            told.append(_("The seal does not fit what was sealed."))
    except UnknownKey:
        told.append(_("It was sealed with the key “%(key)s”, which is not in SEAL_KEYS.") % {"key": key})
    told += _differences(seal, payload)
    told += _file(seal)
    return told


def _differences(seal: Any, payload: dict[str, Any]) -> list[str]:
    """The rows beside what was sealed; and the sums of the lines beside the totals."""
    invoice = seal.invoice
    lines = sorted(invoice.lines.all(), key=lambda line: (line.position, line.pk))
    rates = sorted(invoice.rates.all(), key=lambda rate: rate.rate)
    corrects = str(invoice.corrects.number) if invoice.corrects is not None else ""
    present = json.loads(canonical(plain(content_of(invoice, lines, rates, corrects))))
    sealed = payload.get("content", {})
    wrong = sorted(name for name in {*present, *sealed} if present.get(name) != sealed.get(name))
    told = []
    if wrong:
        told.append(_("It is not as it was issued: %(names)s.") % {"names": ", ".join(wrong)})
    for name, value in (
        ("position", seal.position),
        ("pdf_sha256", seal.pdf_sha256),
        ("xml_sha256", seal.xml_sha256),
    ):
        if payload.get(name) != value:
            told.append(_("The seal was changed: %(name)s.") % {"name": name})
    if sum((rate.base for rate in rates), Decimal(0)) != invoice.net:
        told.append(_("The bases of its VAT rates are not its total before tax."))
    if (
        sum((rate.vat for rate in rates), Decimal(0)) != invoice.vat
        or invoice.net + invoice.vat != invoice.gross
    ):
        told.append(_("Its totals do not add up."))
    return told


def _file(seal: Any) -> list[str]:
    try:
        with default_storage.open(seal.pdf.name) as file:
            digest = hashlib.sha256()
            for part in file.chunks():
                digest.update(part)
    except OSError:
        return [_("Its PDF is missing.")]
    return [] if digest.hexdigest() == seal.pdf_sha256 else [_("Its PDF is not the one that was issued.")]


def _gaps(agency: Agency) -> list[Problem]:
    """Each series runs from 1 to its last number, once each, and its days never go back."""
    told = []
    kinds = {Series.Kind.INVOICE: False, Series.Kind.CREDIT_NOTE: True}
    issued = Invoice.objects.filter(agency=agency, status=Invoice.Status.ISSUED)
    for series in Series.objects.filter(agency=agency, kind__in=kinds).order_by("kind", "year"):
        series.agency = agency
        mine = issued.filter(
            issued_on__year=series.year, corrects__isnull=not kinds[Series.Kind(series.kind)]
        )
        rows: list[tuple[Any, Any]] = list(mine.order_by("number").values_list("number", "issued_on"))
        wanted = [series.number(place) for place in range(1, series.last_number + 1)]
        there = Counter(number for number, _day in rows)
        for number in [number for number in wanted if not there[number]][:20]:
            told.append(Problem(number, _("This number is missing.")))
        for number in sorted(set(there) - set(wanted))[:20]:
            told.append(Problem(str(number), _("This number was never given.")))
        days = [day for _number, day in rows]
        if days != sorted(days):
            told.append(Problem(str(series), _("The days of issue go backwards.")))
    return told


def verify_and_tell() -> Verdict:
    """By night: administrators are told when something is wrong."""
    verdict = verify()
    if verdict.problems:
        count = len(verdict.problems)
        text = ngettext(
            "Invoices were verified: %(n)s problem. %(first)s",
            "Invoices were verified: %(n)s problems. %(first)s",
            count,
        ) % {"n": count, "first": str(verdict.problems[0])}
        notify(people=active_admins(), kind=KIND, text=text[:300], url="/sales/invoices/", mail=True)
    return verdict
