"""Two records become one with everything attached to both, and two again (SPEC C12, N3).

What points at a record is found by itself, as the bin does: foreign keys, many-to-many tables, and the
tables that name their record by kind and number (notes, documents). Events never move: the kept record
remembers the numbers whose events are its own too.
"""

from collections.abc import Callable, Collection
from copy import copy
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import Change, record_many
from digiweb.carriers import follow
from digiweb.custom import flat, is_custom, key_of, set_value
from timeline.models import BinEntry, Event, EventLink, Merge
from timeline.models.bin import KEEP_DAYS
from timeline.models.event import subject_of
from timeline.services.bin_rows import (
    BATCH,
    derive_again,
    existing,
    incoming,
    insert,
    object_of,
    other_end,
    row_of,
)

# What apps do when two rows of a model became one (`came=False`) or two again (`came=True`).
_followers: dict[type[models.Model], list[Callable[..., Any]]] = {}
# What rows that hang on a record must change to hang on another: {model: {their table: what says it}}.
_settlers: dict[type[models.Model], dict[type[models.Model], Callable[..., Any]]] = {}
# Tables that are worked out from others: they follow by themselves.
_derived: set[str] = set()
# Tables that name a record by kind and number and are never rewritten.
FIXED = {Event, EventLink, BinEntry, Merge}


def register_merge(
    model: type[models.Model], after_change: Callable[..., Any], *, derived: tuple[str, ...] = ()
) -> None:
    """Call `after_change(kept, lost, came=bool, before=kept as it was)` when rows were merged or parted.

    `derived` names tables ("crm.companyaccess") whose rows follow from others and are not carried over.
    Several apps may register for one model; they are called in the order of the apps.
    """
    _followers.setdefault(model, []).append(after_change)
    _derived.update(derived)


def register_settler(
    model: type[models.Model],
    table: type[models.Model],
    settle: Callable[[Any, Any], dict[int, dict[str, Any]]],
) -> None:
    """Ask `settle(kept, lost)` what rows of `table` must change before they are carried over.

    It returns {number of a row of `lost`: {field: text or number}}; the undoing puts back what was.
    """
    _settlers.setdefault(model, {})[table] = settle


def is_derived(table: type[models.Model]) -> bool:
    """Whether the rows of a table follow from others, and are not carried over."""
    return table._meta.label_lower in _derived


def subject_tables() -> list[type[models.Model]]:
    """The tables whose rows name any record by kind and number, such as notes."""
    return [
        model
        for model in apps.get_models()
        if model not in FIXED
        and {"subject_type", "subject_id"} <= {f.name for f in model._meta.concrete_fields}
    ]


# --- One


@transaction.atomic
def absorb(
    *, user: Any, kept: Any, lost: Any, change: Callable[[], Any], more: Collection[str] = ()
) -> Merge:
    """Carry all that hangs on `lost` over to `kept` and remove its row; both are locked by the caller.

    `change()` then saves what is chosen for the kept record's own fields; `more` names those among them
    that no form knows. Returns the Merge by which it is undone.
    """
    kind, kept_pk = subject_of(kept)
    merge = Merge(
        subject_type=kind,
        kept_id=kept_pk,
        lost_id=lost.pk,
        kept_label=str(kept)[:210],
        lost_label=str(lost)[:210],
        merged_by=user,
        rows=[row_of(lost)],
    )
    before = flat(row_of(kept)["fields"])
    for table, settle in _settlers.get(type(kept), {}).items():
        _adjust(user, merge, table, settle(kept, lost))
    for relation in incoming(type(kept)):
        if relation.related_model._meta.label_lower not in _derived:
            _carry_over(merge, relation)
    for table in subject_tables():
        rows = table._base_manager.filter(subject_type=kind, subject_id=lost.pk)
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            merge.moved[f"{table._meta.label_lower}.subject_id"] = pks
            rows.update(subject_id=kept_pk)
    also_lost = lost.merged_ids or []
    type(lost)._base_manager.filter(pk=lost.pk).delete()
    kept.merged_ids = [*(kept.merged_ids or []), lost.pk, *also_lost]
    kept.save(update_fields=["merged_ids"])
    change()
    after = flat(row_of(type(kept)._base_manager.get(pk=kept_pk))["fields"])
    own = [column.name for column in kept._meta.concrete_fields if column.editable and column.name in before]
    own += more
    own += [name for name in dict.fromkeys([*before, *after]) if is_custom(name)]
    pairs = {name: [before.get(name), after.get(name)] for name in own}
    merge.changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    merge.save()
    data = {"merge": merge.pk, "kept": kept_pk, "lost": lost.pk, "label": merge.lost_label}
    record_many(user=user, changes=[Change("merged", kept, data=data)])
    _after(merge, kept, lost, came=False, before=kept)
    return merge


def _adjust(user: Any, merge: Merge, table: Any, wanted: dict[int, dict[str, Any]]) -> None:
    """Change rows of the lost record that could not hang on the kept one as they are, and remember it."""
    kept_of: dict[str, Any] = {}
    told = []
    for row in table._base_manager.filter(pk__in=wanted).order_by("pk"):
        changes = {name: [getattr(row, name), value] for name, value in wanted[row.pk].items()}
        table._base_manager.filter(pk=row.pk).update(version=F("version") + 1, **wanted[row.pk])
        kept_of[str(row.pk)] = changes
        told.append(Change("changed", row, changes))
    if told:
        merge.adjusted[table._meta.label_lower] = kept_of
        record_many(user=user, changes=told)


def _put_back(user: Any, merge: Merge) -> None:
    """The rows that were adjusted are as they were, where nobody has changed them since."""
    for label, rows in merge.adjusted.items():
        table: Any = apps.get_model(label)
        told = []
        for row in table._base_manager.filter(pk__in=rows).order_by("pk"):
            back = {
                name: before
                for name, (before, after) in rows[str(row.pk)].items()
                if getattr(row, name) == after
            }
            if back:
                table._base_manager.filter(pk=row.pk).update(version=F("version") + 1, **back)
                changes = {name: [getattr(row, name), value] for name, value in back.items()}
                told.append(Change("changed", row, changes))
        record_many(user=user, changes=told)


def _carry_over(merge: Merge, relation: Any) -> None:
    """Point the rows behind one foreign key at the kept record."""
    related, link = relation.related_model, relation.field
    key = f"{related._meta.label_lower}.{link.name}"
    rows = related._base_manager.filter(**{link.name: merge.lost_id})
    if related._meta.auto_created or _pairs(related, link):
        _tie_over(merge, related, link, key)
        return
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    if not pks:
        return
    if link.unique:  # one to one: the kept record's own stays, the other waits for the undoing
        taken = related._base_manager.filter(**{link.name: merge.kept_id}).exists()
        if taken:
            merge.rows += [row_of(row) for row in rows]
            rows.delete()
            return
    merge.moved[key] = pks
    rows.update(**{link.name: merge.kept_id})


def _pairs(table: type[models.Model], link: Any) -> Any:
    """The other end of a table that ties two records once (a tag on a contact), or None."""
    for constraint in table._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and link.name in constraint.fields:
            others = [name for name in constraint.fields if name != link.name]
            return table._meta.get_field(others[0]) if len(others) == 1 else None
    return None


def _tie_over(merge: Merge, table: type[models.Model], link: Any, key: str) -> None:
    """Give the kept record the ties of the lost one that it lacks; the rest of those rows goes away."""
    other = other_end(table, link) if table._meta.auto_created else _pairs(table, link)
    rows = table._base_manager.filter(**{link.name: merge.lost_id})
    theirs = set(rows.values_list(other.attname, flat=True))
    if not theirs:
        return
    mine = set(table._base_manager.filter(**{link.name: merge.kept_id}).values_list(other.attname, flat=True))
    if not table._meta.auto_created:
        # These rows may hold more than the tie: those whose twin is there wait, the others move.
        twins = rows.filter(**{f"{other.attname}__in": mine})
        merge.rows += [row_of(row) for row in twins]
        twins.delete()
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            merge.moved[key] = pks
            rows.update(**{link.name: merge.kept_id})
        return
    merge.ties[key] = {"lost": sorted(theirs), "added": sorted(theirs - mine)}
    rows.delete()
    _tie(table, link, other, merge.kept_id, theirs - mine)


def _tie(table: type[models.Model], link: Any, other: Any, pk: int, ends: Any) -> None:
    there = existing(other.remote_field.model, ends)
    ties = [table(**{link.attname: pk, other.attname: end}) for end in sorted(there)]
    table._base_manager.bulk_create(ties, ignore_conflicts=True, batch_size=BATCH)


# --- Two again


@transaction.atomic
def part(*, user: Any, merge: Merge) -> list[str]:
    """Undo a merge: both records are back with what each had; returns what has changed since, in sentences.

    Values and links that somebody changed after the merge are left as they are and named. Raises
    ValidationError when it was undone, is too old, or the kept record is gone or was merged itself.
    """
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if not merge.can_be_undone:
        raise ValidationError(_("This merge cannot be undone any more."))
    model: Any = apps.get_model(merge.subject_type)
    kept = model._base_manager.select_for_update().filter(pk=merge.kept_id).first()
    if kept is None:
        raise ValidationError(
            _("“%(record)s” is gone: bring it back from the bin first, or undo its later merge.")
            % {"record": merge.kept_label}
        )
    told: list[str] = []
    as_merged = copy(kept)
    rows = [object_of(row) for row in merge.rows]
    insert(rows)
    lost = model._base_manager.get(pk=merge.lost_id)
    for key, pks in merge.moved.items():
        _carry_back(merge, key, pks, told)
    for key, ends in merge.ties.items():
        table, link = _column(key)
        other = other_end(table, link)
        table._base_manager.filter(
            **{link.name: merge.kept_id, f"{other.attname}__in": ends["added"]}
        ).delete()
        _tie(table, link, other, merge.lost_id, ends["lost"])
    _put_back(user, merge)
    _restore_fields(kept, merge, told)
    apart = {merge.lost_id, *(lost.merged_ids or [])}
    kept.merged_ids = [pk for pk in kept.merged_ids or [] if pk not in apart] or None
    kept.version += 1
    kept.save()
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    data = {"merge": merge.pk, "kept": kept.pk, "lost": lost.pk, "label": merge.lost_label}
    record_many(user=user, changes=[Change("parted", kept, data=data), Change("restored", lost, data=data)])
    _after(merge, kept, lost, came=True, before=as_merged)
    return told


def _column(key: str) -> tuple[Any, Any]:
    label, _dot, name = key.rpartition(".")
    model = apps.get_model(label)
    return model, model._meta.get_field(name)


def _carry_back(merge: Merge, key: str, pks: list[int], told: list[str]) -> None:
    table, link = _column(key)
    column = link.name
    kind = {"subject_type": merge.subject_type} if column == "subject_id" else {}
    back = 0
    for start in range(0, len(pks), BATCH):
        mine = table._base_manager.filter(
            pk__in=pks[start : start + BATCH], **{column: merge.kept_id}, **kind
        )
        back += mine.update(**{column: merge.lost_id})
    if back < len(pks):
        about = {"count": len(pks) - back, "kind": table._meta.verbose_name_plural}
        told.append(_("Changed since, and left as they are: %(kind)s (%(count)s).") % about)


def _restore_fields(kept: Any, merge: Merge, told: list[str]) -> None:
    now = flat(row_of(kept)["fields"])
    for name, (before, after) in merge.changes.items():
        if is_custom(name):
            if now.get(name) == after:
                set_value(kept, name, before)
            else:
                told.append(_("%(field)s has changed since and stays as it is.") % {"field": key_of(name)})
            continue
        column = kept._meta.get_field(name)
        if now.get(name) == after:
            earlier = object_of({"model": merge.subject_type, "pk": kept.pk, "fields": {name: before}})
            setattr(kept, column.attname, getattr(earlier, column.attname))
        else:
            told.append(_("%(field)s has changed since and stays as it is.") % {"field": column.verbose_name})


def _after(merge: Merge, kept: Any, lost: Any, *, came: bool, before: Any) -> None:
    """Derived columns of the rows that moved, then the app that registered."""
    for key, pks in merge.moved.items():
        derive_again(_column(key)[0], pks)
    follow(type(kept), [kept.pk, lost.pk])
    for follower in _followers.get(type(kept), ()):
        follower(kept, lost, came=came, before=before)


def kept_instead(model: type[models.Model], pks: Collection[int]) -> dict[int, int]:
    """{number of a record that is gone: that of the one which it was merged into, by now}."""
    kind, ends = model._meta.label_lower, {pk: pk for pk in pks}
    while ends:
        merges = Merge.objects.filter(
            subject_type=kind, lost_id__in=set(ends.values()), undone_at=None
        ).order_by("pk")
        into = dict(merges.values_list("lost_id", "kept_id"))
        if not into:
            break
        ends = {pk: into.get(end, end) for pk, end in ends.items()}
    return {pk: end for pk, end in ends.items() if pk != end}


def purge_merges() -> int:
    """Empty what merges keep for their undoing once it is too late; returns how many."""
    late = Merge.objects.filter(merged_at__lt=timezone.now() - timedelta(days=KEEP_DAYS))
    return int(late.exclude(rows=[]).update(rows=[], moved={}, ties={}, changes={}, adjusted={}))
