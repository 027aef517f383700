"""Reminders in the API: what comes next, what went out, and the buttons of the pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import ReadViewSet
from sales.filters.reminder import ReminderFilterSet, ReminderPlanFilterSet
from sales.models import Reminder, ReminderPlan
from sales.services.reminder import pause, resume, send_again, send_now, skip
from sales.views.reminder import ReminderListView
from sales.views.reminder_sent import ReminderSentListView


class ReminderPlanSerializer(RecordSerializer):
    """An invoice that is owed, and which reminder leaves when."""

    invoice_number = LabelField(source="invoice")
    stage_name = LabelField(source="stage")

    class Meta:
        model = ReminderPlan
        fields = [
            "id", "version", "invoice", "invoice_number", "state", "stage", "stage_name", "leaves_on",
            "balance", "due_on", "paused_until", "pause_reason", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 31, "version": 1, "invoice": 142, "invoice_number": "FA-DF-2026-00042", "state": "planned",
            "stage": 3, "stage_name": "Deuxième relance", "leaves_on": "2026-11-24", "balance": "3840.00",
            "due_on": "2026-11-16", "paused_until": None, "pause_reason": "",
            "created_at": "2026-10-16T09:00:00Z", "updated_at": "2026-11-17T08:30:00Z",
        }  # fmt: skip


class PauseSerializer(serializers.Serializer):
    """Until when nothing leaves, and why."""

    until = serializers.DateField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ReminderSerializer(RecordSerializer):
    """A reminder that was sent, passed over, refused or dropped."""

    invoice_number = LabelField(source="invoice")
    asked_by_name = LabelField(source="asked_by")

    class Meta:
        model = Reminder
        fields = [
            "id", "version", "invoice", "invoice_number", "stage", "stage_name", "days", "is_formal", "state",
            "claimed_on", "to", "subject", "body", "error", "balance", "penalties", "indemnity",
            "letter_sha256", "asked_by", "asked_by_name", "sent_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 77, "version": 1, "invoice": 142, "invoice_number": "FA-DF-2026-00042", "stage": 2,
            "stage_name": "Première relance", "days": 1, "is_formal": False, "state": "sent",
            "claimed_on": "2026-11-17", "to": "compta@martin.test",
            "subject": "Facture FA-DF-2026-00042 : règlement en attente", "body": "Bonjour,\n\n…",
            "error": "", "balance": "3840.00", "penalties": "0.00", "indemnity": "0.00", "letter_sha256": "",
            "asked_by": None, "asked_by_name": None, "sent_at": "2026-11-17T07:31:02Z",
            "created_at": "2026-11-17T07:30:00Z", "updated_at": "2026-11-17T07:31:02Z",
        }  # fmt: skip


class ReminderPlanViewSet(ReadViewSet):
    """Reminders to come, within one's sight."""

    module = "sales.reminder"
    model = ReminderPlan
    serializer_class = ReminderPlanSerializer
    filterset_class = ReminderPlanFilterSet
    sorts = ReminderListView.sorts
    labels = {"invoice": ("number",), "stage": ("name",)}
    rights = {
        **ReadViewSet.rights,
        "send": "create",
        "skip": "change",
        "pause": "change",
        "resume": "change",
    }
    bodiless_actions = ("send", "skip", "resume")
    summaries = {
        "send": _("Send the next reminder now"),
        "skip": _("Pass the next stage over"),
        "pause": _("Pause the reminders of an invoice"),
        "resume": _("Take reminders up again"),
    }
    descriptions = {
        "send": _("Leaves within moments; each stage of an invoice once."),
        "skip": _("The stage after it comes at its day."),
        "pause": _("Nothing leaves until that day has passed."),
        "resume": _("What is due leaves at the next working day."),
    }
    title = _("Reminders")
    about = _(
        "One row for each invoice that is owed: which reminder leaves when, or why none does. `leaves_on` "
        "2199-12-31 says that nothing leaves by itself. Gone when the invoice is paid."
    )

    @extend_schema(request=None, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def send(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        made = send_now(user=request.user, plan=self.get_object())
        return Response(ReminderSerializer.represent(made), status=202)

    @extend_schema(request=None, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def skip(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(ReminderSerializer.represent(skip(user=request.user, plan=self.get_object())))

    @extend_schema(request=PauseSerializer, responses=ReminderPlanSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        plan = self.get_object()
        body = PauseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        pause(user=request.user, plan=plan, **body.validated_data)
        return self.answer(self.fresh(plan))

    @extend_schema(request=None, responses=ReminderPlanSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        plan = self.get_object()
        resume(user=request.user, plan=plan)
        return self.answer(self.fresh(plan))


class ReminderViewSet(ReadViewSet):
    """Reminders that went out, within one's sight."""

    module = "sales.reminder"
    model = Reminder
    serializer_class = ReminderSerializer
    filterset_class = ReminderFilterSet
    sorts = ReminderSentListView.sorts
    labels = {"invoice": ("number",), "asked_by": ("first_name", "last_name", "email")}
    rights = {**ReadViewSet.rights, "again": "create"}
    bodiless_actions = ("again",)
    summaries = {"again": _("Send one again that did not leave")}
    descriptions = {"again": _("Goes to the address of today.")}
    title = _("Reminders sent")
    about = _(
        "What was sent, passed over, refused by the server, or dropped because nothing was owed any more."
    )

    @extend_schema(request=None, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def again(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        one = send_again(user=request.user, reminder=self.get_object())
        return Response(ReminderSerializer.represent(one), status=202)
