"""What happens by itself, and when: the whole schedule of the house in one list (SPEC Y6).

`tick(now)` fires each entry's latest slot unless it was fired already. It may be called by
`manage.py run_schedule` (every minute), by plain cron (`run_schedule --once`), by several machines at
once: a row unique by (name, slot) lets one of them through. After a stop, an entry is caught up once,
if its latest slot is not older than its window.

When a slot is, `digiweb/slots.py` says.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.job_kinds import job_kinds, register_job
from digiweb.jobs import enqueue, function_at
from digiweb.slots import Entry, last_slot

logger = logging.getLogger(__name__)

# Rows of slots are kept so long, for the page that shows the last runs.
KEEP = timedelta(days=2)


SCHEDULE: list[Entry] = [
    Entry(
        "recover_jobs",
        _("Take up interrupted jobs"),
        "* * * * *",
        "digiweb.jobs.recover_runs",
        timedelta(minutes=1),
        inline=True,
    ),
    Entry(
        "give_due_reminders",
        _("Remind people of their activities"),
        "* * * * *",
        "crm.jobs.give_due_reminders",
        timedelta(hours=1),
        inline=True,
    ),
    Entry(
        "send_waiting_quote_messages",
        _("Send messages of quotes that the mail server did not take"),
        "*/10 * * * *",
        "sales.jobs.send_waiting_quote_messages",
        timedelta(minutes=10),
    ),
    Entry(
        "send_waiting_invoice_messages",
        _("Send messages with invoices that the mail server did not take"),
        "5-55/10 * * * *",
        "sales.jobs.send_waiting_invoice_messages",
        timedelta(minutes=10),
    ),
    Entry(
        "bill_due",
        _("Make the recurring invoices of the day"),
        "30 4 * * *",
        "sales.jobs.bill_due",
        timedelta(hours=19),
    ),
    Entry(
        "lapse_mandates",
        _("Say of mandates not used for 36 months that they lapsed"),
        "10 0 * * *",
        "sales.jobs.lapse_mandates",
        timedelta(hours=20),
    ),
    Entry(
        "refresh_books",
        _("Look whether the open books tell what documents and payments do"),
        "20 2 * * *",
        "sales.jobs.refresh_books",
        timedelta(hours=20),
    ),
    Entry(
        "verify_invoices",
        _("Verify seals, files and numbers of issued invoices"),
        "40 2 * * *",
        "sales.jobs.verify_invoices",
        timedelta(hours=20),
    ),
    Entry(
        "sweep_invoice_files",
        _("Remove files of invoices whose issue broke off"),
        "20 3 * * *",
        "sales.jobs.sweep_invoice_files",
        timedelta(hours=20),
    ),
    Entry(
        "replan_reminders",
        _("Plan the reminders of unpaid invoices"),
        "30 4 * * *",
        "sales.jobs.replan_reminders",
        timedelta(hours=20),
    ),
    Entry(
        "send_due_reminders",
        _("Send the reminders of unpaid invoices"),
        # In the morning of working days; holidays are left out by the job itself.
        "30 8 * * 1-5",
        "sales.jobs.send_due_reminders",
        timedelta(hours=9),
    ),
    Entry(
        "expire_due_quotes",
        _("Say of quotes whose last day has passed that they expired"),
        "5 0 * * *",
        "sales.jobs.expire_due_quotes",
        timedelta(hours=20),
    ),
    Entry(
        "purge_bin",
        _("Empty the bin of what is older than 30 days"),
        "30 3 * * *",
        "timeline.jobs.purge_bin",
        timedelta(hours=20),
    ),
    Entry(
        "check_waiting_documents",
        _("Check documents that wait for the virus scanner"),
        "*/5 * * * *",
        "timeline.jobs.check_waiting_documents",
        timedelta(minutes=5),
    ),
    Entry(
        "remove_orphans",
        _("Delete files that belong to no document"),
        "50 3 * * *",
        "timeline.jobs.remove_orphans",
        timedelta(hours=20),
    ),
    Entry(
        "purge_received_files",
        _("Forget received files that were dealt with a week ago"),
        "55 3 * * *",
        "sales.jobs.purge_received_files",
        timedelta(hours=20),
    ),
    Entry(
        "purge_import_files",
        _("Delete files of imports older than 30 days"),
        "35 3 * * *",
        "crm.jobs.purge_import_files",
        timedelta(hours=20),
    ),
    Entry(
        "purge_calls",
        _("Forget calls to services and old company data"),
        "45 3 * * *",
        "sync.jobs.purge_calls",
        timedelta(hours=20),
    ),
    Entry(
        "check_custom_values",
        _("Check what custom fields are found by"),
        "50 2 * * *",
        "crm.jobs.check_custom_values",
        timedelta(hours=20),
    ),
    Entry(
        "refresh_clients",
        _("Work out the health of clients"),
        "10 4 * * *",
        "crm.jobs.refresh_clients",
        timedelta(hours=20),
    ),
    Entry(
        "tell_renewals",
        _("Tell salespeople of renewals"),
        "30 7 * * *",
        "crm.jobs.tell_renewals",
        timedelta(hours=12),
    ),
    Entry(
        "end_due_subscriptions",
        _("End subscriptions whose last day has passed"),
        "15 0 * * *",
        "sales.jobs.end_due_subscriptions",
        timedelta(hours=20),
    ),
    Entry(
        "award_badges",
        _("Give the badges that were earned"),
        "20 0 * * *",
        "sales.jobs.award_badges",
        timedelta(hours=20),
    ),
    Entry(
        "recount_commissions",
        _("Let open commission statements follow the sales"),
        "25 1 * * *",
        "sales.jobs.recount_commissions",
        timedelta(hours=20),
    ),
    Entry(
        "prepare_commissions",
        _("Prepare the commission statements of the month that is over"),
        "30 6 1 * *",
        "sales.jobs.prepare_commissions",
        timedelta(days=10),
    ),
    Entry(
        "find_duplicates",
        _("Look for duplicates"),
        "20 2 * * *",
        "crm.jobs.find_duplicates",
        timedelta(hours=20),
    ),
    Entry(
        "decay_scores",
        _("Let expired points of scores count no more"),
        "10 0 * * *",
        "crm.jobs.decay_scores",
        timedelta(hours=20),
    ),
    Entry(
        "catch_up_calls",
        _("Read the calls of the last days from Aircall"),
        "10 2 * * *",
        "sync.aircall.jobs.catch_up_calls",
        timedelta(hours=20),
    ),
    Entry(
        "purge_phone_calls",
        _("Forget old webhooks, recordings and calls"),
        "45 3 * * *",
        "sync.jobs.purge_phone_calls",
        timedelta(hours=20),
    ),
    Entry(
        "purge_job_runs",
        _("Forget old background jobs"),
        "55 3 * * *",
        "timeline.jobs.purge_job_runs",
        timedelta(hours=20),
    ),
    Entry(
        "purge_colleague_runs",
        _("Forget old runs of the colleague’s import"),
        "55 3 * * *",
        "sync.jobs.purge_colleague_runs",
        timedelta(hours=20),
    ),
    Entry(
        "clear_sessions",
        _("Remove expired sessions"),
        "40 3 * * *",
        "people.jobs.clear_sessions",
        timedelta(hours=20),
    ),
    Entry(
        "renew_words",
        _("Make slow search indexes anew"),
        "20 4 * * *",
        "timeline.jobs.renew_words",
        # Writing waits meanwhile: by night or not at all.
        timedelta(hours=1),
    ),
]

if settings.EXTERNAL_API_URL:
    SCHEDULE.append(
        Entry(
            "import_from_colleague",
            _("Import from the colleague’s system"),
            "5 * * * *",
            "sync.jobs.import_from_colleague",
            timedelta(minutes=50),
        )
    )


def tick(now: datetime, entries: list[Entry] | None = None) -> list[str]:
    """Fire what is due at `now` (aware); returns the names fired. One entry's trouble stops no other."""
    fired = []
    for entry in SCHEDULE if entries is None else entries:
        try:
            slot = last_slot(entry, now)
            if slot is not None and now - slot <= entry.catch_up and _fire(entry, slot):
                fired.append(entry.name)
        except Exception:  # the other entries are due too
            logger.exception("Schedule entry %s failed", entry.name)
    return fired


def _fire(entry: Entry, slot: datetime) -> bool:
    """Whether the slot was ours: its row and its job run come to be together, or not at all."""
    slots = apps.get_model("timeline", "ScheduleSlot").objects
    if slots.filter(name=entry.name, slot=slot).exists():
        return False
    func = function_at(entry.func)
    try:
        with transaction.atomic():
            slots.create(name=entry.name, slot=slot)
            if not entry.inline:
                enqueue(func, label=entry.label, key=key_of(entry))
            slots.filter(name=entry.name, slot__lt=slot - max(KEEP, entry.catch_up)).delete()
    except IntegrityError:
        return False  # another scheduler was quicker
    if entry.inline:
        _do_inline(entry, func, slots.filter(name=entry.name, slot=slot))
    return True


def name_entries() -> None:
    """Jobs of the schedule are called what their entries are, unless an app has better words."""
    known = {kind.func for kind in job_kinds()}
    for entry in SCHEDULE:
        if entry.func not in known:
            register_job(entry.func, entry.label)


def key_of(entry: Entry) -> str:
    """The key of an entry's job runs: one at a time, whoever asked for it."""
    return f"schedule-{entry.name}"


def entry_named(name: str) -> Entry | None:
    return next((entry for entry in SCHEDULE if entry.name == name), None)


def run_entry(entry: Entry, *, user: Any) -> Any:
    """Have an entry done now, whatever its time; returns the run, which may be one that was under way.

    Its slots are left alone: what is due at its time comes all the same.
    """
    return enqueue(function_at(entry.func), user=user, label=entry.label, key=key_of(entry))


def _do_inline(entry: Entry, func: Any, slot: QuerySet) -> None:
    """What takes no time is done here and now; how long it took and what went wrong stands in its slot."""
    started, error = time.monotonic(), ""
    try:
        func()
    except Exception as trouble:  # the next minute tries again
        logger.exception("Schedule entry %s failed", entry.name)
        error = type(trouble).__name__
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    slot.update(took_ms=round((time.monotonic() - started) * 1000), error=error)


# --- When
