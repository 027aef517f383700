"""The PDF of a quote: drawn while it is a draft, drawn once and kept with its hash when it leaves."""

import hashlib
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation

from digiweb.pdf import About, paper, write_pdf
from sales.models import Quote
from sales.quote_paper import quote_paper
from sales.services.quote_facts import facts_of


def draw_quote(facts: dict[str, Any], *, moment: datetime, is_draft: bool = False) -> bytes:
    """The PDF of facts; the same facts and moment give the same bytes."""
    language = facts["language"]
    with translation.override(language):
        printed = quote_paper(facts, is_draft=is_draft)
        page = paper("pdf/document.html", {"paper": printed}, language=language, colour=printed.colour)
        about = About(
            title=f"{printed.title} {printed.number}",
            author=printed.seller.name,
            moment=moment,
            subject=printed.subject,
            language={"fr": "fr-FR", "en": "en-GB"}.get(language, language),
        )
        return write_pdf(page, about)


def pdf_of(quote: Quote) -> bytes:
    """What people open: the kept file of a quote that was sent, a fresh drawing of a draft."""
    ensure_pdf(quote)
    if quote.pdf:
        with quote.pdf.open("rb") as file:
            kept: bytes = file.read()
            return kept
    return draw_quote(facts_of(quote), moment=quote.updated_at or timezone.now(), is_draft=quote.is_draft)


def ensure_pdf(quote: Quote) -> None:
    """A quote that came here as sent without a file (the demo, fixtures) is drawn out of its frozen words."""
    if quote.pdf or quote.facts is None or quote.sent_at is None:
        return
    with transaction.atomic():
        held = Quote.objects.select_for_update().get(pk=quote.pk)
        if not held.pdf:
            keep_pdf(held, draw_quote(facts_of(held), moment=quote.sent_at))
            Quote.objects.filter(pk=held.pk).update(pdf=held.pdf.name, pdf_sha256=held.pdf_sha256)
    quote.pdf, quote.pdf_sha256 = held.pdf, held.pdf_sha256


def keep_pdf(quote: Quote, content: bytes) -> None:
    """Write the file and set name and hash on the quote; whoever calls saves it."""
    quote.pdf_sha256 = hashlib.sha256(content).hexdigest()
    quote.pdf.save(f"{quote.number}.pdf", ContentFile(content), save=False)


def file_name(quote: Quote) -> str:
    """« DE-DF-2026-00042.pdf »."""
    return f"{quote.number}.pdf"
