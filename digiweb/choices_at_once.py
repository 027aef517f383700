"""A choice of many records that a job sees to: how many at the most, and what makes two choices one job."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST = 1000


def sorted_choice(pks: Iterable[int]) -> list[int]:
    """The records chosen, each once and in order.

    Raises ValidationError for more than a thousand.
    """
    chosen = sorted(set(pks))
    if len(chosen) > MOST:
        raise ValidationError(_("At most %(most)s at once.") % {"most": MOST})
    return chosen


def key_of_choice(name: str, user: Any, pks: Iterable[int], *more: Any) -> str:
    """The key of the job: the same person, records and settings twice are one job, anything else is not."""
    told = ",".join(str(part) for part in [*sorted(pks), "", *more])
    return f"{name}-{user.pk}-{sha256(told.encode()).hexdigest()[:32]}"
