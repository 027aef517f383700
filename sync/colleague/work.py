"""One element of the list on its way through a batch."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from crm.models import Client, Contact
from people.models import User
from sync.colleague.keys import Element
from sync.colleague.recent import Told
from sync.colleague.shape import Piece, Prospect, Reading
from sync.models import ImportedRecord

# What events of the import say of themselves.
SOURCE = gettext_noop("colleague")


@dataclass
class Work:
    """A prospect as it came, what is known of it, and what it becomes."""

    element: Element
    number: int | None = None
    key: str = ""
    reading: Reading | None = None
    record: ImportedRecord | None = None
    contact: Contact | None = None
    client: Client | None = None
    seller: User | None = None
    # Nothing of it failed or waits for a person: next time it may be passed over.
    clean: bool = True
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def raw(self) -> Any:
        return self.element.raw

    @property
    def digest(self) -> str:
        return self.element.digest

    @property
    def prospect(self) -> Prospect:
        assert self.reading is not None  # noqa: S101 (only asked of what was read)
        assert self.reading.prospect is not None  # noqa: S101
        return self.reading.prospect

    @property
    def order(self) -> tuple[int, str]:
        """The same whatever the order of the list."""
        return (self.number if self.number is not None else 2**63, self.key)


def told_of(piece: Piece, started: datetime, names: dict[str, str] | list[str]) -> dict[str, Told]:
    """What a piece says of these of its fields ({its name: ours}); of the others it said nothing."""
    pairs = names.items() if isinstance(names, dict) else [(name, name) for name in names]
    at, dated = piece.updated_at or started, piece.updated_at is not None
    return {ours: Told(getattr(piece, name), at, dated) for name, ours in pairs if piece.says(name)}
