"""The board of deals: six columns with their sums, cards that are moved, won, lost and added there."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm.filters.deal import DealFilterSet
from crm.filters.owner import owner_asked
from crm.forms.deal import QuickDealForm
from crm.models import Deal
from crm.services.deal import create_deal
from crm.services.deal_step import stale_before, stale_days
from crm.services.deal_totals import Sums, sums_of, sums_within_sight
from crm.tables.deal import days_text, nothing_planned, postponed_text, quiet_text
from digiweb.cards import cards_html
from digiweb.middleware import add_triggers
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import ago, euros, number
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.kanban import KanbanListView

MODULE = "crm.deal"
CRUMB = (gettext_lazy("Deals"), "/crm/deals/")
# Filters that the sums know already: the others make them be added up row by row.
SUMMED_BY = {"owner", "state", "stage"}
SUM_LIMIT = 1_000


class DealBoard(KanbanListView):
    """What the list of deals shows as a board."""

    filterset: Any
    kanban_field = "stage"
    kanban_related = ("company", "owner")
    column_size = 12

    @cached_property
    def sort(self) -> Sort:
        """On the board, unless another sort is asked for, what moved last stands on top."""
        offered = self.offered_sorts()
        wanted = self.request.GET.get("sort", "") or ("-since" if self.mode == "kanban" else "")
        return next((sort for sort in offered if sort.name == wanted), offered[0])

    def kanban_choices(self) -> list[tuple[str, Any]]:
        stages = self.filterset.stages()
        choices = super().kanban_choices()
        # No stage at all where the filters contradict each other.
        return choices if stages is None else [each for each in choices if each[0] in stages]

    @cached_property
    def branches_of_all_stages(self) -> list[QuerySet]:
        branches = self.model.objects.scope_branches(self.request.user)
        filtered: list[QuerySet] = self.filterset.of_all_stages(branches, self.visible())
        return filtered

    def column_branches(self, value: str) -> list[QuerySet]:
        if not self.filterset.is_valid():
            return [self.visible().none()]
        return [branch.filter(stage=value) for branch in self.branches_of_all_stages]

    # --- Sums

    def figures(self, stages: Sequence[str]) -> dict[str, Sums]:
        """From the totals; added up, as far as SUM_LIMIT, where filters narrow the rows otherwise."""
        if not self.filterset.is_valid():
            return {}
        user: Any = self.request.user
        if self.narrowed:
            visible = self.visible()
            (filtered,) = self.filterset.of_all_stages([visible], visible)
            return {stage: sums_of(filtered.filter(stage=stage), SUM_LIMIT) for stage in stages}
        owner = self.filterset.form.cleaned_data.get("owner")
        return sums_within_sight(user, owner_asked(owner, user) if owner else None)

    @cached_property
    def narrowed(self) -> bool:
        return not SUMMED_BY.issuperset(self.filterset.in_force())

    def column_figures(self, values: Sequence[str]) -> dict[str, dict[str, Any]]:
        if not hasattr(self, "sums"):
            self.sums = self.figures(values)
        return {value: self.describe_sums(value, self.sums.get(value, Sums())) for value in values}

    def describe_sums(self, value: str, sums: Sums) -> dict[str, Any]:
        count = number(sums.number)
        total = euros(sums.amount)
        return {
            "count": sums.number,
            "count_text": f"{count}+" if sums.capped else count,
            "total_text": _("over %(amount)s") % {"amount": total} if sums.capped else total,
            "weighted_text": euros(sums.weighted) if value in Deal.OPEN else "",
        }

    def count(self) -> tuple[int, bool]:
        """From the totals where they know the filters; a board has added its columns up anyway."""
        if not self.filterset.is_valid() or (self.mode != "kanban" and self.narrowed):
            return super().count()
        stages = [value for value, _label in self.kanban_choices()]
        self.sums = self.figures(stages)
        shown = [sums for stage, sums in self.sums.items() if stage in stages]
        return sum(sums.number for sums in shown), any(sums.capped for sums in shown)

    def notice(self) -> Any:
        if self.mode == "kanban" and any(sums.capped for sums in getattr(self, "sums", {}).values()):
            return _(
                "With these filters, the sums of a column add up its first %(limit)s deals at most; "
                "without them, or by salesperson and stage only, they are whole."
            ) % {"limit": number(SUM_LIMIT)}
        return super().notice()

    # --- Columns and cards

    def lane(self, value: str) -> dict[str, Any]:
        user: Any = self.request.user
        lane: dict[str, Any] = {}
        if value == Deal.Stage.LOST:
            lane["ask_url"] = reverse("crm:deal_lose", args=[0])
            lane["drop_text"] = _("Lost: say why")
        elif value == Deal.Stage.WON:
            lane["drop_text"] = _("Won today")
        if value in Deal.OPEN and user.can(MODULE, "create"):
            lane["quick_url"] = reverse("crm:deal_quick")
            lane["create_url"] = f"{reverse('crm:deal_new')}?stage={value}"
        return lane

    @cached_property
    def now(self) -> Any:
        return timezone.now()

    @cached_property
    def stale_days(self) -> dict[str, int]:
        return stale_days()

    def card(self, record: Any) -> dict[str, Any]:
        return deal_card(record, self.now, self.stale_days)

    def move_url(self) -> str:
        user: Any = self.request.user
        return reverse("crm:deal_move") if user.can(MODULE, "change") else ""

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        if self.mode == "kanban":
            # « All » stays on the board.
            described["all_url"] = f"{self.request.path}?mode=kanban"
            described["is_all"] = self.state_query(["after", "before", "sort"]) == "mode=kanban"
            described["notice"] = self.notice()
        return described

    def remembered_query(self) -> str:
        """The first time, deals are shown as a board."""
        if self.request.GET or self.request.htmx:  # type: ignore[attr-defined]
            return ""
        return super().remembered_query() or "mode=kanban"


@lru_cache(maxsize=4096)
def _ago(moment: Any, minute: int, language: str) -> str:
    return ago(moment)


def deal_card(deal: Any, now: Any, limits: Mapping[str, int]) -> dict[str, Any]:
    """What a card tells: for whom, how much, what is next, since when it stands there.

    `limits`: after how many days without activity a deal of a stage is stale.
    """
    meta: list[dict[str, Any]] = []
    clock = int(now.timestamp()) // 60, get_language() or ""
    if deal.is_open:
        if deal.next_activity_at is not None:
            late = deal.next_activity_at < now
            meta.append(
                {
                    "icon": "calendar-event",
                    "text": _ago(deal.next_activity_at, *clock),
                    "tone": "bad" if late else "",
                    "title": _("Next activity"),
                }
            )
        else:
            meta.append({"icon": "calendar-off", "text": nothing_planned(), "tone": "warn"})
        if deal.is_late:
            meta.append({"icon": "clock-exclamation", "text": _("Closing date passed"), "tone": "bad"})
        if deal.postponed_count:
            meta.append({"icon": "calendar-repeat", "text": postponed_text(deal.postponed_count)})
        if deal.last_activity_at < stale_before(limits[deal.stage], timezone.localdate(now)):
            meta.append({"icon": "zzz", "text": quiet_text(deal, now), "tone": "warn"})
        days = deal.days_in_stage(now)
        meta.append({"icon": "hourglass", "text": days_text(days), "title": _("In this stage for")})
    else:
        meta.append({"icon": "calendar-check", "text": _ago(deal.closed_on, *clock), "title": _("Closed on")})
        if deal.lost_reason:
            meta.append({"icon": "message-circle", "text": deal.get_lost_reason_display()})
    return {
        "title": deal.title,
        "subtitle": str(deal.company or ""),
        "figure": euros(deal.amount),
        "meta": meta,
        "owner": deal.owner,
    }


def card_html(user: Any, deal: Deal) -> str:
    """One card as the board draws it now."""
    drawn = {
        "pk": deal.pk,
        "url": deal.get_absolute_url(),
        "version": deal.version,
        **deal_card(deal, timezone.now(), stale_days()),
    }
    return cards_html([drawn], movable=user.can(MODULE, "change"))


class BoardSums(DealBoard):
    """The sums of a board alone, as the filters of an address have it."""

    module = MODULE
    model = Deal
    filterset_class = DealFilterSet
    urls = "crm:deal"

    def __init__(self, request: HttpRequest, query: str) -> None:
        super().__init__()
        self.request = request
        self.query = QueryDict(query.lstrip("?")[:2000])

    @cached_property
    def filterset(self) -> Any:
        return DealFilterSet(self.query, queryset=self.visible(), request=self.request)


def board_triggers(request: HttpRequest, *, won: bool = False) -> dict[str, Any]:
    """What the page is told after a card moved: the sums of its columns as filtered there, a cheer."""
    board = BoardSums(request, request.POST.get("query", ""))
    sums = board.column_figures([value for value, _label in board.kanban_choices()])
    more = "+" if any(told["count_text"].endswith("+") for told in sums.values()) else ""
    count = number(sum(told["count"] for told in sums.values())) + more
    return {"dw:sums": sums, "dw:count": {"text": count}, **({"dw:cheer": {}} if won else {})}


class DealQuickView(GuardedView):
    """A deal added in a column by its title and amount: answers its card."""

    module = MODULE
    action = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = QuickDealForm(request.POST)
        if not form.is_valid():
            if request.htmx:  # type: ignore[attr-defined]
                return JsonResponse({"errors": form.errors}, status=422)  # told beside the fields
            texts = [
                f"{form[name].label}: {' '.join(map(str, found))}" for name, found in form.errors.items()
            ]
            toast(request, " ".join(texts), level="error")
            return HttpResponseRedirect("/crm/deals/")
        data = form.cleaned_data
        user: Any = request.user
        deal = Deal(title=data["title"], amount=data["amount"] or 0, stage=data["stage"], owner=user)
        with transaction.atomic():
            create_deal(user=user, deal=deal)
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect("/crm/deals/")
        response = HttpResponse(card_html(user, deal))
        add_triggers(response, board_triggers(request))
        return response
