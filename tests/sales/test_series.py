"""Numbers of documents: gapless, never twice, never back in time."""

from datetime import date
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from sales.models import Agency, Series
from sales.services.series import take_number
from tests.sales.agencies import make_agency

DAY = date(2026, 11, 21)


def take(agency: Agency, on: date = DAY, kind: str = Series.Kind.INVOICE) -> str:
    with transaction.atomic():
        return take_number(agency=agency, kind=kind, on=on).text


@pytest.mark.django_db
def test_each_agency_kind_and_year_counts_on_its_own() -> None:
    one, other = make_agency(), make_agency(name="Be Hype", code="BH", siren="552100554")
    assert [take(one), take(one), take(other)] == ["FA-DF-2026-00001", "FA-DF-2026-00002", "FA-BH-2026-00001"]
    assert take(one, kind=Series.Kind.CREDIT_NOTE) == "AV-DF-2026-00001"
    assert take(one, on=date(2027, 1, 4)) == "FA-DF-2027-00001"


@pytest.mark.django_db
def test_what_is_rolled_back_gives_its_number_back() -> None:
    agency = make_agency()
    with transaction.atomic():
        assert take_number(agency=agency, kind=Series.Kind.INVOICE, on=DAY).position == 1
        transaction.set_rollback(True)
    assert take(agency) == "FA-DF-2026-00001"


@pytest.mark.django_db
def test_days_never_go_backwards() -> None:
    agency = make_agency()
    take(agency)
    with pytest.raises(ValidationError) as told:
        take(agency, on=date(2026, 11, 20))
    assert "21/11/2026" in str(told.value) or "11/21/2026" in str(told.value)
    assert take(agency) == "FA-DF-2026-00002"


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_take_1600_numbers_without_a_gap() -> None:
    agency = make_agency()
    taken: list[str] = []

    def work() -> None:
        try:
            for _turn in range(200):
                taken.append(take(agency))
        finally:
            connection.close()

    threads = [Thread(target=work) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"FA-DF-2026-{number:05d}" for number in range(1, 1601)]
