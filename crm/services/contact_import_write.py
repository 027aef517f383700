"""Writing a decided batch: a few statements for a thousand rows, all in the caller's transaction."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils import timezone

from crm.importing.draft import TEXTS, CompanyDraft, Draft
from crm.models import (
    Company,
    CompanyAccess,
    Contact,
    ContactImportCompany,
    ContactImportRow,
    ContactTag,
    ContactValue,
)
from crm.services.client_signs import reword_clients
from crm.services.company import refresh_companies, seers
from crm.services.contact_import_batch import CONTACT, Batch, Fate, Happened
from crm.services.custom_value import book_for, index_values, kept_rows_of
from crm.services.holding import hold
from crm.services.score import touch_scores
from crm.services.tag import tags_named
from crm.services.tally import TallyKey, adjust_tally
from digiweb.carriers import follow
from digiweb.inserts import insert_numbered, insert_rows, stored
from digiweb.scopes import EVERYBODY
from timeline.models import Note
from timeline.services.event_rows import EventRow, write_event_rows

COMPANY = "crm.company"
_to_json = json.JSONEncoder().encode
_texts = attrgetter(*TEXTS)
_DERIVED = ("score", "sort_name", "search_text")
_ACCESS = ("person_id", "company_id", *CompanyAccess.carries)
_CONTACT = ("created_at", "updated_at", "version", "company_id", "owner_id", *TEXTS, *_DERIVED)
_REWRITTEN = ("updated_at", "version", "company_id", *TEXTS, *_DERIVED)
_COMPANY = (
    "created_at",
    "updated_at",
    "version",
    "name",
    "status",
    "industry",
    "siren",
    "siret",
    "vat_number",
    "naf_code",
    "legal_form",
    "legal_manager",
    "email",
    "phone",
    "website",
    "address",
    "postcode",
    "city",
    "country",
    "contact_count",
    "place",
    "department",
    "sort_name",
    "search_text",
)


class Writer:
    """Writes one batch. The order of the steps is that of who needs whose number."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.run = batch.plan.run
        self.user = batch.plan.user
        self.now = timezone.now()
        self.at = stored(self.now)
        self.marks = {"import": self.run.pk}
        # The column of custom fields is written by files that fill one.
        self.custom = ("custom",) if batch.plan.mapping.customs else ()

    def write(self) -> None:
        self.events: list[EventRow] = []
        self._companies()
        self._tags()
        self._contacts()
        self._values()
        self._bear_tags()
        self._notes()
        self._rows()
        self.events += [self._event(happened) for happened in self.batch.events]
        write_event_rows(user=self.user, rows=self.events)
        self._tallies()
        self._scores()
        reword_clients(contacts=self.batch.updated.keys())

    # --- Companies

    def _companies(self) -> None:
        created = self.batch.companies.created
        if created:
            joined = self._joined()
            rows = [self._company_row(company, joined[id(company)]) for company in created]
            for company, pk in zip(created, insert_numbered(Company, _COMPANY, rows), strict=True):
                company.pk = pk
                self.events.append(
                    EventRow("created", COMPANY, pk, company.name, company.initial(), self.marks)
                )
            status = Company.Status.PROSPECT.value
            access = [
                (owner, company.pk, company.sort_name, status, "", where.department, where.place)
                for company in created
                for where in [company.locate()]
                for owner in sorted(seers(set(joined[id(company)])))
            ]
            insert_rows(CompanyAccess, _ACCESS, access)
        used = [(self.run.pk, company.pk, 1) for company in created]
        used += [
            (self.run.pk, pk, 0)
            for pk in sorted(self.batch.companies.used.keys() - self.batch.plan.noted_companies)
        ]
        if used:
            insert_rows(ContactImportCompany, ("run_id", "company_id", "created"), used, ignore=True)

    def _joined(self) -> dict[int, list[int]]:
        """{company's identity: owners of its contacts}, of the contacts that are in it at the end."""
        joined: dict[int, list[int]] = defaultdict(list)
        for draft in (*self.batch.created, *self.batch.updated.values()):
            if draft.company is not None:
                joined[id(draft.company)].append(draft.owner_id or EVERYBODY)
        return joined

    def _company_row(self, company: CompanyDraft, owners: list[int]) -> tuple[Any, ...]:
        place = ("", company.postcode, company.city, company.country)  # no street: it is the contact's
        words = (company.sort_name, company.derive_search_text())
        legal = (company.siren, company.siret, "", "", "", "")
        status = Company.Status.PROSPECT.value
        return (
            self.at,
            self.at,
            1,
            company.name,
            status,
            "",
            *legal,
            "",
            "",
            "",
            *place,
            len(owners),
            *company.locate(),
            *words,
        )

    # --- Contacts

    def _contacts(self) -> None:
        created = self.batch.created
        hold(companies=self._companies_before())
        rows = [self._contact_row(draft, self.at) for draft in created]
        wait = self.batch.plan.meanwhile(self._tell)
        numbers = insert_numbered(Contact, (*_CONTACT, *self.custom), rows)
        wait()
        for draft, pk in zip(created, numbers, strict=True):
            draft.pk = pk
        updated = [
            (pk, *self._contact_row(draft, stored(draft.created_at)))
            for pk, draft in self.batch.updated.items()
        ]
        if updated:
            names = ("id", *_CONTACT, *self.custom)
            insert_rows(Contact, names, updated, replace=(*_REWRITTEN, *self.custom))
        self._join_companies()

    def _companies_before(self) -> set[int | None]:
        """The companies that were there and that get or lose contacts."""
        new = {id(company) for company in self.batch.companies.created}
        drafts = (*self.batch.created, *self.batch.updated.values())
        joined: set[int | None] = {
            draft.company.pk for draft in drafts if draft.company and id(draft.company) not in new
        }
        return joined | {company.pk for pair in self.batch.moved for company in pair if company}

    def _contact_row(self, draft: Draft, created_at: Any) -> tuple[Any, ...]:
        company = draft.company.pk if draft.company else None
        texts = _texts(draft)
        row = (created_at, self.at, draft.version, company, draft.owner_id, *texts, *draft.derived())
        return (*row, custom_json(draft.custom)) if self.custom else row

    def _values(self) -> None:
        """The rows by which contacts are found by their custom fields."""
        if not self.custom:
            return
        book = book_for(Contact)
        rows = [
            (draft.pk, *row)
            for draft in self.batch.created
            if draft.custom
            for row in kept_rows_of(draft.custom, book)
        ]
        insert_rows(ContactValue, ("contact_id", "field_id", "word", "number", "day"), rows)
        index_values([Contact(pk=pk, custom=draft.custom) for pk, draft in self.batch.updated.items()], book)

    def _join_companies(self) -> None:
        """Count the new contacts in the companies that were there, and let their owners see these.

        What `refresh_companies` would find, without reading the contacts that were there already.
        """
        new = {id(company) for company in self.batch.companies.created}
        owners: dict[int, list[int]] = defaultdict(list)
        for draft in self.batch.created:
            if draft.company is not None and id(draft.company) not in new:
                owners[draft.company.pk].append(draft.owner_id or EVERYBODY)
        moved = {company.pk for pair in self.batch.moved for company in pair if company}
        for pk in moved:
            owners.pop(pk, None)
        if owners:
            self._welcome(owners)
        refresh_companies(moved)

    def _welcome(self, owners: dict[int, list[int]]) -> None:
        locked = Company.objects.select_for_update().filter(pk__in=list(owners)).order_by("pk")
        by_count: dict[int, list[int]] = defaultdict(list)
        access: list[tuple[Any, ...]] = []
        no_longer_free: list[int] = []
        now_free: list[int] = []
        everybodys = set(
            CompanyAccess.objects.filter(company_id__in=list(owners), person_id=EVERYBODY).values_list(
                "company_id", flat=True
            )
        )
        found = locked.values_list("pk", "owner_id", "contact_count", *CompanyAccess.carries)
        for pk, owner, count, *copies in found:
            by_count[len(owners[pk])].append(pk)
            people = set(owners[pk])
            if EVERYBODY in people:
                now_free += [] if pk in everybodys else [pk]
            elif not count and owner is None:
                no_longer_free.append(pk)
            elif pk in everybodys:
                continue
            access += [(person, pk, *copies) for person in sorted(seers(people))]
        for count, pks in by_count.items():
            Company.objects.filter(pk__in=pks).update(contact_count=F("contact_count") + count)
        if no_longer_free:
            CompanyAccess.objects.filter(company_id__in=no_longer_free, person_id=EVERYBODY).delete()
        if now_free:
            CompanyAccess.objects.filter(company_id__in=now_free).exclude(person_id=EVERYBODY).delete()
        insert_rows(CompanyAccess, _ACCESS, access, ignore=True)

    # --- What hangs on contacts

    def _tags(self) -> None:
        batch = self.batch
        self.bearers: list[tuple[Draft, Any]] = [(draft, draft.tags) for draft in batch.created if draft.tags]
        self.bearers += [(fate.contact, fate.tags) for fate in batch.fates if fate.tags and fate.contact]
        keys = sorted({key for _draft, tags in self.bearers for key in tags})
        found = tags_named([batch.tag_names[key] for key in keys], user=self.user) if keys else []
        self.tags = {tag.key: tag.pk for tag in found}
        batch.tag_names |= {tag.key: tag.name for tag in found}

    def _bear_tags(self) -> None:
        tags = self.tags
        pairs = {(draft.pk, tags[key]) for draft, keys in self.bearers for key in keys if key in tags}
        copies: dict[int, tuple[Any, ...]] = {}
        for draft in self.batch.created:
            score, sort_name, _words = draft.derived()
            copies[draft.pk] = (draft.owner_id, sort_name, score)
        rows = [(pk, tag, *copies.get(pk, (None, "", 0))) for pk, tag in sorted(pairs)]
        insert_rows(ContactTag, ("contact_id", "tag_id", "owner_id", "sort_name", "score"), rows, ignore=True)
        follow(Contact, self.batch.updated.keys() | {pk for pk, _tag in pairs} - copies.keys())

    def _notes(self) -> None:
        names = ("subject_type", "subject_id", "author_id", "body", "created_at", "updated_at")
        rows = [(CONTACT, draft.pk, self.user.pk, body, self.at, self.at) for draft, body in self.batch.notes]
        self.note_numbers = insert_numbered(Note, names, rows)

    def _rows(self) -> None:
        names = ("run_id", "number", "outcome", "contact_id", "version", "values", "reason", "undo")
        insert_rows(ContactImportRow, names, [self._row(fate) for fate in self.batch.fates])

    def _row(self, fate: Fate) -> tuple[Any, ...]:
        values = fate.values
        if fate.company:
            values["company"] = [company.pk if company else None for company in fate.company]
        if fate.tags:
            values["tags"] = [[], fate.tags]
        if fate.note >= 0:
            values["note"] = [None, self.note_numbers[fate.note]]
        contact = fate.contact.pk if fate.contact else None
        encoded = _to_json(values) if values else "[]"
        return (self.run.pk, fate.number, fate.outcome.value, contact, fate.version, encoded, fate.reason, "")

    # --- Log and counts

    def _tell(self) -> None:
        """The changes of each event as JSON; while the contacts are being written, in another thread."""
        for happened in self.batch.events:
            changes = happened.changes
            if happened.company:
                companies = [_linked(happened.former_company), _linked(happened.company)]
                changes = {**changes, "company": companies}
            if happened.tags:
                before, after = (self._names_of(keys) for keys in happened.tags)
                changes = {**changes, "tags": [before or None, after]}
            happened.told = _to_json(changes)

    def _event(self, happened: Happened) -> EventRow:
        shown = (happened.former_company, happened.company)
        also = tuple([(COMPANY, company.pk) for company in shown if company])
        data = self.marks
        if happened.note >= 0:
            data = {**data, "note": self.note_numbers[happened.note]}
        contact = happened.contact.pk
        return EventRow(happened.action, CONTACT, contact, happened.label, happened.told, data, also)

    def _names_of(self, keys: set[str]) -> str:
        return ", ".join(sorted(self.batch.tag_names.get(key, key) for key in keys))

    def _tallies(self) -> None:
        today = timezone.localtime(self.now).date().isoformat()
        deltas: Counter[TallyKey] = Counter()
        for draft in self.batch.created:
            deltas[draft.owner_id or 0, draft.status, today] += 1
        for draft in self.batch.updated.values():
            if draft.status != draft.status_before:
                day = timezone.localtime(draft.created_at).date().isoformat()
                deltas[draft.owner_id or 0, draft.status_before, day] -= 1
                deltas[draft.owner_id or 0, draft.status, day] += 1
        adjust_tally(deltas)

    def _scores(self) -> None:
        """The solvency of companies that were there counts for those who came into them, or left them."""
        left = {company.pk for pair in self.batch.moved for company in pair if company}
        solvent = set(
            Company.objects.filter(pk__in=left | self.batch.companies.used.keys(), solvency__isnull=False)
            .order_by()
            .values_list("pk", flat=True)
        )
        if not solvent:
            return
        touched = {draft.pk for draft in self.batch.created if draft.company and draft.company.pk in solvent}
        touch_scores(touched | (self.batch.updated.keys() if left & solvent else set()))


def custom_json(custom: Any) -> str | None:
    """Custom fields as they are stored; NULL for none."""
    return _to_json(custom) if custom else None


def rewrite_contacts(contacts: Sequence[Contact]) -> None:
    """Write locked contacts as they are now, with the columns that follow from them; in one statement."""
    at = stored(timezone.now())
    rows = [
        (
            contact.pk,
            stored(contact.created_at),
            at,
            contact.version,
            contact.company_id,
            contact.owner_id,
            *_texts(contact),
            contact.derive_score(),
            contact.derive_sort_name(),
            contact.derive_search_text(),
            custom_json(contact.custom),
        )
        for contact in contacts
    ]
    insert_rows(Contact, ("id", *_CONTACT, "custom"), rows, replace=(*_REWRITTEN, "custom"))
    follow(Contact, [contact.pk for contact in contacts])


def _linked(company: CompanyDraft | None) -> dict[str, Any] | None:
    return {"id": company.pk, "label": company.name} if company else None
