"""What the person chose for an import, and what follows from it for each row. Pure: no database."""

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass, field
from typing import Any

from crm.importing.fields import FIELDS, Mapping

# Fields that say who somebody is: a file must fill one of them.
NAMING = ("last_name", "first_name", "full_name", "email", "phone", "mobile")
# What several columns may fill together by a person's choice; the columns that a program's own file has for
# one field (three e-mail addresses) are told by `detect_mapping`.
ADDING = ("phone", "mobile", "address", "tags", "note")


@dataclass(frozen=True)
class Settings:
    """How duplicates, owners and empty cells are treated."""

    on_duplicate: str = "skip"  # skip, update, create
    match_on: str = "both"  # email, phone, both
    assign: str = "me"  # nobody, me, person, round_robin, rule
    people: list[int] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)  # {first digits of the postcode: person}
    tags: list[str] = field(default_factory=list)
    status: str = ""
    source: str = ""

    @classmethod
    def of(cls, values: MappingType[str, Any]) -> "Settings":
        """From JSON; what is missing or unknown has its default."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def by_email(self) -> bool:
        return self.match_on in ("email", "both")

    @property
    def by_phone(self) -> bool:
        return self.match_on in ("phone", "both")

    @property
    def defaults(self) -> dict[str, str]:
        """What a new contact has where its row is silent."""
        return {"country": "FR", "status": self.status or "lead", "source": self.source}

    def owner_for(self, turn: int, postcode: str, me: int | None) -> int | None:
        """Whose the contact becomes that is the `turn`-th (from 0) to be created.

        Counting the created ones shares them out evenly, whatever was refused between them; the count
        is saved with each batch, so an import that goes on assigns as if it had never stopped.
        """
        if self.assign == "me":
            return me
        if self.assign == "person":
            return self.people[0] if self.people else None
        if self.assign == "round_robin":
            return self.people[turn % len(self.people)] if self.people else None
        if self.assign == "rule":
            for length in range(len(postcode), 0, -1):
                if postcode[:length] in self.rules:
                    return self.rules[postcode[:length]]
        return None

    def everybody(self) -> set[int]:
        """Whom it names."""
        if self.assign in ("person", "round_robin"):
            return set(self.people)
        return set(self.rules.values()) if self.assign == "rule" else set()


def mapping_of(
    preset: str, columns: MappingType[str, str], customs: MappingType[str, Any] | None = None
) -> Mapping:
    """The mapping as an import keeps it: {column number as text: field}.

    `customs` are the custom fields in use by name: columns of one that is no longer are left out.
    """
    known = customs or {}
    kept = {int(column): name for column, name in columns.items() if name in FIELDS or name in known}
    return Mapping(preset, kept, {name: known[name] for name in kept.values() if name in known})


def given_in(data: MappingType[str, str], values: list[str], mapping: Mapping) -> dict[str, str]:
    """What of `data` the row says itself: defaults must not overwrite a contact that is there already."""
    said = {
        name for column, name in mapping.columns.items() if column < len(values) and values[column].strip()
    }
    # One column may fill several fields: a full name both names, a phone its mobile.
    if "full_name" in said:
        said |= {"first_name", "last_name"}
    if said & {"phone", "mobile"}:
        said |= {"phone", "mobile"}
    return {name: value for name, value in data.items() if name in said}


def twice(columns: MappingType[int, str], detected: MappingType[int, str]) -> list[int]:
    """Columns whose field an earlier column fills already, where that makes no sense."""
    seen: dict[str, list[int]] = {}
    found = []
    for column in sorted(columns):
        name = columns[column]
        earlier = seen.setdefault(name, [])
        known = [*earlier, column]
        if earlier and name not in ADDING and not all(detected.get(at) == name for at in known):
            found.append(column)
        earlier.append(column)
    return found
