"""Taking an import back, whole: what it created goes, what it changed gets its former values (SPEC N3).

What somebody changed since is named and left. The undo goes through the rows in batches, each one transaction
with its cursor; a row's contact is judged by all rows of the run that touched it, so that a file which named
somebody twice is taken back in one go.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.importing.draft import TEXTS
from crm.models import Company, Contact, ContactImport, ContactImportCompany, ContactImportRow, ContactTag, Tag
from crm.services.company import refresh_companies
from crm.services.contact_import import settle_import, take_turn
from crm.services.tally import adjust_tally, tally_of
from digiweb.audit import Change, record, record_many
from digiweb.changes import derived_fields, initial_values
from digiweb.jobs import JobCancelled, LeaseLost, Progress, enqueue, function_at
from timeline.models import Event, EventLink, Note

State = ContactImport.State
Undo = ContactImportRow.Undo
WROTE = (ContactImportRow.Outcome.CREATED, ContactImportRow.Outcome.UPDATED)
CONTACT, COMPANY = "crm.contact", "crm.company"
BATCH = 500
# A preview looks at so many contacts at the most; beyond, it says that there are more.
PREVIEW = 5000
SAMPLE = 20


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
        found = [row.values[name][1] for row in self.rows if isinstance(row.values, dict) and name in row.values]
        return [key for keys in found for key in keys] if name == "tags" else found


@dataclass
class Preview:
    """What an undo would do."""

    removed: int = 0
    restored: int = 0
    left: int = 0
    gone: int = 0
    complete: bool = True
    # The first of those that would be left.
    changed: list[Contact] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.removed + self.restored


def preview_undo(run: ContactImport) -> Preview:
    """What an undo would do now, judged as the undo itself judges (the first PREVIEW contacts)."""
    preview = Preview()
    for looked, touched in enumerate(_all_touched(run)):
        if looked == PREVIEW:
            preview.complete = False
            break
        setattr(preview, touched.verdict, getattr(preview, touched.verdict) + 1)
        if touched.verdict == Undo.LEFT and len(preview.changed) < SAMPLE and touched.contact:
            preview.changed.append(touched.contact)
    return preview


def _all_touched(run: ContactImport) -> Iterator[Touched]:
    cursor = 0
    while numbers := _next_rows(run, cursor):
        cursor = numbers[-1][0]
        yield from judge(run, [pk for _number, pk in numbers])


@transaction.atomic
def start_undo(*, user: Any, run: ContactImport) -> ContactImport:
    """Have a worker take the import back. Raises ValidationError when there is nothing to take back."""
    locked = ContactImport.objects.select_for_update().get(pk=run.pk)
    if not locked.can_be_undone:
        raise ValidationError(_("This import cannot be undone."), code="state")
    locked.state, locked.error, locked.ended_at = State.UNDOING, "", None
    locked.job = enqueue(
        function_at("crm.jobs.undo_contact_import"),
        user=user,
        label=_("Undo of the import of %(file)s") % {"file": locked.name},
        key=f"contact-import-{run.pk}",
        url=locked.get_absolute_url(),
        import_id=run.pk,
    )
    locked.save(update_fields=["state", "error", "ended_at", "job", "updated_at"])
    record(user=user, action="import_undone", obj=locked, data={"created": locked.created, "updated": locked.updated})
    run.refresh_from_db()
    return run


def work_off(*, run_id: int, progress: Progress, size: int = BATCH) -> None:
    """Take back what is left. Killed at any line and called again, it comes to the same end."""
    run = ContactImport.objects.get(pk=run_id)
    if run.state != State.UNDOING:
        return
    user: Any = run.job.user if run.job else run.user
    total = run.created + run.updated
    try:
        while undo_batch(run=run, user=user, size=size, progress=progress, total=total):
            pass
        _remove_companies(run, user)
        with transaction.atomic():
            done = {"state": State.UNDONE, "ended_at": timezone.now()}
            ContactImport.objects.filter(pk=run.pk, state=State.UNDOING).update(**done)
            progress.set(total, total)
    except JobCancelled:
        settle_import(run=run)
        raise


def undo_batch(
    *, run: ContactImport, user: Any, size: int = BATCH, progress: Progress | None = None, total: int = 0
) -> bool:
    """Take the next rows back; False when there are none. Raises LeaseLost when it went on without us."""
    with transaction.atomic():
        take_turn()
        current = ContactImport.objects.select_for_update().get(pk=run.pk)
        if current.state != State.UNDOING or current.undo_cursor != run.undo_cursor:
            raise LeaseLost()
        numbers = _next_rows(current, current.undo_cursor, size)
        if not numbers:
            return False
        counts = _undo(current, user, [pk for _number, pk in numbers])
        report = Counter(current.undo_report)
        report.update(counts)
        current.undo_report = dict(report)
        current.undo_cursor = numbers[-1][0]
        current.save(update_fields=["undo_cursor", "undo_report"])
        if progress is not None:
            progress.set(min(sum(counts.values()) + progress.done, total), total)
    run.undo_cursor, run.undo_report = current.undo_cursor, current.undo_report
    return True


def _next_rows(run: ContactImport, cursor: int, size: int = BATCH) -> list[tuple[int, int]]:
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
    used = _used_since(run, CONTACT, [pk for pk in found if touched[pk].created])
    for pk, one in touched.items():
        if one.contact is None:
            one.verdict = Undo.GONE
        elif one.contact.version != one.version or pk in used:
            one.verdict = Undo.LEFT
        else:
            one.verdict = Undo.REMOVED if one.created else Undo.RESTORED
    # Rows that an earlier batch settled (none, unless somebody's number stands in both).
    return [one for one in touched.values() if one.rows and not all(row.undo for row in one.rows)]


def _used_since(run: ContactImport, kind: str, pks: Sequence[int]) -> set[int]:
    """Records on which anything happened that was not this import: a note, a tag, a deal, a merge."""
    events = Event.objects.filter(subject_type=kind, subject_id__in=pks).values_list("subject_id", "data")
    used = {pk for pk, data in events if pk and data.get("import") != run.pk}
    if kind == COMPANY:  # its contacts are counted for themselves
        return used
    links = EventLink.objects.filter(subject_type=kind, subject_id__in=pks).values_list("subject_id", "event__data")
    return used | {pk for pk, data in links if data.get("import") != run.pk}


def _undo(run: ContactImport, user: Any, pks: Sequence[int]) -> Counter[str]:
    """Judge and take back these contacts; returns how many of each verdict."""
    touched = judge(run, pks, lock=True)
    by_verdict: dict[str, list[Touched]] = defaultdict(list)
    for one in touched:
        by_verdict[one.verdict].append(one)
    needed = _remove(run, user, by_verdict[Undo.REMOVED])
    if needed:
        by_verdict[Undo.REMOVED] = [one for one in by_verdict[Undo.REMOVED] if one not in needed]
        by_verdict[Undo.LEFT] += needed
    _restore(run, user, by_verdict[Undo.RESTORED])
    counts: Counter[str] = Counter()
    for verdict, ones in by_verdict.items():
        rows = [row.pk for one in ones for row in one.rows]
        ContactImportRow.objects.filter(pk__in=rows).update(undo=verdict)
        counts[str(verdict)] += len(ones)
    return +counts


# --- What was created


def _remove(run: ContactImport, user: Any, ones: Sequence[Touched]) -> list[Touched]:
    """Delete contacts for good; returns those that something else needs by now."""
    kept: list[Touched] = []
    contacts = [one.contact for one in ones if one.contact]
    try:
        with transaction.atomic():
            _delete(run, user, contacts)
    except models.ProtectedError:
        for one in ones:
            try:
                with transaction.atomic():
                    _delete(run, user, [one.contact] if one.contact else [])
            except models.ProtectedError:
                kept.append(one)
    return kept


def _delete(run: ContactImport, user: Any, contacts: Sequence[Contact]) -> None:
    if not contacts:
        return
    pks = [contact.pk for contact in contacts]
    data = {"import": run.pk, "undo": True}
    changes = [
        Change("deleted", contact, {name: [value, None] for name, (_none, value) in initial_values(contact).items()}, data)
        for contact in contacts
    ]
    record_many(user=user, changes=changes)
    Note.objects.filter(subject_type=CONTACT, subject_id__in=pks).delete()
    Contact.objects.filter(pk__in=pks).delete()
    deltas = Counter({key: -count for key, count in tally_of(contacts).items()})
    adjust_tally(deltas)
    refresh_companies({contact.company_id for contact in contacts if contact.company_id})


def _remove_companies(run: ContactImport, user: Any) -> None:
    """Companies that the import created and that nothing else has touched go too."""
    last = 0
    made = ContactImportCompany.objects.filter(run=run, created=True).order_by("company_id")
    while pks := list(made.filter(company_id__gt=last).values_list("company_id", flat=True)[:BATCH]):
        last = pks[-1]
        with transaction.atomic():
            take_turn()
            current = ContactImport.objects.select_for_update().get(pk=run.pk)
            if current.state != State.UNDOING:
                raise LeaseLost()
            removed = _remove_unused(run, user, pks)
            report = Counter(current.undo_report)
            report["companies"] += removed
            current.undo_report = dict(report)
            current.save(update_fields=["undo_report"])


def _remove_unused(run: ContactImport, user: Any, pks: Sequence[int]) -> int:
    locked = Company.objects.select_for_update().filter(pk__in=pks, version=1, contact_count=0, owner=None)
    used = _used_since(run, COMPANY, pks)
    peopled = set(Contact.objects.filter(company_id__in=pks).values_list("company_id", flat=True))
    removed = 0
    for company in locked.order_by("pk"):
        if company.pk in used or company.pk in peopled:
            continue
        values = initial_values(company)
        try:
            with transaction.atomic():
                record(
                    user=user,
                    action="deleted",
                    obj=company,
                    changes={name: [value, None] for name, (_none, value) in values.items()},
                    data={"import": run.pk, "undo": True},
                )
                company.delete()
                removed += 1
        except models.ProtectedError:
            continue
    return removed


# --- What was changed


def _restore(run: ContactImport, user: Any, ones: Sequence[Touched]) -> None:
    """Give contacts their former values back, as one more change of theirs."""
    if not ones:
        return
    companies = Company.objects.in_bulk([one.former().get("company") or 0 for one in ones])
    now = timezone.now()
    contacts: list[Contact] = []
    events: list[Change] = []
    moved: set[int] = set()
    deltas: Counter[Any] = Counter()
    for one in ones:
        contact, changes = one.contact, {}
        assert contact is not None  # noqa: S101 (judged RESTORED)
        deltas.subtract(tally_of([contact]))
        also = [contact.company] if contact.company else []
        for name, before in one.former().items():
            if name == "company":
                former = companies.get(before or 0)
                changes[name] = [_linked(contact.company), _linked(former)]
                moved |= {pk for pk in (contact.company_id, former.pk if former else 0) if pk}
                contact.company = former
                also += [former] if former else []
            elif name in TEXTS:
                changes[name] = [getattr(contact, name), before]
                setattr(contact, name, before)
        contact.version += 1
        contact.updated_at = now
        contacts.append(contact)
        deltas.update(tally_of([contact]))
        events.append(Change("changed", contact, changes, {"import": run.pk, "undo": True}, tuple(also)))
    derived = derived_fields(Contact)
    for contact in contacts:
        for name in derived:
            Contact._meta.get_field(name).pre_save(contact, False)  # type: ignore[union-attr]
    Contact.objects.bulk_update(contacts, [*TEXTS, "company", *derived, "version", "updated_at"], batch_size=250)
    removed = _take_off(ones)
    for one, change in zip(ones, events, strict=True):
        if removed[one.rows[0].pk]:
            change.data["removed"] = removed[one.rows[0].pk]  # type: ignore[index]
    record_many(user=user, changes=events)
    adjust_tally(deltas)
    refresh_companies(moved)


def _take_off(ones: Sequence[Touched]) -> dict[int, list[str]]:
    """Take tags and notes off that the run added; returns {first row of the contact: names of its tags}."""
    keys = {key for one in ones for key in one.added("tags")}
    tags = {tag.key: tag for tag in Tag.objects.filter(key__in=keys)}
    by_tag: dict[int, list[int]] = defaultdict(list)
    notes: list[int] = []
    names: dict[int, list[str]] = {}
    for one in ones:
        added = [tags[key] for key in one.added("tags") if key in tags]
        names[one.rows[0].pk] = [tag.name for tag in added]
        for tag in added:
            by_tag[tag.pk].append(one.contact.pk)  # type: ignore[union-attr]
        notes += one.added("note")
    for tag_id, contacts in by_tag.items():
        ContactTag.objects.filter(tag_id=tag_id, contact_id__in=contacts).delete()
    Note.objects.filter(pk__in=notes).delete()
    return names


def _linked(company: Company | None) -> dict[str, Any] | None:
    return {"id": company.pk, "label": company.name} if company else None
