"""What bulk actions changed, as long as they can be taken back (digiweb/bulk_undo.py)."""

import uuid
from typing import Any

from django.utils import timezone

from timeline.models import BulkChange
from timeline.models.bulk_change import KEEP


def change_to_undo(user: Any, pk: uuid.UUID) -> BulkChange | None:
    """The bulk change of this number, if it is one's own and can still be taken back."""
    change = BulkChange.objects.filter(pk=pk, user=user).first()
    return change if change is not None and change.can_be_undone else None


def purge_bulk_changes() -> int:
    """Forget what can no longer be taken back; returns how many actions."""
    forgotten, _by_model = BulkChange.objects.filter(made_at__lt=timezone.now() - KEEP).delete()
    return int(forgotten)
