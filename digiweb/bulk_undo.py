"""Taking a bulk action back as one: what each record had before, put back by the entity's own service."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from digiweb.bulk import BulkAction
from digiweb.changes import BATCH
from timeline.models import BulkChange

TAGS = "tags"
# {number: (version, {column: value})}
Before = dict[int, tuple[int, dict[str, Any]]]


def values_before(model: Any, pks: Sequence[int], action: BulkAction) -> Before:
    """What these locked-to-be records have in the columns that the action sets (and their tags)."""
    names = [name for name in action.sets if name != TAGS]
    columns = [model._meta.get_field(name).attname for name in names]
    before: Before = {}
    for start in range(0, len(pks), BATCH):
        part = pks[start : start + BATCH]
        rows = model._base_manager.filter(pk__in=part).values_list("pk", "version", *columns)
        for pk, version, *values in rows:
            before[pk] = (version, dict(zip(names, values, strict=True)))
        if TAGS in action.sets:
            for _version, known in before.values():
                known.setdefault(TAGS, [])
            for pk, tag in _tags_of(model, part):
                if pk in before:
                    before[pk][1][TAGS].append(tag)
    return before


def _tags_of(model: Any, pks: Sequence[int]) -> Iterator[tuple[int, int]]:
    field = model._meta.get_field(TAGS)
    link, tag = field.m2m_column_name(), field.m2m_reverse_name()
    rows = field.remote_field.through._base_manager.filter(**{f"{link}__in": pks})
    yield from rows.order_by(link, tag).values_list(link, tag)


def keep_for_undo(*, user: Any, view: type, model: Any, action: BulkAction, before: Before) -> BulkChange:
    """Write down what an action that has just run changed, in its transaction."""
    versions: dict[int, int] = {}
    pks = sorted(before)
    for start in range(0, len(pks), BATCH):
        part = pks[start : start + BATCH]
        versions.update(model._base_manager.filter(pk__in=part).values_list("pk", "version"))
    # Where a colleague saved a record between our look and the action, what it had is theirs to say.
    kept = {
        pk: [versions[pk], values]
        for pk, (version, values) in sorted(before.items())
        if versions.get(pk) in (version, version + 1)
    }
    return BulkChange.objects.create(
        user=user,
        view=f"{view.__module__}.{view.__qualname__}",
        action=action.name,
        before=json.loads(json.dumps(kept, default=str)),
    )


@transaction.atomic
def take_back(*, user: Any, change: BulkChange, model: Any, action: BulkAction) -> tuple[int, int]:
    """Put back what the records had; returns how many were, and how many stay.

    Those stay that changed since, or that `user` may no longer change.
    """
    held = BulkChange.objects.select_for_update().get(pk=change.pk)
    if not held.can_be_undone:
        return 0, len(held.before)
    pks = sorted(map(int, held.before))
    if action.hold is not None:
        action.hold(pks)
    rows = model.objects.visible_to(user, "change").select_for_update().order_by("pk")
    now: dict[int, int] = {}
    for start in range(0, len(pks), BATCH):
        now.update(rows.filter(pk__in=pks[start : start + BATCH]).values_list("pk", "version"))
    groups: dict[str, list[int]] = defaultdict(list)
    for pk in pks:
        version, values = held.before[str(pk)]
        if now.get(pk) == version:
            groups[json.dumps(values, sort_keys=True)].append(pk)
    put_back: Callable[..., Any] = action.put_back  # type: ignore[assignment]
    for key, members in groups.items():
        values = json.loads(key)
        for part, known in _parts(model, members, values):
            put_back(user=user, pks=part, values=known)
    held.undone_at = timezone.now()
    held.save(update_fields=["undone_at"])
    restored = sum(map(len, groups.values()))
    return restored, len(pks) - restored


def _parts(
    model: Any, pks: Sequence[int], values: Mapping[str, Any]
) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """Records that get the same back, with the values as the services take them."""
    if TAGS in values:
        yield from _tags_apart(model, pks, set(values[TAGS]))
        return
    known = {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        if isinstance(field, models.ForeignKey) and value is not None:
            known[name] = field.remote_field.model._base_manager.filter(pk=value).first()
        else:
            known[name] = field.to_python(value)
    for start in range(0, len(pks), BATCH):
        yield list(pks[start : start + BATCH]), known


def _tags_apart(
    model: Any, pks: Sequence[int], wanted: set[int]
) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """Which tags to add to, and take off, records that all had `wanted`."""
    present: dict[int, set[int]] = {pk: set() for pk in pks}
    for start in range(0, len(pks), BATCH):
        for pk, tag in _tags_of(model, pks[start : start + BATCH]):
            present[pk].add(tag)
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for pk, tags in present.items():
        groups[tuple(sorted(wanted - tags)), tuple(sorted(tags - wanted))].append(pk)
    tag_model = model._meta.get_field(TAGS).remote_field.model
    for (add, remove), members in groups.items():
        known = {
            "add": list(tag_model._base_manager.filter(pk__in=add)),
            "remove": list(tag_model._base_manager.filter(pk__in=remove)),
        }
        yield members, known
