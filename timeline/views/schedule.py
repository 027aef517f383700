"""Settings → Schedule: what happens by itself, when it last did and when it will; having it done now."""

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.durations import took_text
from digiweb.job_state import last_slots, last_tick, scheduler_is_late, waiting, workers
from digiweb.jobs import runs_for
from digiweb.schedule import SCHEDULE, entry_named, key_of, run_entry
from digiweb.schedule_words import words_of_cron
from digiweb.slots import Entry, next_slot
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from timeline.models import JobRun, ScheduleSlot
from timeline.tables.job_run import state_badge

MODULE = "timeline.job"
COLUMNS = (
    "id",
    "func",
    "label",
    "state",
    "twin_key",
    "error",
    "started_at",
    "ended_at",
    "created_at",
    "user",
)


class ScheduleView(GuardedView):
    """Each entry with its times, its last run and its next one."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        now, tick = timezone.now(), last_tick()
        runs, slots = last_runs(user), last_slots([entry.name for entry in SCHEDULE if entry.inline])
        context = {
            "entries": [
                describe(entry, now, runs.get(key_of(entry)), slots.get(entry.name)) for entry in SCHEDULE
            ],
            "tick": tick,
            "late": scheduler_is_late(tick),
            "workers": workers(),
            "waiting": waiting(),
            "can_run": user.can(MODULE, "change"),
            "cron_line": f"* * * * *  {command('--once')}",
            "entry_command": command("--entry"),
            "page_title": _("Schedule"),
            "jobs_url": f"{reverse('job_list')}?all=1",
            "failed_url": f"{reverse('job_list')}?state=failed",
        }
        return render(request, "timeline/schedule/page.html", context)


def command(words: str) -> str:
    """A line of a crontab of this machine, after its times."""
    base = Path(settings.BASE_DIR)
    return f"cd {shlex.quote(str(base))} && {shlex.quote(sys.executable)} manage.py run_schedule {words}"


def last_runs(user: Any) -> dict[str, JobRun]:
    """The last run of each entry, by key."""
    mine = runs_for(user).filter(twin_key__in=[key_of(entry) for entry in SCHEDULE])
    last = mine.order_by().values("twin_key").annotate(last=Max("pk")).values("last")
    found = JobRun.objects.visible_to(user).filter(pk__in=[row["last"] for row in last])
    return {run.twin_key: run for run in found.only(*COLUMNS)}


def describe(entry: Entry, now: datetime, run: JobRun | None, slot: ScheduleSlot | None) -> dict[str, Any]:
    """One line of the page."""
    described: dict[str, Any] = {
        "name": entry.name,
        "label": entry.label,
        "when": words_of_cron(entry.cron),
        "cron": entry.cron,
        "next": next_slot(entry, now),
        "next_text": moment_words(next_slot(entry, now), now),
        "run_url": reverse("schedule_run", args=[entry.name]),
        "history_url": f"{reverse('job_list')}?kind={entry.func}",
    }
    if run is not None:
        described |= {
            "last": run.started_at or run.created_at,
            "state": state_badge(run),
            "took": took_text(run.took),
            "error": run.error,
            "url": run.get_absolute_url(),
            "live": run.is_live,
        }
    if slot is not None and (run is None or slot.fired_at > run.created_at):
        described |= {
            "last": slot.fired_at,
            "state": "",
            "took": f"{slot.took_ms} ms" if slot.took_ms is not None else "",
            "error": _("It met an error (%(name)s): the server's log has it.") % {"name": slot.error}
            if slot.error
            else "",
            "url": "",
            "live": False,
        }
    return described


def moment_words(moment: datetime | None, now: datetime) -> str:
    """« today at 14:20 », « Monday 23 November at 08:00 »."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate(now)).days
    day = {0: _("today"), 1: _("tomorrow")}.get(days) or date_format(local, "l j F")
    return _("%(day)s at %(time)s") % {"day": day, "time": local.strftime("%H:%M")}


class ScheduleRunView(GuardedView):
    """Have an entry done now; what is under way already is shown instead."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        entry = entry_named(name)
        if entry is None:
            raise Http404
        before = timezone.now()
        run = run_entry(entry, user=request.user)
        if run.created_at >= before:
            record(user=request.user, action="job_started", obj=run, data={"entry": entry.name})
        else:
            toast(request, _("It is under way already."), level="info")
        return HttpResponseRedirect(reverse("job_run", args=[run.pk]))
