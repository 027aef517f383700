"""Forms that save themselves write an event each time; a time line shows one a sitting.

The log keeps every row as it was written (`Event` only grows); what is put together here is what people read.
"""

from collections.abc import Iterable
from copy import copy
from datetime import timedelta
from typing import Any

from timeline.models import Event

# The mark of an event that nobody asked for by a button.
AUTOSAVED = "autosaved"
# So long after its first change a sitting ends.
SITTING = timedelta(hours=1)


def folded(events: Iterable[Event]) -> list[Event]:
    """`events`, newest first, with those of one person's sitting on one record as one, under the newest's
    number: what each field was before the first and is after the last. What was taken back shows no more.
    """
    groups: list[list[Event]] = []
    for event in events:
        if groups and _continues(groups[-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return [event for group in groups for event in _as_one(group)]


def may_go_on(events: list[Event]) -> bool:
    """Whether the sitting of the last of these may have begun on the next page."""
    return bool(events) and _is_autosaved(events[-1])


def _is_autosaved(event: Event) -> bool:
    return event.action == "changed" and AUTOSAVED in event.data


def _continues(group: list[Event], older: Event) -> bool:
    """An older save of the same sitting; its newest may be the one by the button."""
    newest, last = group[0], group[-1]
    if newest.action != "changed" or not _is_autosaved(older):
        return False
    same = ("subject_type", "subject_id", "actor_id")
    return all(getattr(last, name) == getattr(older, name) for name in same) and (
        newest.at - older.at <= SITTING
    )


def _as_one(group: list[Event]) -> list[Event]:
    if len(group) == 1:
        return group
    changes: dict[str, list[Any]] = {}
    for event in reversed(group):
        for name, (before, after) in event.changes.items():
            changes[name] = [changes[name][0] if name in changes else before, after]
    one = copy(group[0])
    one.changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    return [one] if one.changes else []
