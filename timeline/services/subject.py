"""Records of any kind named as « crm.contact:12 », as far as a person sees them."""

import re
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NAME = re.compile(r"([a-z][a-z_]{0,29}\.[a-z][a-z0-9_]{0,29}):([0-9]{1,18})")


def subject_name(kind: str, pk: int | None) -> str | None:
    """« crm.contact:12 »; None for no record."""
    return f"{kind}:{pk}" if kind and pk is not None else None


def read_subject(text: str) -> tuple[str, int]:
    """The kind and number in « crm.contact:12 »; raises ValidationError for anything else."""
    found = NAME.fullmatch(text)
    if found is None:
        raise ValidationError(_("Name a record like this: crm.contact:12."))
    return found[1], int(found[2])


def subject_model(kind: str) -> Any:
    """The model of a kind of record that has rights and a page of its own, or None."""
    try:
        model: Any = apps.get_model(kind)
    except (LookupError, ValueError):
        return None
    if not getattr(model, "module", "") or not hasattr(model.objects, "visible_to"):
        return None
    # Without a page there is no time line on which anything would show: tokens, targets.
    return model if hasattr(model, "get_absolute_url") else None


def subject_in_sight(user: Any, kind: str, pk: int) -> Any:
    """The record, if there is one that this person sees; else None."""
    model = subject_model(kind)
    return None if model is None else model.objects.visible_to(user).filter(pk=pk).first()


def numbers_of(record: Any) -> list[tuple[str, int]]:
    """A record under all its numbers: those of what was merged into it are its own."""
    return [(record._meta.label_lower, pk) for pk in getattr(record, "all_ids", [record.pk])]


def circle_of(record: Any) -> list[tuple[str, int]]:
    """The records whose events and documents its page shows: itself, and what its model calls its `circle`.

    A client shows its company's and its person's. What of them somebody may see is asked apart.
    """
    circle: list[tuple[str, int]] = getattr(record, "circle", None) or numbers_of(record)
    return circle
