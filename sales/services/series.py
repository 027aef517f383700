"""Numbers of documents: one after the other, without a gap, never twice."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.inserts import insert_once
from sales.models import Agency, Series


@dataclass(frozen=True)
class Number:
    """A number taken: as it is written, and its place in the series (the first is 1)."""

    text: str
    position: int


def take_number(*, agency: Agency, kind: str, on: date) -> Number:
    """The next number of the series of `agency`, `kind` (a `Series.Kind`) and the year of `on`.

    To be called in the transaction that makes the document, last before it is saved: the lock on the series
    lasts as long as that, and a rollback gives the number back. Raises ValidationError where `on` lies
    before the day of the number given last (article 242 nonies A, I-7°: the sequence is chronological).
    """
    series = _held(agency, kind, on.year)
    if on < series.last_on:
        raise ValidationError(
            {
                "issued_on": _(
                    "The last document of this series is of %(day)s: choose that day or a later one."
                )
                % {"day": date_format(series.last_on, "SHORT_DATE_FORMAT")}
            }
        )
    series.last_number += 1
    series.last_on = on
    series.save(update_fields=["last_number", "last_on"])
    return Number(series.number(series.last_number), series.last_number)


def _held(agency: Agency, kind: str, year: int) -> Series:
    """The locked row of the series; made with the year's first document, once even if two ask."""
    insert_once(Series(agency=agency, kind=kind, year=year), "agency_id", "kind", "year")
    found = Series.objects.select_for_update().get(agency=agency, kind=kind, year=year)
    found.agency = agency
    return found
