"""Pages of the import's runs: the list, one run with its counts and lines, starting one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.jobs import job_context
from digiweb.views.list import ListView
from sync.colleague.lines import counted, may_see_people, shown_lines
from sync.filters.colleague_run import ColleagueRunFilterSet
from sync.models import ColleagueConflict, ColleaguePiece, ColleagueRun, ColleagueRunLine
from sync.services.colleague_replay import replay_piece
from sync.services.colleague_run import start_run
from sync.services.colleague_work import settle_runs
from sync.tables.colleague_run import STATE_COLOURS, ColleagueRunTable, length_text
from timeline.models import JobRun

MODULE = "sync.run"
CRUMB = (gettext_lazy("Imports from the colleague’s system"), "/sync/runs/")
PAGE = 50
Outcome = ColleagueRunLine.Outcome
UNDER_WAY = (JobRun.State.QUEUED, JobRun.State.RUNNING)


class RunListView(ListView):
    """All runs."""

    module = MODULE
    model = ColleagueRun
    urls = "sync:run"
    title = gettext_lazy("Imports from the colleague’s system")
    filterset_class = ColleagueRunFilterSet
    table = ColleagueRunTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy("Nothing was imported yet: a run begins every hour, or by the button.")

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        waiting = (
            ColleagueConflict.objects.visible_to(user).filter(state=ColleagueConflict.State.OPEN).exists()
        )
        conflicts = {
            "label": _("Conflicts to settle") if waiting else _("Conflicts"),
            "url": f"{reverse('sync:conflict_list')}?state=open",
            "icon": "git-merge",
        }
        if not user.can(MODULE, "create"):
            return [conflicts]
        start = {
            "label": _("Synchronise now"),
            "url": reverse("sync:run_start"),
            "icon": "refresh",
            "post": True,
        }
        return [conflicts, start]


class RunStartView(GuardedView):
    """Starts a run, or leads to the one that is under way."""

    module = MODULE
    action = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            run = start_run(user=request.user)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(reverse("sync:run_list"))
        return HttpResponseRedirect(run.get_absolute_url())


class RunReplayView(RecordMixin):
    """Has one prospect of a run read again, and leads back to its line."""

    module = MODULE
    action = "create"
    model = ColleagueRun
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, piece: int) -> HttpResponse:
        run = self.get_object()
        kept = (
            ColleaguePiece.objects.visible_to(request.user).filter(run=run, pk=piece).defer("payload").first()
        )
        if kept is None:
            raise Http404
        try:
            replay_piece(user=request.user, piece=kept)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        return HttpResponseRedirect(f"{run.get_absolute_url()}?piece={kept.pk}#piece-{kept.pk}")


class RunDetailView(RecordMixin):
    """Progress while it runs, then the report."""

    module = MODULE
    action = "view"
    model = ColleagueRun
    select_related = ("user", "job")
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.get_object()
        if run.is_live and (run.job is None or not run.job.is_live):
            settle_runs()
            run.refresh_from_db()
        user: Any = request.user
        job = self.job(run, user)
        if request.htmx and job is None:  # type: ignore[attr-defined]
            # The progress asked how far it is, and it has ended: the page becomes the report.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        context = {
            "run": run,
            "job": job,
            "badge": {"label": run.get_state_display(), "colour": STATE_COLOURS[run.state]},
            "length": length_text(run),
            "kinds": counted(run),
            "can_start": user.can(MODULE, "create"),
            "page_title": str(run),
            "breadcrumbs": self.get_breadcrumbs(),
            **self.lines(run),
        }
        return render(request, "sync/run/detail.html", context)

    def job(self, run: ColleagueRun, user: Any) -> dict[str, Any] | None:
        """What is under way: the run itself, else the replay of one of its pieces."""
        job = run.job if run.is_live else None
        if job is None:
            pieces = ColleaguePiece.objects.visible_to(user).filter(run=run, job__state__in=UNDER_WAY)
            piece = pieces.select_related("job").defer("payload").order_by("-pk").first()
            job = piece.job if piece is not None else None
        return {**job_context(job, user), "url": self.request.get_full_path()} if job else None

    def lines(self, run: ColleagueRun) -> dict[str, Any]:
        """The lines of one outcome: the one that is asked for, else the first that has any."""
        user: Any = self.request.user
        names = [str(name) for name in Outcome.values if run.told.get(name)]
        if not names:
            return {"tabs": []}
        wanted = self.request.GET.get("lines", "")
        if not wanted and (piece := whole_number(self.request.GET.get("piece", ""))) is not None:
            about = ColleagueRunLine.objects.visible_to(user).filter(run=run, kept_piece=piece).order_by("pk")
            wanted = about.values_list("outcome", flat=True).first() or ""
        name = wanted if wanted in names else names[0]
        found = kept = ColleagueRunLine.objects.visible_to(user).filter(run=run, outcome=name).order_by("pk")
        kind = self.request.GET.get("kind", "")
        if kind:
            found = found.filter(kind=kind)
        after = whole_number(self.request.GET.get("after", ""))
        if after is not None:
            found = found.filter(pk__gt=after)
        page = list(found[: PAGE + 1])
        shown = page[:PAGE]
        hide = not may_see_people(user)
        query = f"?lines={name}" + (f"&kind={kind}" if kind else "")
        return {
            "tabs": [
                {"name": one, "label": Outcome(one).label, "count": run.told[one], "active": one == name}
                for one in names
            ],
            "lines_label": Outcome(name).label,
            "lines": shown_lines(shown, user, hide=hide),
            "hidden": hide,
            "more_url": f"{query}&after={shown[-1].pk}#lines" if len(page) > PAGE else "",
            "cut": run.told[name] > kept.count(),
        }
