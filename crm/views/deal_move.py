"""Moving deals: a card dragged, a stage clicked, why a deal was lost, a move taken back."""

from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm.forms.deal import DealLostForm
from crm.models import Deal
from crm.services.deal import move_deal, take_back_move
from crm.tables.deal import stage_label
from crm.views.deal_board import CRUMB, MODULE, board_triggers, card_html
from digiweb.middleware import add_triggers
from digiweb.models import Record, StaleVersion
from digiweb.numbers import whole_number
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin, came_from
from digiweb.views.edit import EditView
from digiweb.views.kanban import MoveView

UNDO_SALT, UNDO_SECONDS = "crm.deal.move", 24 * 3600


def undo_address(user: Any, deal: Deal, before: dict[str, Any]) -> str:
    """Where a POST takes the move back: what the deal had, signed, for it and this person only."""
    plain = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in before.items()
    }
    who = {"user": user.pk, "deal": deal.pk, "version": deal.version}
    token = signing.dumps({**who, **plain}, salt=UNDO_SALT, compress=True)
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

    def card_html(self, record: Any) -> str:
        return card_html(self.request.user, record)

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
            before = move_deal(user=request.user, deal=deal, to=to, version=whole_number(version))
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
        if (before.pop("user"), before.pop("deal", None)) != (request.user.pk, deal.pk):
            raise Http404
        version = before.pop("version")
        before["closed_on"] = parse_date(before["closed_on"]) if before["closed_on"] else None
        for name in ("stage_since", "last_activity_at"):
            before[name] = parse_datetime(before[name])
        try:
            take_back_move(user=request.user, deal=deal, before=before, version=version)
        except StaleVersion:
            toast(request, _("This deal has changed since: the move stays."), level="error")
        else:
            text = _("“%(deal)s” is back in %(stage)s.")
            toast(request, text % {"deal": deal, "stage": stage_label(deal.stage)})
        return HttpResponseRedirect(came_from(request, deal.get_absolute_url()))


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
