"""A background job as its person follows it: how far, how long still, what came of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digiweb.jobs import cancel, runs_for
from digiweb.views.base import GuardedView

# Too early, an estimate jumps about (seconds).
ESTIMATE_AFTER = 3


def job_context(run: Any) -> dict[str, Any]:
    """`job` for `components/job.html`, which any page may include: it then asks for itself every second."""
    finished = run.state == "done"
    return {
        "label": run.label,
        "state": run.state,
        # A job that never said how much there is still ends with a full bar.
        "done": 1 if finished and not run.total else run.done,
        "total": run.total,
        "percent": run.percent,
        "left_text": left_text(run),
        "url": reverse("job_run", args=[run.pk]),
        "cancel_url": reverse("job_cancel", args=[run.pk]) if run.is_live else "",
        "report_url": run.url,
        "error": run.error,
    }


def left_text(run: Any) -> str:
    """How long it will still take, as long as that can be told: at the pace so far."""
    if run.state != "running" or not run.started_at or not 0 < run.done < run.total:
        return ""
    passed = (timezone.now() - run.started_at).total_seconds()
    if passed < ESTIMATE_AFTER:
        return ""
    seconds = passed / run.done * (run.total - run.done)
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    text = ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes)
    return text % {"count": minutes}


class JobRunView(GuardedView):
    """The page of one run; htmx gets its fragment only. Out of sight: 404."""

    signed_in = True

    def find(self) -> Any:
        run = runs_for(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if run is None:
            raise Http404
        return run

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.find())

    def show(self, run: Any) -> HttpResponse:
        htmx = getattr(self.request, "htmx", False)
        context = {"job": job_context(run), "page_title": run.label, "breadcrumbs": [(run.label, "")]}
        template = "components/job.html" if htmx else "timeline/jobrun/detail.html"
        return render(self.request, template, context)


class JobCancelView(JobRunView):
    """Ends a run of one's own (an administrator: any run). One that has ended stays as it is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.find()
        user: Any = request.user
        if run.user_id != user.pk and not user.is_admin:
            raise Http404
        cancel(run)
        run.refresh_from_db()
        if getattr(request, "htmx", False):
            return self.show(run)
        return HttpResponseRedirect(reverse("job_run", args=[run.pk]))
