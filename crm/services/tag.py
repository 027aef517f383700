"""Verbs of tags."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from crm.models import Tag
from crm.models.tag import tag_key
from digiweb.audit import Change, record_many
from digiweb.changes import change_record, create_record
from timeline.services.bin import move_to_bin


def tags_named(names: Iterable[str], *, user: Any) -> list[Tag]:
    """The tags of these names, created where they do not exist yet; spelling decides nothing."""
    wanted: dict[str, str] = {}
    for name in names:
        if name.strip():
            wanted.setdefault(tag_key(name), " ".join(name.split())[:40])
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    missing = [Tag(name=name, key=key) for key, name in wanted.items() if key not in found]
    if missing:
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
        found = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
        new = [found[tag.key] for tag in missing if tag.key in found]
        record_many(user=user, changes=[Change("created", tag) for tag in new])
    return [found[key] for key in wanted if key in found]


@transaction.atomic
def create_tag(*, user: Any, tag: Tag) -> Tag:
    """Save a new tag."""
    tag.key = tag_key(tag.name)
    return create_record(user=user, obj=tag)


@transaction.atomic
def change_tag(
    *, user: Any, tag: Tag, values: Mapping[str, Any], version: int | None = None
) -> dict[str, Any]:
    """Rename or recolour a tag; raises StaleVersion when `version` is not the current one."""
    return change_record(user=user, obj=tag, values=values, version=version)


@transaction.atomic
def delete_tag(*, user: Any, tag: Tag) -> Any:
    """Move a tag to the bin with the list of records that bore it; returns the batch."""
    return move_to_bin(user=user, objs=[tag])
