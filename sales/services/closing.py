"""What may still be dated when: the books of an agency are closed up to a day."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sales.models import Agency, Closing


def closed_until(agency: Agency) -> date | None:
    """The last day of the books that are final; None while none are."""
    return (
        Closing.objects.filter(agency=agency)
        .order_by("-closed_until")
        .values_list("closed_until", flat=True)
        .first()
    )


def check_open(agency: Agency, day: date, field: str | None = None) -> None:
    """Raise ValidationError (beside `field` where given) for a day whose books are closed.

    Whoever writes what the books will tell calls it in its transaction, with the row of the agency locked
    where a closing may come at the same moment.
    """
    last = closed_until(agency)
    if last is None or day > last:
        return
    text = _("The books of “%(agency)s” are closed until %(day)s: choose a later day.") % {
        "agency": agency,
        "day": date_format(last, "SHORT_DATE_FORMAT"),
    }
    raise ValidationError({field: text} if field else text)
