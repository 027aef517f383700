"""Days in English: as in the rest of the house, never those of the United States."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from django.utils.formats import date_format, get_format
from django.utils.html import conditional_escape

from crm.custom_values import day_value
from digiweb.tables import Column, escape, text_of
from people.models import User
from tests.base import client_of, make_cast, make_deal

DAY = date(2026, 12, 5)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_day_is_written_as_it_is_read(language: str) -> None:
    with translation.override(language):
        assert text_of(DAY) == "05/12/2026"
        assert day_value(text_of(DAY)) == DAY.isoformat()
        assert date_format(datetime(2026, 12, 5, 14, 30, tzinfo=UTC), "SHORT_DATETIME_FORMAT").endswith(
            "14:30"
        )
        assert get_format("FIRST_DAY_OF_WEEK") == 1


@pytest.mark.django_db
def test_a_colleague_who_reads_english_sees_the_same_days() -> None:
    cast = make_cast()
    make_deal(cast["sales"], expected_on=DAY)
    User.objects.filter(pk=cast["sales"].pk).update(language="en")
    page = client_of(cast["sales"]).get("/crm/deals/?all=1&mode=list").content.decode()
    assert "Expected closing" in page
    assert "05/12/2026" in page
    assert "12/05/2026" not in page


def test_an_ampersand_in_a_cell_is_escaped_once() -> None:
    alone = Column("x", "X", cell=lambda obj: escape(obj))
    assert conditional_escape(alone.html("Tran & <Associés>")) == "Tran &amp; &lt;Associés&gt;"
