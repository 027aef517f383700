"""What is printed: units in words, totals that are never alone on a page, and the example set."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.utils.translation import override

from digiweb.pdf import About, paper, write_pdf
from sales.management.commands.make_examples import Command
from sales.paper import Paper, PaperLine, Party, Point, Rate, Total, legal_line, unit_word
from tests.sales.invoices import agency_for_invoices

D = Decimal


@pytest.mark.parametrize(
    ("language", "unit", "quantity", "words"),
    [
        ("en", "HUR", "1", "hour"),
        ("en", "HUR", "1.5", "hours"),
        ("en", "DAY", "-1", "day"),
        ("en", "MON", "12", "months"),
        ("en", "ANN", "0", "years"),
        ("en", "C62", "3", ""),
    ],
)
def test_units_are_told_as_they_are_counted(language: str, unit: str, quantity: str, words: str) -> None:
    with override(language):
        assert unit_word(unit, D(quantity)) == words


def test_the_vat_number_stays_in_one_piece() -> None:
    line = legal_line({"name": "Digiflow", "vat_number": "FR44732829320"}, "", "VAT no.")
    assert line.endswith("VAT\u00a0no.\u00a0FR44732829320")


def drawn(lines: int) -> list[tuple[int, bool]]:
    """[(lines, whether the total is there)] of each page."""
    items = tuple(
        PaperLine("item", f"Prestation {n}", quantity=D(1), unit_price=D(120), vat_rate=D(20), net=D(120))
        for n in range(lines)
    )
    about = Paper(
        "Facture", "FA-1", Party("Digiflow", ("a", "b", "c")), Party("Boulangerie", ("a", "b")), items,
        (Total("HT", D(1)), Total("TVA", D(1)), Total("SOMME", D(1), is_main=True)),
        rates=(Rate(D(20), D(1), D(1)),), points=(Point("A", "1", is_main=True), Point("B", "2")),
    )  # fmt: skip
    page = paper("pdf/document.html", {"paper": about}, colour="#3b3a9e")
    document = pypdfium2.PdfDocument(write_pdf(page, About("t", "a", datetime(2026, 1, 1, tzinfo=UTC))))
    texts = [document[place].get_textpage().get_text_range() for place in range(len(document))]
    document.close()
    return [(text.count("Prestation"), "SOMME" in text) for text in texts]


def test_totals_are_never_alone_on_a_page() -> None:
    found = [drawn(lines) for lines in range(15, 23)]
    assert any(len(pages) > 1 for pages in found)
    for pages in found:
        lines, _with_total = next(page for page in pages if page[1])
        assert lines >= 1, pages


@pytest.mark.django_db
def test_the_example_set_is_as_it_must_be(tmp_path: Path, capsys: Any) -> None:
    agency_for_invoices().delete()  # the mentions that migrations make are there, and nothing else
    Command()._make(tmp_path)
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in tmp_path.glob("*.pdf"))
    assert len(files) == 21
    assert len(list(tmp_path.glob("*.xml"))) == 21
    assert report.count("| kept | yes |") == 21
    assert "23 seals replayed, 0 problems" in report
