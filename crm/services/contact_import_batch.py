"""One batch of an import: what becomes of each row, decided in memory, then written in a few statements.

The result is the same however the rows are cut into batches: a test compares.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.importing.draft import TEXTS, CompanyDraft, Draft
from crm.importing.fields import Mapping
from crm.importing.plan import Settings, given_in
from crm.importing.reading import Ready, at_once, group_of
from crm.models import ContactImport
from crm.models.contact_import import ContactImportRow
from crm.models.tag import tag_key
from crm.services.contact_import_match import HIDDEN, MAY_CHANGE, Companies, Contacts, known_tags
from digiweb.custom import set_value, value_of
from timeline.models import Note

Outcome = ContactImportRow.Outcome
CONTACT = "crm.contact"
# How many different reasons a report tells apart.
MOST_REASONS = 60


@dataclass
class Plan:
    """All that is the same for every row of a run."""

    run: ContactImport
    user: Any
    mapping: Mapping
    choices: Settings
    # {person: full name}, for the events.
    people: dict[int, str]
    may_create_tags: bool = True
    # Does something while the database is busy for long; what it returns waits for it (`Ahead.begin`).
    meanwhile: Callable[[Callable[[], None]], Callable[[], None]] = at_once
    # Companies that are known to be among the run's, so that they are not written again.
    noted_companies: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Happened:
    """An event to be written; what has no number yet is named by its draft."""

    action: str
    contact: Draft
    label: str
    changes: dict[str, Any]
    company: CompanyDraft | None = None
    former_company: CompanyDraft | None = None
    tags: tuple[set[str], set[str]] | None = None
    note: int = -1  # place in `Batch.notes`
    told: str = ""  # the changes as JSON


@dataclass(slots=True)
class Fate:
    """What became of a row."""

    number: int
    outcome: Outcome
    contact: Draft | None = None
    version: int = 0
    values: Any = field(default_factory=list)
    reason: str = ""
    company: tuple[CompanyDraft | None, CompanyDraft | None] | None = None
    tags: list[str] | None = None
    note: int = -1


class Batch:
    """The rows of one batch and what follows from them, before anything is written."""

    def __init__(self, plan: Plan, rows: Sequence[Ready]) -> None:
        self.plan = plan
        self.rows = rows
        self.contacts = Contacts(plan.run, plan.user, plan.choices, customs=bool(plan.mapping.customs))
        self.companies = Companies(plan.run, plan.user)
        self.tag_names: dict[str, str] = {}
        self.created: list[Draft] = []
        self.updated: dict[int, Draft] = {}
        self.moved: list[tuple[CompanyDraft | None, CompanyDraft | None]] = []
        self.notes: list[tuple[Draft, str]] = []
        self.events: list[Happened] = []
        self.fates: list[Fate] = []
        self.counts: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def decide(self) -> None:
        """Read what the rows may meet, then go through them in order."""
        if self.plan.choices.on_duplicate != "create":
            self.contacts.load(self.rows)
        self.companies.load(self.rows)
        self._load_tags()
        self._known_notes = self._load_notes()
        for ready in self.rows:
            fate = self._decide(ready)
            self.fates.append(fate)
            self.counts[fate.outcome.value] += 1

    def _load_tags(self) -> None:
        for name in (
            *self.plan.choices.tags,
            *(t for row in self.rows if not row.problems for t in row.clean.tags),
        ):
            key = tag_key(name)
            if key:
                self.tag_names.setdefault(key, " ".join(name.split())[:40])
        if self.tag_names:
            known = known_tags(self.tag_names)
            if not self.plan.may_create_tags:
                self.tag_names = known
            self.tag_names |= known

    def _load_notes(self) -> set[tuple[int, str]]:
        """Notes are not written twice on a contact that a file brings again."""
        met = list(self.contacts.stored) if any(row.clean.note for row in self.rows) else []
        notes = Note.objects.filter(subject_type=CONTACT, subject_id__in=met)
        return set(notes.values_list("subject_id", "body"))

    def _decide(self, ready: Ready) -> Fate:
        if ready.problems:
            for problem in ready.problems:
                self.refused[group_of(*problem)] += 1
            return Fate(ready.number, Outcome.REFUSED, values=ready.values, reason=ready.reason)
        choices = self.plan.choices
        met = None if choices.on_duplicate == "create" else self.contacts.match(ready.clean.data)
        if met is None:
            return self._create(ready)
        rank = self.contacts.rank(met)
        if rank == HIDDEN:
            return self._skip(ready, "colleague")
        if choices.on_duplicate == "update":
            return self._update(ready, met) if rank == MAY_CHANGE else self._skip(ready, "forbidden", met)
        return self._skip(ready, "file" if met.row else "exists", met)

    def _skip(self, ready: Ready, reason: str, met: Draft | None = None) -> Fate:
        self.skipped[reason] += 1
        return Fate(ready.number, Outcome.SKIPPED, met, reason=reason)

    # --- Create

    def _create(self, ready: Ready) -> Fate:
        plan, data, draft = self.plan, ready.clean.data, ready.draft
        assert draft is not None  # noqa: S101 (a row without problems has one)
        turn = plan.run.created + len(self.created)
        draft.owner_id = plan.choices.owner_for(turn, data.get("postcode", ""), plan.run.user_id)
        draft.company = self.companies.resolve(data)
        draft.tags = self._tags_of(ready)
        self.contacts.add(draft)
        self.created.append(draft)
        changes = ready.changes
        if draft.owner_id is not None:
            owner = {"id": draft.owner_id, "label": plan.people.get(draft.owner_id, "")}
            changes["owner"] = [None, owner]
        tags = (set[str](), draft.tags) if draft.tags else None
        self.events.append(
            Happened("imported", draft, ready.label, changes, company=draft.company, tags=tags)
        )
        self._note(draft, ready)
        return Fate(ready.number, Outcome.CREATED, draft, 1)

    def _tags_of(self, ready: Ready) -> set[str]:
        names = (*self.plan.choices.tags, *ready.clean.tags)
        return {key for key in map(tag_key, names) if key in self.tag_names} if names else set()

    def _note(self, draft: Draft, ready: Ready) -> int:
        body = ready.clean.note
        key = (draft.pk or -draft.row, body)
        if not body or key in self._known_notes:
            return -1
        self._known_notes.add(key)
        self.notes.append((draft, body))
        place = len(self.notes) - 1
        self.events.append(Happened("noted", draft, str(draft), {}, note=place))
        return place

    # --- Update

    def _update(self, ready: Ready, met: Draft) -> Fate:
        """Fill in what the row says; what it leaves empty stays."""
        given = given_in(ready.clean.data, ready.values, self.plan.mapping)
        changes = {
            name: [getattr(met, name), given[name]]
            for name in TEXTS
            if name in given and getattr(met, name) != given[name]
        }
        customs = {
            name: [value_of(met, name), given[name]]
            for name in self.plan.mapping.customs
            if name in given and value_of(met, name) != given[name]
        }
        company = self._other_company(given, met)
        tags = self._tags_of(ready) - met.tags
        noted = ready.clean.note and (met.pk or -met.row, ready.clean.note) not in self._known_notes
        if not (changes or customs or company or tags or noted):
            return self._skip(ready, "same", met)
        self.contacts.remove(met)
        for name, (_before, after) in changes.items():
            setattr(met, name, after)
        for name, (_before, after) in customs.items():
            set_value(met, name, after)
        met.words = None
        self.contacts.add(met)
        fate = Fate(ready.number, Outcome.UPDATED, met, values={**changes, **customs})
        changes |= self._told(customs)
        event = Happened("changed", met, str(met), changes, former_company=met.company)
        if company:
            fate.company = (met.company, company)
            event.company = company
            self.moved.append(fate.company)
            if met.company:
                self.companies.touch(met.company)
            met.company = company
        if tags:
            fate.tags = sorted(tags)
            event.tags = (met.tags, met.tags | tags)
            met.tags = met.tags | tags
        met.version += 1
        fate.version = met.version
        if changes or company or tags:
            self.events.append(event)
        fate.note = self._note(met, ready)
        if met.pk:
            self.updated[met.pk] = met
        return fate

    def _told(self, customs: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Changes of custom fields as the log keeps them."""
        fields = self.plan.mapping.customs
        return {
            name: [None if value is None else fields[name].logged(value) for value in pair]
            for name, pair in customs.items()
        }

    def _other_company(self, given: dict[str, str], met: Draft) -> CompanyDraft | None:
        """The company that the row names, unless it is the contact's already."""
        name, siret = given.get("company", ""), given.get("siret", "")
        if not name and not siret:
            return None
        has = met.company
        if has and siret and has.siret == siret:
            return None
        if has and name and CompanyDraft(name=name).sort_name == has.sort_name and siret in ("", has.siret):
            return None
        found = self.companies.resolve(given)
        return None if found is None or found is has or (has and found.pk and found.pk == has.pk) else found


def add_reasons(reasons: dict[str, Any], batch: Batch) -> dict[str, Any]:
    """The counts of a report with those of one more batch."""
    total: dict[str, Any] = {}
    for kind, more in (("skipped", batch.skipped), ("refused", batch.refused)):
        counts = dict(reasons.get(kind, {}))
        for reason, count in more.items():
            known = reason in counts or len(counts) < MOST_REASONS
            counts[reason if known else "…"] = counts.get(reason if known else "…", 0) + count
        total[kind] = counts
    return total
