"""Abstract models: what every record of the house has."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope, Scope


class StaleVersion(Exception):
    """Somebody saved the record since this person opened it."""

    def __init__(self, current: "Record") -> None:
        super().__init__(f"{current} is at version {current.version}")
        self.current = current


class Record(models.Model):
    """A record that people own and change: it knows its module, its owner and its version."""

    # The name of its rights in the matrix of roles; a child names its parent's.
    module: ClassVar[str] = ""
    ownership: ClassVar[Scope] = EverybodyScope()
    # The columns of which `str()` and the initials are made: all that lists read of a linked record.
    label_fields: ClassVar[tuple[str, ...]] = ()

    created_at = models.DateTimeField(_("added on"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed on"), auto_now=True)
    # Counts changes: two people who edit the same record meet here (digiweb/views/edit.py).
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class CustomRecord(Record):
    """A record with custom fields (digiweb/custom.py); `custom` is None where none is filled in."""

    custom = models.JSONField(_("custom fields"), null=True, default=None, editable=False)

    class Meta:
        abstract = True


class MergeableRecord(Record):
    """A record that can absorb its twin (timeline/services/merge.py)."""

    # Numbers of the records that were merged into this one: their events are its own too.
    merged_ids = models.JSONField(null=True, default=None, editable=False)

    class Meta:
        abstract = True

    @property
    def all_ids(self) -> list[int]:
        """Its own number, and those of what was merged into it."""
        return [self.pk, *(self.merged_ids or [])]
