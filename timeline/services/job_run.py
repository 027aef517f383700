"""What becomes of background jobs once they have ended: people are told, old runs are forgotten."""

from datetime import timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import User
from timeline.models import JobLine, JobRun
from timeline.services.notification import notify

State = JobRun.State

# Who asked for a job that took so long has gone on to something else by then.
LONG = timedelta(minutes=1)
# Runs that ended are kept so long; those that nobody asked for and that went well, shorter.
KEEP = timedelta(days=90)
KEEP_ROUTINE = timedelta(days=14)
BATCH = 1000


def tell_of_end(run: JobRun, by: Any = None) -> None:
    """Tell who asked for a job how it ended, unless it was quick or they stopped it themselves.

    A job of the clock that fails is told to those who keep the house running, once a day and kind.
    """
    if run.user_id is None:
        if run.state == State.FAILED:
            _tell_keepers(run)
        return
    if by is not None and by.pk == run.user_id:
        return
    long = run.ended_at is not None and run.ended_at - run.created_at >= LONG
    if run.state == State.DONE and (run.quiet or not long):
        return
    texts = {
        State.DONE: _("“%(job)s” is finished."),
        State.FAILED: _("“%(job)s” stopped: %(error)s"),
        State.CANCELLED: _("“%(job)s” was stopped by a colleague."),
    }
    stamp = int(run.ended_at.timestamp()) if run.ended_at else 0
    notify(
        people=[run.user],
        kind="job.done" if run.state == State.DONE else "job.failed",
        text=texts[State(run.state)] % {"job": run.label, "error": run.error},
        url=run.url if run.state == State.DONE and 0 < len(run.url) <= 200 else run.get_absolute_url(),
        key=f"job-{run.pk}-{stamp}",
        actor=by,
    )


def _tell_keepers(run: JobRun) -> None:
    keepers = User.objects.filter(Q(is_superuser=True) | Q(role__is_admin=True), is_active=True)
    day = timezone.localdate(run.ended_at)
    notify(
        people=keepers,
        kind="job.failed",
        text=_("“%(job)s” failed: %(error)s") % {"job": run.label, "error": run.error},
        url=run.get_absolute_url(),
        key=f"job-{run.func}-{day}"[:100],
    )


def purge_job_runs() -> int:
    """Forget runs whose time is over; of each entry of the schedule the last one stays. How many."""
    now = timezone.now()
    clock = JobRun.objects.filter(twin_key__startswith="schedule-")
    last = set(clock.values("twin_key").annotate(last=Max("pk")).values_list("last", flat=True))
    routine = Q(user=None) | Q(quiet=True)
    over = Q(ended_at__lt=now - KEEP) | (routine & Q(state=State.DONE, ended_at__lt=now - KEEP_ROUTINE))
    # Numbers follow time: what was asked for lately need not be looked at.
    old = JobRun.objects.filter(over, created_at__lt=now - KEEP_ROUTINE).exclude(
        state__in=(State.QUEUED, State.RUNNING)
    )
    forgotten = 0
    start = 0
    while pks := list(old.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        start = pks[-1]
        going = [pk for pk in pks if pk not in last]
        JobLine.objects.filter(run_id__in=going).delete()
        JobRun.objects.filter(pk__in=going).delete()
        forgotten += len(going)
    return forgotten
