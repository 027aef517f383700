"""What a value becomes in an exported file, for whoever opens it in a spreadsheet."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from crm.models import Tag
from digiweb.exports import CHUNK, defuse, export_response, records_in_chunks
from digiweb.tables import Column
from people.models import User
from tests.base import make_cast

pytestmark = pytest.mark.django_db

# Late in the evening of UTC it is tomorrow in Paris.
EVENING = datetime(2026, 7, 6, 22, 30, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "text": "Chez « Léa »",
    "formula": "=HYPERLINK(1)",
    "amount": Decimal("1234.50"),
    "number": 7,
    "day": date(2026, 7, 6),
    "moment": EVENING,
}


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def exported(user: User, kind: str) -> bytes:
    """The file of one row with a column for each of VALUES."""
    Tag.objects.create(name="Salon", key="salon")

    def column(name: str) -> Column:
        return Column(name, name, export=lambda _tag: VALUES[name])

    response: Any = export_response(
        user=user,
        kind=kind,
        queryset=Tag.objects.all(),
        columns=[column(name) for name in VALUES],
        name="Étiquettes",
        key="crm:tag",
    )
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Chez « Léa »;'=HYPERLINK(1);1234,50;7;06/07/2026;07/07/2026 00:30"),
        ("en", "Chez « Léa »,'=HYPERLINK(1),1234.50,7,06/07/2026,07/07/2026 00:30"),
    ],
)
def test_a_csv_is_written_as_spreadsheets_of_the_language_read_it(
    language: str, line: str, cast: dict[str, User]
) -> None:
    with translation.override(language):
        text = exported(cast["admin"], "csv").decode("utf-8-sig")
    assert text.splitlines()[1] == line


def test_a_workbook_has_numbers_days_and_moments_as_such(cast: dict[str, User]) -> None:
    sheet: Any = openpyxl.load_workbook(io.BytesIO(exported(cast["admin"], "xlsx"))).active
    cells = {name: sheet.cell(2, place) for place, name in enumerate(VALUES, 1)}
    assert cells["text"].value == "Chez « Léa »"
    assert cells["formula"].value == "'=HYPERLINK(1)"
    assert cells["amount"].value == 1234.5
    assert cells["day"].value == datetime(2026, 7, 6)
    assert cells["day"].number_format == "dd/mm/yyyy"
    assert cells["moment"].value == datetime(2026, 7, 7, 0, 30)
    assert cells["moment"].number_format == "dd/mm/yyyy hh:mm"


@pytest.mark.parametrize("text", ["+33 6 12 34 56 78", "-12,5", "Léa", ""])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert defuse(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/C calc'!A0", "-2+3*x", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert defuse(text) == f"'{text}"


def test_every_record_is_read_once_over_the_end_of_a_chunk(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    Tag.objects.bulk_create([Tag(name=str(number), key=str(number)) for number in range(7)])
    monkeypatch.setattr("digiweb.exports.CHUNK", 3)
    assert CHUNK > 3
    pks = [tag.pk for tag in records_in_chunks(Tag.objects.order_by("-name"), [])]
    assert pks == sorted(Tag.objects.values_list("pk", flat=True))
