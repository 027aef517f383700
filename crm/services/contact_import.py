"""Verbs of imports: upload, set up, start, stop. The work itself is done batch by batch by a job.

Each batch of a thousand rows is one transaction with its progress, so that a worker which is killed
at any line leaves whole batches behind, and the next one goes on from the cursor. Two imports of the
house take turns, batch by batch, by the one row of ImportTurn: each sees what the other has written
before it looks for duplicates.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.importing.headers import detect_mapping
from crm.importing.plan import Settings, mapping_of
from crm.importing.reading import Ahead, Ready, batches, open_source
from crm.models import Contact, ContactImport, CustomField, ImportTurn
from crm.services.contact_import_batch import Batch, Plan, add_reasons
from crm.services.contact_import_write import Writer
from crm.services.custom_value import book_for
from digiweb.audit import record
from digiweb.changes import create_record
from digiweb.inserts import insert_rows
from digiweb.jobs import JobCancelled, JobError, LeaseLost, Progress, cancel, enqueue, function_at
from digiweb.models import StaleVersion
from digiweb.tabular import Source
from digiweb.templatetags.digiweb import number
from people.models import User

State = ContactImport.State
# Files are kept so long: the report and its refused rows are in the database anyway.
KEEP_FILES = timedelta(days=30)
# After so many rows the log of the job says how it stands.
SAID_EVERY = 10_000


# --- Before it starts


def upload_import(*, user: Any, file: BinaryIO, name: str) -> ContactImport:
    """Keep an uploaded file as an import to be set up.

    Raises ValidationError, and keeps nothing, when it cannot be read.
    """
    source = open_source(file, name)
    mapping = detect_mapping(source.header, custom_fields().values())
    run = ContactImport(
        user=user,
        name=name[-200:],
        kind=source.kind,
        encoding=source.encoding,
        delimiter=source.delimiter,
        header=source.header,
        preset=mapping.preset,
        mapping={str(column): field for column, field in mapping.columns.items()},
        settings=Settings().as_json(),
        total=source.total_hint,
    )
    file.seek(0)
    run.file.save(f"{uuid.uuid4().hex}.{source.kind}", File(file), save=False)
    try:
        with transaction.atomic():
            create_record(user=user, obj=run)
    except BaseException:
        run.file.delete(save=False)
        raise
    return run


def source_of(run: ContactImport, *, encoding: str = "", delimiter: str = "") -> Source:
    """The table of an import, read as it was set up or as it is tried out.

    Raises ValidationError when the file cannot be read that way, or is there no more.
    """
    try:
        file: Any = run.file.open("rb")
    except (OSError, ValueError):
        raise ValidationError(_("The file of this import is no longer there."), code="file")
    return open_source(
        file, run.name, encoding=encoding or run.encoding, delimiter=delimiter or run.delimiter
    )


@transaction.atomic
def set_up_import(
    *,
    user: Any,
    run: ContactImport,
    columns: Mapping[int, str],
    choices: Settings,
    source: Source | None = None,
    version: int | None = None,
) -> None:
    """Keep how the file is to be read and what is to be done with its rows.

    Raises StaleVersion when somebody set it up since, ValidationError when it has started or names people
    outside the person's reach.
    """
    locked = ContactImport.objects.select_for_update().get(pk=run.pk)
    if locked.state != State.UPLOADED:
        raise ValidationError(_("This import has started already."), code="state")
    if version is not None and locked.version != version:
        raise StaleVersion(locked)
    require_reach(user, choices)
    run.mapping = {str(column): name for column, name in sorted(columns.items())}
    run.settings = choices.as_json()
    if source is not None:
        run.encoding, run.delimiter, run.header = source.encoding, source.delimiter, source.header
        run.total = source.total_hint
    run.version = locked.version + 1
    run.save(
        update_fields=[
            "mapping",
            "settings",
            "encoding",
            "delimiter",
            "header",
            "total",
            "version",
            "updated_at",
        ]
    )


def require_reach(user: Any, choices: Settings) -> None:
    """Contacts go only to people for whom `user` may create them."""
    wanted = choices.everybody()
    reachable = User.objects.within_reach(user, "crm.contact", "create").filter(pk__in=wanted)
    if choices.on_duplicate == "update" and not user.can("crm.contact", "change"):
        raise ValidationError(
            _("You may not change contacts: choose another way with duplicates."), code="change"
        )
    if len(set(reachable.values_list("pk", flat=True))) != len(wanted):
        raise ValidationError(_("You may not give contacts to one of these people."), code="reach")


@transaction.atomic
def start_import(*, user: Any, run: ContactImport) -> ContactImport:
    """Have a worker do it; also takes up an import that was stopped or failed on its way.

    Raises ValidationError when it is under way, done or undone.
    """
    locked = ContactImport.objects.select_for_update().get(pk=run.pk)
    if locked.state != State.UPLOADED and not locked.can_go_on:
        raise ValidationError(_("This import has started already."), code="state")
    require_reach(user, Settings.of(locked.settings))
    again = locked.state != State.UPLOADED
    locked.state, locked.error, locked.ended_at = State.RUNNING, "", None
    locked.started_at = locked.started_at or timezone.now()
    locked.job = enqueue(
        function_at("crm.jobs.run_contact_import"),
        user=user,
        label=_("Import of %(file)s") % {"file": locked.name},
        key=f"contact-import-{run.pk}",
        url=locked.get_absolute_url(),
        import_id=run.pk,
    )
    locked.save(update_fields=["state", "error", "started_at", "ended_at", "job", "updated_at"])
    record(
        user=user,
        action="import_started",
        obj=locked,
        data={"rows": locked.total, "again": again, "settings": locked.settings, "mapping": locked.mapping},
    )
    run.refresh_from_db()
    return run


def discard_import(*, user: Any, run: ContactImport) -> None:
    """Forget an upload that was never started, and its file."""
    with transaction.atomic():
        locked = ContactImport.objects.select_for_update().get(pk=run.pk)
        if locked.state != State.UPLOADED:
            raise ValidationError(_("This import has started already."), code="state")
        record(user=user, action="deleted", obj=locked)
        name = str(locked.file.name)
        locked.delete()
    run.file.storage.delete(name)


# --- On the way


def work_off(*, run_id: int, progress: Progress, size: int | None = None) -> None:
    """Import what is left of a file. Killed at any line and called again, it comes to the same end."""
    run = ContactImport.objects.select_related("user").get(pk=run_id)
    if run.state != State.RUNNING:
        return
    plan = make_plan(run)
    source = source_of(run)
    cut = {} if size is None else {"size": size}
    try:
        with Ahead(batches(source, plan.mapping, plan.choices, start=run.cursor, **cut)) as coming:
            plan.meanwhile = coming.begin
            for rows in coming:
                import_batch(plan=plan, rows=rows, progress=progress)
        finish_import(run=plan.run, state=State.DONE, progress=progress)
    except JobCancelled:
        settle_import(run=plan.run)
        raise
    finally:
        source.file.close()


def make_plan(run: ContactImport) -> Plan:
    """What holds for all rows. Raises JobError when the person may no longer import."""
    user: Any = run.user
    if user is None or not user.can("crm.contact", "create"):
        raise JobError(_("The person who started this import may no longer create contacts."))
    choices = Settings.of(run.settings)
    try:
        require_reach(user, choices)
    except ValidationError as error:
        raise JobError(" ".join(error.messages)) from error
    return Plan(
        run=run,
        user=user,
        mapping=mapping_of(run.preset, run.mapping, custom_fields()),
        choices=choices,
        people=names_of(choices.everybody() | {user.pk}),
        may_create_tags=user.can("crm.tag", "create"),
    )


def custom_fields() -> dict[str, CustomField]:
    """The custom fields that a file may fill, by name."""
    return {field.name: field for field in book_for(Contact).values() if field.is_active}


def names_of(people: Iterable[int]) -> dict[int, str]:
    """{person: full name}."""
    return {person.pk: person.full_name for person in User.objects.filter(pk__in=set(people)).order_by("pk")}


def import_batch(*, plan: Plan, rows: Sequence[Ready], progress: Progress | None = None) -> None:
    """Decide and write some rows, with the counts and the progress: all of it or nothing.

    Raises LeaseLost when the import has moved on without us.
    """
    with transaction.atomic():
        take_turn()
        run = ContactImport.objects.select_for_update().get(pk=plan.run.pk)
        if run.state != State.RUNNING or run.cursor != plan.run.cursor:
            raise LeaseLost()
        plan.run = run
        batch = Batch(plan, rows)
        batch.decide()
        Writer(batch).write()
        run.cursor += len(rows)
        run.total = max(run.total, run.cursor)
        for outcome, count in batch.counts.items():
            setattr(run, outcome, getattr(run, outcome) + count)
        run.reasons = add_reasons(run.reasons, batch)
        run.save(update_fields=["cursor", "total", "created", "updated", "skipped", "refused", "reasons"])
        if progress is not None:
            progress.set(run.cursor, run.total)
            if run.cursor // SAID_EVERY > (run.cursor - len(rows)) // SAID_EVERY:
                progress.log(text_of(run))
    plan.noted_companies |= {
        company.pk for company in (*batch.companies.created, *batch.companies.used.values())
    }


def text_of(run: ContactImport) -> str:
    """How an import stands, for the log of its job."""
    counts = {name: number(getattr(run, name)) for name in ("created", "updated", "skipped", "refused")}
    text = _(
        "Up to row %(row)s: %(created)s created, %(updated)s updated, "
        "%(skipped)s skipped, %(refused)s refused."
    )
    return text % {"row": number(run.cursor), **counts}


def take_turn() -> None:
    """Wait until no other import of the house is writing; the turn ends with the transaction.

    The first of all makes the row. INSERT IGNORE would leave a shared lock on a row that is there, and two
    who then want it for themselves deadlock: ON DUPLICATE KEY UPDATE takes it alone at once.
    """
    if ImportTurn.objects.select_for_update().filter(pk=1).first() is None:
        insert_rows(ImportTurn, ("id",), [(1,)], replace=("id",))


def finish_import(
    *, run: ContactImport, state: str, progress: Progress | None = None, error: str = ""
) -> None:
    """Write down how it ended; the number of rows is then exact."""
    with transaction.atomic():
        changes: dict[str, Any] = {"state": state, "ended_at": timezone.now(), "error": error}
        if state == State.DONE:
            changes["total"] = run.cursor
        ContactImport.objects.filter(pk=run.pk, state=State.RUNNING).update(**changes)
        if progress is not None and state == State.DONE:
            progress.set(run.cursor, run.cursor)
            progress.log(text_of(run))


def import_again(job: Any, user: Any) -> None:
    """Before the job of an import that stopped is done again: the import goes on too.

    Raises ValidationError when it went on otherwise meanwhile, or its file is gone.
    """
    run = ContactImport.objects.filter(pk=job.kwargs.get("import_id")).first()
    if run is None:
        raise ValidationError(_("This import is no longer there."), code="gone")
    if run.is_busy and run.job_id == job.pk:
        settle_import(run=run)
    locked = ContactImport.objects.select_for_update().get(pk=run.pk)
    if locked.job_id != job.pk or not locked.can_go_on:
        raise ValidationError(_("This import can no longer go on: look at its page."), code="state")
    locked.state, locked.error, locked.ended_at = State.RUNNING, "", None
    locked.save(update_fields=["state", "error", "ended_at", "updated_at"])
    record(user=user, action="import_started", obj=locked, data={"rows": locked.total, "again": True})


def cancel_import(*, user: Any, run: ContactImport) -> None:
    """Stop it; what was imported stays and can be undone."""
    if run.job is not None:
        cancel(run.job, user=user)
    settle_import(run=run)


def settle_import(*, run: ContactImport) -> ContactImport:
    """Bring the state of an import into line with its job's, which may have ended without it.

    A job that failed or was cancelled from elsewhere (or whose worker was dead by then) says nothing.
    """
    with transaction.atomic():
        locked = ContactImport.objects.select_for_update().get(pk=run.pk)
        job = locked.job
        ended = {"failed": State.FAILED, "cancelled": State.CANCELLED}.get(job.state if job else "")
        if locked.is_busy and ended:
            locked.state, locked.ended_at = ended, timezone.now()
            locked.error = job.error if job and ended == State.FAILED else ""
            locked.save(update_fields=["state", "ended_at", "error", "updated_at"])
    run.refresh_from_db()
    return run


# --- Afterwards


def purge_files() -> int:
    """Delete the files of imports older than a month, and uploads that nobody started; returns how many."""
    old: QuerySet = ContactImport.objects.filter(created_at__lt=timezone.now() - KEEP_FILES).exclude(file="")
    purged = 0
    for run in old.exclude(state__in=(State.RUNNING, State.UNDOING)).order_by("pk").iterator():
        name, storage = run.file.name, run.file.storage
        if run.state == State.UPLOADED:
            run.delete()
        else:
            ContactImport.objects.filter(pk=run.pk).update(file="")
        storage.delete(name)
        purged += 1
    return purged
