"""Notifications in the API: one's own."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.examples import answered
from digiweb.api.idempotency import idempotent
from digiweb.api.own import OwnRows
from digiweb.api.serializers import LabelField, RecordSerializer, SubjectField
from digiweb.api.views import ReadViewSet
from timeline.filters.notification import NotificationFilterSet
from timeline.models import Notification
from timeline.notification_kinds import kind_named
from timeline.services.notification import mark_read, told_to, unread_count
from timeline.services.notification_mail import describe
from timeline.services.subject import subject_name
from timeline.views.notification import NEWEST


class NotificationSerializer(RecordSerializer):
    """One thing that you were told. Of a record that you no longer see, nothing is said."""

    kind_label = serializers.CharField(read_only=True)
    text = serializers.CharField(source="shown_text", read_only=True)
    subject = SubjectField(
        read_only=True, allow_null=True, help_text=_("The record that it is about; null for none.")
    )
    url = serializers.CharField(
        source="shown_url", read_only=True, help_text=_("The page that it leads to, without the host.")
    )
    actor = serializers.IntegerField(
        source="shown_actor.pk", read_only=True, allow_null=True, help_text=_("Who made it happen.")
    )
    actor_name = LabelField(source="shown_actor")
    unread = serializers.BooleanField(read_only=True)

    class Meta:
        model = Notification
        fields = [
            "id", "kind", "kind_label", "text", "subject", "url", "actor", "actor_name", "unread",
            "created_at", "read_at",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = {
            "id": 502, "kind": "mention", "kind_label": "Somebody mentioned you",
            "text": "Claire Fontaine mentioned you on “Émilie Durand”: @Hugo Lefèvre à rappeler",
            "subject": "crm.contact:1042", "url": "/crm/contacts/1042/", "actor": 2,
            "actor_name": "Claire Fontaine", "unread": True, "created_at": "2026-11-20T16:05:12.345678Z",
            "read_at": None,
        }  # fmt: skip


class CountSerializer(serializers.Serializer):
    """How many wait."""

    unread = serializers.IntegerField(help_text=_("100 stands for a hundred or more."))


COUNT = answered({"unread": 3})


class NotificationViewSet(OwnRows, ReadViewSet):
    """What the caller was told, newest first."""

    model = Notification
    serializer_class = NotificationSerializer
    http_method_names = ["get", "head", "post"]
    signed_in_actions = ("list", "retrieve", "unread", "read", "read_all")
    bodiless_actions = ("read", "read_all")
    filterset_class = NotificationFilterSet
    sorts = (NEWEST,)
    title = _("Notifications")
    about = _("What you were told in the last 90 days: yours alone, whatever your role.")
    summaries = {
        "unread": _("How many wait"),
        "read": _("Mark one as read"),
        "read_all": _("Mark all as read"),
    }
    descriptions = {
        "unread": _("The number beside the bell."),
        "read": _("Read already, it stays as it is."),
        "read_all": _("Answers how many wait now."),
    }

    def rows(self, action: str = "view") -> QuerySet:
        rows: QuerySet = told_to(self.request.user)
        return rows

    def shown(self, queryset: QuerySet) -> QuerySet:
        return queryset

    def prepare(self, records: Any) -> None:
        for row, line in zip(records, describe(self.request.user, records), strict=True):
            seen = bool(line["shown"])
            row.kind_label = str(kind_named(row.kind).label)
            row.shown_text, row.shown_url, row.shown_actor = line["text"], line["url"], line["actor"]
            row.unread = line["unread"]
            row.subject = subject_name(row.subject_type, row.subject_id) if seen else None

    @extend_schema(responses=CountSerializer, examples=[COUNT])
    @action(detail=False, pagination_class=None, filter_backends=[])
    def unread(self, request: Any) -> Response:
        return Response({"unread": unread_count(request.user)})

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def read(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        mark_read(user=request.user, pks=[row.pk])
        return self.answer(self.fresh(row))

    @extend_schema(
        operation_id="notifications_read_all", request=None, responses=CountSerializer, examples=[COUNT]
    )
    @action(detail=False, methods=["post"], url_path="read")
    @idempotent
    def read_all(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        mark_read(user=request.user)
        return Response({"unread": unread_count(request.user)})
