"""Taking an import back, whole: what it created goes, what it changed gets its former values (SPEC N3).

What somebody changed since is named and left. The undo goes through the rows in batches, each one transaction
with its cursor; a row's contact is judged by all rows of the run that touched it, so that a file which named
somebody twice is taken back in one go.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Company, Contact, ContactImport, ContactImportCompany, ContactImportRow
from crm.services.company import refresh_companies
from crm.services.contact_import import settle_import, take_turn
from crm.services.contact_import_judge import COMPANY, CONTACT, Touched, Undo, judge, next_rows, used_since
from crm.services.contact_import_restore import restore_contacts
from crm.services.custom_value import book_for
from crm.services.tally import adjust_tally, tally_of
from digiweb.audit import Change, record, record_many
from digiweb.changes import initial_values
from digiweb.jobs import JobCancelled, LeaseLost, Progress, enqueue, function_at
from digiweb.templatetags.digiweb import number
from timeline.models import Note

State = ContactImport.State
BATCH = 500
# A preview looks at so many contacts at the most; beyond, it says that there are more.
PREVIEW = 5000
SAMPLE = 20
T = TypeVar("T")


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
    while numbers := next_rows(run, cursor, BATCH):
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
    record(
        user=user,
        action="import_undone",
        obj=locked,
        data={"created": locked.created, "updated": locked.updated},
    )
    run.refresh_from_db()
    return run


def undo_again(job: Any, user: Any) -> None:
    """Before the job of an undo that stopped is done again: the undo goes on too.

    Raises ValidationError when it went on otherwise meanwhile.
    """
    run = ContactImport.objects.filter(pk=job.kwargs.get("import_id")).first()
    if run is None:
        raise ValidationError(_("This import is no longer there."), code="gone")
    if run.is_busy and run.job_id == job.pk:
        settle_import(run=run)
    locked = ContactImport.objects.select_for_update().get(pk=run.pk)
    if locked.job_id != job.pk or not locked.can_be_undone:
        raise ValidationError(
            _("This undo can no longer go on: look at the page of the import."), code="state"
        )
    locked.state, locked.error, locked.ended_at = State.UNDOING, "", None
    locked.save(update_fields=["state", "error", "ended_at", "updated_at"])
    record(user=user, action="import_undone", obj=locked, data={"again": True})


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
            text = ngettext("%(count)s contact taken back.", "%(count)s contacts taken back.", total)
            progress.log(text % {"count": number(total)})
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
        numbers = next_rows(current, current.undo_cursor, size)
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
    restore_contacts(run, user, by_verdict[Undo.RESTORED])
    counts: Counter[str] = Counter()
    for verdict, ones in by_verdict.items():
        rows = [row.pk for one in ones for row in one.rows]
        ContactImportRow.objects.filter(pk__in=rows).update(undo=verdict)
        counts[str(verdict)] += len(ones)
    return +counts


# --- What was created


def _remove(run: ContactImport, user: Any, ones: Sequence[Touched]) -> list[Touched]:
    """Delete contacts for good; returns those that something else needs by now."""
    return _delete_most(
        lambda some: _delete(run, user, [one.contact for one in some if one.contact]), list(ones)
    )


def _delete_most(delete: Callable[[list[T]], None], ones: list[T]) -> list[T]:
    """Delete them together, or one by one where something needs one of them; returns those that stay."""
    try:
        with transaction.atomic():
            delete(ones)
    except models.ProtectedError:
        if len(ones) == 1:
            return ones
        return [kept for one in ones for kept in _delete_most(delete, [one])]
    return []


def _delete(run: ContactImport, user: Any, contacts: Sequence[Contact]) -> None:
    if not contacts:
        return
    pks = [contact.pk for contact in contacts]
    book = book_for(Contact) if any(contact.custom for contact in contacts) else {}
    data = {"import": run.pk, "undo": True}
    changes = [
        Change(
            "deleted",
            contact,
            {name: [value, None] for name, (_none, value) in initial_values(contact, book).items()},
            data,
        )
        for contact in contacts
    ]
    record_many(user=user, changes=changes)
    Note.objects.filter(subject_type=CONTACT, subject_id__in=pks).delete()
    Contact.objects.filter(pk__in=pks).delete()
    deltas = Counter({key: -count for key, count in tally_of(contacts).items()})
    refresh_companies({contact.company_id for contact in contacts if contact.company_id})
    adjust_tally(deltas)


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
    # Locked first: what is asked next holds until the end.
    untouched = {"version": 1, "contact_count": 0, "owner": None}
    locked = list(Company.objects.select_for_update().filter(pk__in=pks, **untouched).order_by("pk"))
    needed = used_since(run, COMPANY, pks)
    needed |= set(Contact.objects.filter(company_id__in=pks).values_list("company_id", flat=True))
    unused = [company for company in locked if company.pk not in needed]
    kept = _delete_most(lambda some: _delete_companies(run, user, some), unused)
    return len(unused) - len(kept)


def _delete_companies(run: ContactImport, user: Any, companies: Sequence[Company]) -> None:
    data = {"import": run.pk, "undo": True}
    changes = [
        Change(
            "deleted",
            company,
            {name: [value, None] for name, (_none, value) in initial_values(company).items()},
            data,
        )
        for company in companies
    ]
    record_many(user=user, changes=changes)
    Company.objects.filter(pk__in=[company.pk for company in companies]).delete()
