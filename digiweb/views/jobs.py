"""A background job as its person follows it: how far, how long still, what came of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.durations import took_text
from digiweb.job_state import workers
from digiweb.jobs import cancel, may_steer, retry, runs_for
from digiweb.toasts import toast
from digiweb.views.base import GuardedView

# Too early, an estimate jumps about (seconds).
ESTIMATE_AFTER = 3
# A run that waits longer may wait for a worker that is not there (seconds).
WAIT_SECONDS = 20


def job_context(run: Any, user: Any) -> dict[str, Any]:
    """`job` for `components/job.html`, which any page may include: it then asks for itself every second."""
    finished = run.state == "done"
    steers = may_steer(user, run)
    return {
        "label": run.label,
        "state": run.state,
        "live": run.is_live,
        # A job that never said how much there is still ends with a full bar.
        "done": 1 if finished and not run.total else run.done,
        "total": run.total,
        "percent": run.percent,
        "left_text": left_text(run),
        "wait_text": wait_text(run),
        "url": reverse("job_run", args=[run.pk]),
        "run_url": reverse("job_run", args=[run.pk]),
        "cancel_url": reverse("job_cancel", args=[run.pk]) if run.is_live and steers else "",
        "retry_url": reverse("job_retry", args=[run.pk]) if run.may_run_again and steers else "",
        "report_url": run.url,
        "error": run.error,
    }


def left_text(run: Any) -> str:
    """How long it will still take, as long as that can be told: at the pace of the worker that has it."""
    since, done = run.claimed_at or run.started_at, run.done - run.claimed_done
    if run.state != "running" or not since or done <= 0 or run.done >= run.total:
        return ""
    passed = (timezone.now() - since).total_seconds()
    if passed < ESTIMATE_AFTER:
        return ""
    seconds = passed / done * (run.total - run.done)
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    text = ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes)
    return text % {"count": minutes}


def wait_text(run: Any) -> str:
    """Why a run has not begun yet, as far as it can be told."""
    if run.state != "queued":
        return ""
    now = timezone.now()
    if run.heartbeat_at and run.heartbeat_at > now:
        return _("Next try at %(time)s.") % {
            "time": timezone.localtime(run.heartbeat_at).strftime("%H:%M:%S")
        }
    if (now - run.created_at).total_seconds() > WAIT_SECONDS and workers() == 0:
        return _("Nobody works on jobs at present: they begin as soon as a worker is started.")
    return ""


class JobRunView(GuardedView):
    """The page of one run: how far, how it went, its log. Out of sight: 404."""

    signed_in = True
    breadcrumbs = ((gettext_lazy("Background jobs"), "/jobs/"),)

    def find(self) -> Any:
        run = runs_for(self.request.user).select_related("user").filter(pk=self.kwargs["pk"]).first()
        if run is None:
            raise Http404
        return run

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.find())

    def show(self, run: Any) -> HttpResponse:
        htmx = getattr(self.request, "htmx", False)
        context = {
            "job": {**job_context(run, self.request.user), "parts": "#job-facts,#job-log"},
            "run": run,
            "took": took_text(run.took),
            "lines": list(run.lines.all()),
            "page_title": run.label,
            "breadcrumbs": self.get_breadcrumbs(),
        }
        template = "timeline/jobrun/fragment.html" if htmx else "timeline/jobrun/detail.html"
        return render(self.request, template, context)

    def steered(self) -> Any:
        """The run, for those who may stop it or have it done again; for anybody else it is not there."""
        run = self.find()
        if not may_steer(self.request.user, run):
            raise Http404
        return run

    def answer(self, run: Any) -> HttpResponse:
        run.refresh_from_db()
        if getattr(self.request, "htmx", False):
            return self.show(run)
        return HttpResponseRedirect(reverse("job_run", args=[run.pk]))


class JobCancelView(JobRunView):
    """Ends a run of one's own (by role: any run). One that has ended stays as it is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.steered()
        cancel(run, user=request.user)
        return self.answer(run)


class JobRetryView(JobRunView):
    """Has a run that failed or was stopped done again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.steered()
        try:
            retry(run, user=request.user)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(request, _("“%(job)s” is done again.") % {"job": run.label})
        return self.answer(run)
