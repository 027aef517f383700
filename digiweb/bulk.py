"""What can be done to many records at once: declared beside the list, run by the entity's services."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms


@dataclass(frozen=True)
class BulkAction:
    """One button of the bar at the bottom of a list.

    `run(user=, pks=, data=)` calls a service on a batch of primary keys and may return the batch
    of the bin by which it is undone; `form_class(user=)` asks for what the action needs.
    An action that changes records names the columns that it `sets` ("tags" for tags), and
    `put_back(user=, pks=, values=)`, by which records get them back (digiweb/bulk_undo.py).
    """

    name: str
    label: Any
    icon: str
    # The action of the matrix that allows it.
    action: str
    run: Callable[..., Any]
    form_class: type[forms.Form] | None = None
    danger: bool = False
    # Lazy plurals with %(count)s: the button of a dangerous action (« Delete 12 contacts »), and
    # the toast afterwards (« 12 contacts deleted. »).
    confirm_label: Any = None
    done_label: Any = field(kw_only=True)
    sets: tuple[str, ...] = ()
    put_back: Callable[..., Any] | None = None
    # Locks what is locked before the records themselves (crm/services/holding.py).
    hold: Callable[[Sequence[int]], Any] | None = None

    def button_text(self, count: int) -> str:
        """What the confirming button says."""
        return str(self.confirm_label % {"count": count} if self.confirm_label else self.label)

    def done_text(self, count: int) -> str:
        """What the toast says when it is done."""
        return str(self.done_label % {"count": count})


def find_action(actions: Sequence[BulkAction], name: str) -> BulkAction | None:
    """The declared action of this name."""
    return next((action for action in actions if action.name == name), None)
