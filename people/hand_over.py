"""What belongs to a member and must be somebody else's before they leave.

Each module whose records have an owner registers them, one line in its `apps.py`; a test fails for a
model with an owner that is neither here nor in HISTORY (tests/people/test_removal.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from digiweb.templatetags.digiweb import number

# Records that stay with whoever made them: they say what happened, and nobody works on them any more.
HISTORY = {
    "crm.contactimport": "what was imported by whom",
    "sync.phonecall": "who took the call; their manager and administrators see those still waiting",
    "people.invitation": "how somebody came in",
    "people.apitoken": "revoked when access ends",
    "people.savedview": "removed with the account, as nobody else may change it",
    "people.target": "what was asked of them",
    "people.salesperson": "their own profile; their contracts are handed over",
    "sales.award": "what they earned",
    "sales.commissionstatement": "what they were paid",
    "sales.commissionline": "what they were paid for",
    "timeline.binentry": "who deleted it",
    "timeline.jobrun": "who started it",
}


@dataclass(frozen=True)
class Owned:
    """A kind of record that is handed over: `hand_over(user, pks, to)` is a service of its module.

    The model has a column `owner`. `only` narrows to what still is work (open activities); the rest
    stays as history.
    """

    model: str
    hand_over: Callable[[Any, Sequence[int], Any], Any]
    only: Mapping[str, Any] = field(default_factory=dict)
    order: int = 100

    @property
    def kind(self) -> Any:
        return apps.get_model(self.model)

    @property
    def label(self) -> Any:
        return self.kind._meta.verbose_name_plural

    def counted(self, count: int) -> str:
        """« 1 contact », « 12 contacts »."""
        meta = self.kind._meta
        return f"{number(count)} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"

    @property
    def module(self) -> str:
        return str(self.kind.module)

    def rows(self, person: Any) -> QuerySet:
        """What `person` leaves behind of this kind."""
        rows: QuerySet = self.kind._default_manager.filter(owner=person, **self.only)
        return rows


_owned: dict[str, Owned] = {}


def register_owned(owned: Owned) -> None:
    """Add a kind of record that is handed over when its owner leaves."""
    _owned[owned.model] = owned


def owned_kinds() -> list[Owned]:
    """All of them, in the order in which they are shown and handed over."""
    return sorted(_owned.values(), key=lambda owned: (owned.order, owned.model))
