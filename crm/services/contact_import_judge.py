"""What an undo may do with each contact that an import wrote: remove, restore, leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.models import Contact, ContactImport, ContactImportRow
from timeline.models import Event, EventLink

Undo = ContactImportRow.Undo
WROTE = (ContactImportRow.Outcome.CREATED, ContactImportRow.Outcome.UPDATED)
CONTACT, COMPANY = "crm.contact", "crm.company"


@dataclass
class Touched:
    """One contact that the run created or changed, by its rows in order."""

    contact: Contact | None
    rows: list[ContactImportRow] = field(default_factory=list)
    verdict: str = ""

    @property
    def created(self) -> bool:
        return any(row.outcome == ContactImportRow.Outcome.CREATED for row in self.rows)

    @property
    def version(self) -> int:
        """What the run left behind."""
        return max(row.version for row in self.rows)

    def former(self) -> dict[str, Any]:
        """{field: value before the run}."""
        values: dict[str, Any] = {}
        for row in self.rows:
            for name, (before, _after) in row.values.items():
                if name not in ("tags", "note"):
                    values.setdefault(name, before)
        return values

    def added(self, name: str) -> list[Any]:
        """Tags (keys) or notes (numbers) that the run added."""
        found = [
            row.values[name][1] for row in self.rows if isinstance(row.values, dict) and name in row.values
        ]
        return [key for keys in found for key in keys] if name == "tags" else found


def next_rows(run: ContactImport, cursor: int, size: int) -> list[tuple[int, int]]:
    """(row number, contact) of the next rows that wrote something and are not settled yet."""
    found: list[tuple[int, int]] = []
    for outcome in WROTE:  # one after the other, so that each is read in the order of its index
        rows = ContactImportRow.objects.filter(run=run, outcome=outcome, number__gt=cursor, undo="")
        found += rows.order_by("number").values_list("number", "contact_id")[:size]  # type: ignore[arg-type]
    return sorted(found)[:size]


def judge(run: ContactImport, pks: Iterable[int], *, lock: bool = False) -> list[Touched]:
    """What an undo may do with each of these contacts, all their rows in this run together."""
    wanted = sorted(set(pks))
    contacts = Contact.objects.filter(pk__in=wanted).order_by("pk").select_related("company", "owner")
    if lock:
        list(Contact.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))
    found = {contact.pk: contact for contact in contacts}
    touched = {pk: Touched(found.get(pk)) for pk in wanted}
    rows = ContactImportRow.objects.filter(run=run, contact_id__in=wanted, outcome__in=WROTE)
    for row in rows.order_by("number"):
        touched[row.contact_id].rows.append(row)  # type: ignore[index]
    used = used_since(run, CONTACT, [pk for pk in found if touched[pk].created])
    for pk, one in touched.items():
        if one.contact is None:
            one.verdict = Undo.GONE
        elif one.contact.version != one.version or pk in used:
            one.verdict = Undo.LEFT
        else:
            one.verdict = Undo.REMOVED if one.created else Undo.RESTORED
    # Rows that an earlier batch settled (none, unless somebody's number stands in both).
    return [one for one in touched.values() if one.rows and not all(row.undo for row in one.rows)]


def used_since(run: ContactImport, kind: str, pks: Sequence[int]) -> set[int]:
    """Records on which anything happened that was not this import: a note, a tag, a deal, a merge."""
    events = Event.objects.filter(subject_type=kind, subject_id__in=pks).values_list("subject_id", "data")
    used = {pk for pk, data in events if pk and data.get("import") != run.pk}
    if kind == COMPANY:  # its contacts are counted for themselves
        return used
    links = EventLink.objects.filter(subject_type=kind, subject_id__in=pks).values_list(
        "subject_id", "event__data"
    )
    return used | {pk for pk, data in links if data.get("import") != run.pk}
