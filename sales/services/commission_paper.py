"""The PDF of a statement: drawn afresh while it is a draft, once and kept with its hash when it is closed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from digiweb.pdf import About, paper, write_pdf
from digiweb.templatetags.digiweb import money
from sales.models import Agency, CommissionLine, CommissionStatement
from sales.paper import Party, Point, Total, legal_line, seller_party
from sales.services.document_facts import seller_facts

Kind = CommissionLine.Kind
SHEETS = ("static/css/pdf.css", "static/css/pdf_document.css")


@dataclass(frozen=True)
class Section:
    """Lines of one kind, and what they come to."""

    label: str
    lines: list[CommissionLine]
    total: Any


def draw_statement(statement: CommissionStatement, *, moment: datetime) -> bytes:
    """The PDF, in the language of its person; the same lines and moment give the same bytes."""
    language = statement.person.language or "fr"
    agency = Agency.objects.filter(is_active=True).order_by("pk").first()
    facts = seller_facts(agency) if agency is not None else {"name": ""}
    with translation.override(language):
        values = context_of(statement, facts, moment)
        page = paper(
            "pdf/commission.html",
            {"sheets": SHEETS, **values},
            language=language,
            colour=facts.get("colour", ""),
        )
        about = About(
            title=f"{values['title']} {statement.number or ''}".strip(),
            author=values["seller"].name or "DigiWeb",
            moment=moment,
            subject=values["month"],
            language={"fr": "fr-FR", "en": "en-GB"}.get(language, language),
        )
        return write_pdf(page, about)


def context_of(statement: CommissionStatement, facts: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """What templates/pdf/commission.html draws, in the language that is active."""
    month = date_format(statement.month, "YEAR_MONTH_FORMAT")
    person = statement.person
    with_address = bool(facts.get("name"))
    points = [
        Point(pgettext("paper", "To be paid out"), money(statement.total), is_main=True),
        Point(pgettext("paper", "Month"), month),
        Point(pgettext("paper", "Earned"), money(statement.earned)),
        Point(pgettext("paper", "Taken back"), money(-statement.taken_back)),
    ]
    totals = [Total(pgettext("paper", "Earned"), statement.earned)]
    if statement.taken_back:
        totals.append(Total(pgettext("paper", "Taken back"), -statement.taken_back))
    if statement.adjusted:
        totals.append(Total(pgettext("paper", "Adjusted by hand"), statement.adjusted))
    totals.append(Total(pgettext("paper", "To be paid out"), statement.total, is_main=True))
    return {
        "title": pgettext("paper", "Commission statement"),
        "number": statement.number or "",
        "month": month,
        "is_draft": statement.is_draft,
        "logo": facts.get("logo", ""),
        "seller": seller_party(facts) if with_address else Party(""),
        "footer": legal_line(facts, "", pgettext("paper", "VAT no.")) if with_address else "",
        "person": Party(person.full_name, tuple(filter(None, [person.email]))),
        "details": [
            (pgettext("paper", "Month"), month),
            (pgettext("paper", "Date"), date_format(timezone.localtime(moment), "DATE_FORMAT")),
        ],
        "points": points,
        "totals": totals,
        "sections": sections_of(statement),
        "note": _(
            "Commissions are worked out on amounts before tax, by the rates in force on the day of the sale."
        ),
    }


def sections_of(statement: CommissionStatement) -> list[Section]:
    """The lines by kind, each part with its sum; for the page and the paper."""
    lines = list(statement.lines.order_by("sold_on", "pk"))
    labels = (
        (pgettext("commission", "Sales"), (Kind.SALE,)),
        (_("Corrections"), (Kind.CORRECTION,)),
        (pgettext("commission", "Taken back"), (Kind.TAKEBACK,)),
        (_("Adjustments by hand"), (Kind.ADJUSTMENT,)),
    )
    found = []
    for label, kinds in labels:
        mine = [line for line in lines if line.kind in kinds]
        if mine:
            found.append(Section(label, mine, sum(line.amount for line in mine)))
    return found


def keep_statement(statement: CommissionStatement) -> None:
    """Draw, write and hash the PDF of a statement that is being closed; the file goes if that is undone."""
    moment = statement.closed_at or timezone.now()
    content = draw_statement(statement, moment=moment)
    statement.pdf_sha256 = hashlib.sha256(content).hexdigest()
    statement.pdf.save(f"{statement.number}.pdf", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            statement.save(update_fields=["pdf", "pdf_sha256", "updated_at"])
    except BaseException:
        default_storage.delete(str(statement.pdf.name))
        raise


def pdf_of(statement: CommissionStatement) -> bytes:
    """What people open: the kept file of a closed statement, a fresh drawing of a draft."""
    ensure_pdf(statement)
    if statement.pdf:
        with statement.pdf.open("rb") as file:
            kept: bytes = file.read()
            return kept
    return draw_statement(statement, moment=statement.closed_at or statement.updated_at or timezone.now())


def ensure_pdf(statement: CommissionStatement) -> None:
    """A statement that came here as closed without a file (the demo, fixtures) is drawn out of its lines."""
    if statement.pdf or statement.is_draft:
        return
    with transaction.atomic():
        held = CommissionStatement.objects.select_for_update().get(pk=statement.pk)
        if not held.pdf:
            keep_statement(held)
    statement.pdf, statement.pdf_sha256 = held.pdf, held.pdf_sha256


def file_name(statement: CommissionStatement) -> str:
    """« RC-2026-00012.pdf », « commissions-2026-10.pdf » of a draft."""
    return f"{statement.number or f'commissions-{statement.month:%Y-%m}'}.pdf"
