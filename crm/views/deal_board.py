"""The board of deals: six columns with their sums, cards that are moved, won, lost and added there."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.filters.deal import DealFilterSet
from crm.forms.deal import DealLostForm, QuickDealForm
from crm.models import Deal
from crm.services.deal import create_deal, move_deal, take_back_move
from crm.services.deal_totals import Sums, sums_of, sums_within_sight
from crm.tables.deal import days_text, euros, nothing_planned, postponed_text, stage_label
from digiweb.middleware import add_triggers
from digiweb.models import Record, StaleVersion
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import ago, number
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.edit import EditView
from digiweb.views.kanban import KanbanListView, MoveView

MODULE = "crm.deal"
CRUMB = (gettext_lazy("Deals"), "/crm/deals/")
# Filters that the sums know already: the others make them be added up row by row.
SUMMED_BY = {"owner", "state", "stage"}
SUM_LIMIT = 2_000
UNDO_SALT, UNDO_SECONDS = "crm.deal.move", 24 * 3600


class DealBoard(KanbanListView):
    """What the list of deals shows as a board."""

    filterset: Any
    kanban_field = "stage"
    kanban_related = ("company", "owner")
    column_size = 15

    @cached_property
    def sort(self) -> Sort:
        """On the board, unless another sort is asked for, what moved last stands on top."""
        offered = self.offered_sorts()
        wanted = self.request.GET.get("sort", "") or ("-since" if self.mode == "kanban" else "")
        return next((sort for sort in offered if sort.name == wanted), offered[0])

    def kanban_choices(self) -> list[tuple[str, Any]]:
        stages = self.filterset.stages()
        choices = super().kanban_choices()
        return choices if not stages else [(value, label) for value, label in choices if value in stages]

    def column_branches(self, value: str) -> list[QuerySet]:
        branches = self.model.objects.scope_branches(self.request.user)
        return self.filterset.stage_branches(branches, self.visible(), value)

    # --- Sums

    def figures(self, stages: Sequence[str]) -> dict[str, Sums]:
        """From the totals; added up, as far as SUM_LIMIT, where filters narrow the rows otherwise."""
        if not self.filterset.is_valid():
            return {}
        user: Any = self.request.user
        if self.narrowed:
            visible = self.visible()
            return {
                stage: sums_of(self.filterset.stage_branches([visible], visible, stage)[0], SUM_LIMIT)
                for stage in stages
            }
        owner = self.filterset.form.cleaned_data.get("owner")
        return sums_within_sight(user, (user.pk if owner == "me" else int(owner)) if owner else None)

    @cached_property
    def narrowed(self) -> bool:
        data = self.filterset.form.cleaned_data
        return any(data.get(name) for name in data if name not in SUMMED_BY)

    def column_figures(self, values: Sequence[str]) -> dict[str, dict[str, Any]]:
        self.sums = self.figures(values)
        return {value: self.describe_sums(value, self.sums.get(value, Sums())) for value in values}

    def describe_sums(self, value: str, sums: Sums) -> dict[str, Any]:
        count = number(sums.count)
        total = euros(sums.amount)
        return {
            "count": sums.count,
            "count_text": f"{count}+" if sums.capped else count,
            "total_text": _("over %(amount)s") % {"amount": total} if sums.capped else total,
            "weighted_text": euros(sums.weighted) if value in Deal.OPEN else "",
        }

    def count(self) -> tuple[int, bool]:
        """On a board the totals know how many there are."""
        if self.mode != "kanban" or not self.filterset.is_valid() or self.narrowed:
            return super().count()
        stages = [value for value, _label in self.kanban_choices()]
        self.totals = self.figures(stages)
        return sum(sums.count for stage, sums in self.totals.items() if stage in stages), False

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

    def card(self, record: Any) -> dict[str, Any]:
        return deal_card(record, self.now)

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


def deal_card(deal: Any, now: Any) -> dict[str, Any]:
    """What a card tells: for whom, how much, what is next, since when it stands there."""
    meta: list[dict[str, Any]] = []
    if deal.is_open:
        if deal.next_activity_at is not None:
            late = deal.next_activity_at < now
            meta.append(
                {
                    "icon": "calendar-event",
                    "text": ago(deal.next_activity_at),
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
        days = deal.days_in_stage(now)
        meta.append({"icon": "hourglass", "text": days_text(days), "title": _("In this stage for")})
    else:
        meta.append({"icon": "calendar-check", "text": ago(deal.closed_on), "title": _("Closed on")})
        if deal.lost_reason:
            meta.append({"icon": "message-circle", "text": deal.get_lost_reason_display()})
    return {
        "title": deal.title,
        "subtitle": str(deal.company or ""),
        "figure": euros(deal.amount),
        "meta": meta,
        "owner": deal.owner,
    }


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
    return {"dw:sums": sums, **({"dw:cheer": {}} if won else {})}


# --- Moves


def undo_address(user: Any, deal: Deal, before: dict[str, Any]) -> str:
    """Where a POST takes the move back: what the deal had, signed, for this person only."""
    plain = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in before.items()
    }
    token = signing.dumps({"user": user.pk, "version": deal.version, **plain}, salt=UNDO_SALT, compress=True)
    return reverse("crm:deal_unmove", args=[deal.pk, token])


def tell_move(request: HttpRequest, deal: Deal, before: dict[str, Any]) -> None:
    text = _("“%(deal)s” moved to %(stage)s.") % {"deal": deal, "stage": stage_label(deal.stage)}
    toast(request, text, undo_url=undo_address(request.user, deal, before))


class DealMoveView(MoveView):
    """A card dragged to another stage."""

    module = MODULE
    model = Deal
    kanban_field = "stage"
    won = False

    def move(self, record: Any, to: str, version: int | None) -> None:
        before = move_deal(user=self.request.user, deal=record, to=to, version=version)
        if before["stage"] != record.stage:
            self.won = record.stage == Deal.Stage.WON
            tell_move(self.request, record, before)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        if response.status_code == 200:
            add_triggers(response, board_triggers(request, won=self.won))
        return response


class DealStageView(RecordMixin):
    """A stage clicked on the record's page."""

    module = MODULE
    model = Deal
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        deal = self.get_object()
        to, version = request.POST.get("to", ""), request.POST.get("version", "")
        if to not in Deal.Stage.values:
            raise Http404
        won = False
        try:
            stale = int(version) if version.isdecimal() and len(version) < 10 else None
            before = move_deal(user=request.user, deal=deal, to=to, version=stale)
            if before["stage"] != deal.stage:
                won = deal.stage == Deal.Stage.WON
                tell_move(request, deal, before)
        except StaleVersion:
            toast(request, _("Somebody changed this record meanwhile: look again."), level="error")
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(deal.get_absolute_url())
        response = HttpResponse(status=204)
        add_triggers(response, {"dw:saved": {}, **({"dw:cheer": {}} if won else {})})
        return response


class DealUnmoveView(RecordMixin):
    """A move taken back from the toast, unless the deal has changed since."""

    module = MODULE
    model = Deal
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, token: str) -> HttpResponse:
        deal = self.get_object()
        try:
            before = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
        except signing.BadSignature:
            raise Http404 from None
        if before.pop("user") != request.user.pk:
            raise Http404
        version = before.pop("version")
        before["closed_on"] = parse_date(before["closed_on"]) if before["closed_on"] else None
        before["stage_since"] = parse_datetime(before["stage_since"])
        try:
            take_back_move(user=request.user, deal=deal, before=before, version=version)
        except StaleVersion:
            toast(request, _("This deal has changed since: the move stays."), level="error")
        else:
            text = _("“%(deal)s” is back in %(stage)s.")
            toast(request, text % {"deal": deal, "stage": stage_label(deal.stage)})
        referer = request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()})
        return HttpResponseRedirect(referer if safe else deal.get_absolute_url())


class DealLoseView(EditView):
    """Why a deal is lost: asked when its card is dropped there; no answer, no loss."""

    module = MODULE
    model: type[Record] = Deal
    form_class = DealLostForm
    select_related = ("company", "contact", "owner")
    breadcrumbs = (CRUMB,)

    def get_title(self) -> Any:
        return _("Why is “%(deal)s” lost?") % {"deal": self.get_instance()}

    @property
    def submit_label(self) -> Any:  # type: ignore[override]
        return _("Move to Lost")

    def save(self, form: Any) -> Deal:
        deal: Deal = self.get_instance()
        self.before = move_deal(
            user=self.request.user,
            deal=deal,
            to=Deal.Stage.LOST,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["lost_reason"],
            comment=form.cleaned_data["lost_comment"],
        )
        return deal

    def saved(self, record: Record) -> HttpResponse:
        deal: Any = record
        tell_move(self.request, deal, self.before)
        if self.in_drawer():
            response = HttpResponse(status=204)
            response["HX-Trigger"] = "dw:saved"
            return response
        return HttpResponseRedirect(deal.get_absolute_url())

    def answer_conflict(self, current: Any) -> HttpResponse:
        toast(self.request, _("Somebody changed this record meanwhile: look again."), level="error")
        if self.in_drawer():
            response = HttpResponse(status=409)
            response["HX-Trigger"] = "dw:saved"  # closes the dialog, loads the board again
            return response
        return HttpResponseRedirect(current.get_absolute_url())


class DealQuickView(GuardedView):
    """A deal added in a column by its title and amount: answers its card."""

    module = MODULE
    action = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = QuickDealForm(request.POST)
        if not form.is_valid():
            texts = [message for messages in form.errors.values() for message in messages]
            toast(request, " ".join(map(str, texts)), level="error")
            return HttpResponse(status=422) if request.htmx else HttpResponseRedirect("/crm/deals/")  # type: ignore[attr-defined]
        data = form.cleaned_data
        deal = Deal(title=data["title"], amount=data["amount"] or 0, stage=data["stage"], owner=request.user)
        with transaction.atomic():
            create_deal(user=request.user, deal=deal)
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect("/crm/deals/")
        card = {
            "pk": deal.pk,
            "url": deal.get_absolute_url(),
            "version": deal.version,
            **deal_card(deal, timezone.now()),
        }
        context = {"column": {"cards": [card]}, "list": {"move_url": reverse("crm:deal_move")}}
        response = render(request, "generic/kanban_cards.html", context)
        add_triggers(response, board_triggers(request))
        return response
