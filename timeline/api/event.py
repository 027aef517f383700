"""The time line of a record in the API: read only, as the record's page shows it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from digiweb.api.own import OwnRows
from digiweb.api.serializers import RecordSerializer, SubjectField
from digiweb.api.views import ListViewSet
from digiweb.views.timeline import NEWEST_FIRST
from timeline.filters.subject import TimelineFilterSet
from timeline.models import Event, Note
from timeline.services.event import in_sight
from timeline.services.subject import circle_of, numbers_of, subject_in_sight, subject_name
from timeline.words import field_label, words_of_action

# Of what an event has besides: what a time line tells. The rest is the audit log's.
TOLD = ("added", "removed", "merge", "batch")


class ChangeSerializer(serializers.Serializer):
    """One field before and after; linked records as {id, label}."""

    field = serializers.CharField()
    label = serializers.CharField(help_text=_("What the pages call the field."))  # type: ignore[assignment]
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class EventSerializer(RecordSerializer):
    """One thing that happened."""

    actor = serializers.IntegerField(
        source="actor_id", read_only=True, allow_null=True, help_text=_("Who; null for the system.")
    )
    action_label = serializers.CharField(read_only=True)
    subject = SubjectField(
        read_only=True,
        help_text=_("The record to which it happened: the one asked for, or one that concerns it."),
    )
    changes = serializers.SerializerMethodField(help_text=_("The fields, before and after."))
    details = serializers.DictField(read_only=True, help_text=_("Such as the tags added and removed."))
    note = serializers.CharField(read_only=True, help_text=_("The text of a note; empty for anything else."))

    class Meta:
        model = Event
        fields = [
            "id", "at", "actor", "actor_name", "action", "action_label", "subject", "subject_label",
            "changes", "details", "note",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = {
            "id": 7180, "at": "2026-11-20T16:05:12.345678Z", "actor": 3, "actor_name": "Hugo Lefèvre",
            "action": "changed", "action_label": "Changed", "subject": "crm.contact:1042",
            "subject_label": "Émilie Durand",
            "changes": [{"field": "status", "label": "Status", "before": "lead", "after": "client"}],
            "details": {}, "note": "",
        }  # fmt: skip

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, event: Event) -> list[dict[str, Any]]:
        return [
            {
                "field": name,
                "label": field_label(event.subject_type, name),
                "before": pair[0],
                "after": pair[1],
            }
            for name, pair in event.changes.items()
            if isinstance(pair, list) and len(pair) == 2
        ]


class EventViewSet(OwnRows, ListViewSet):
    """Events of one record, for whoever sees the record."""

    model = Event
    serializer_class = EventSerializer
    http_method_names = ["get", "head"]
    signed_in_actions = ("list",)
    filterset_class = TimelineFilterSet
    sorts = (NEWEST_FIRST,)
    title = _("Time line")
    about = _(
        "What happened to a record, newest first: changes with before and after, notes, and what happened "
        "to records that concern it, as far as you see those. A page may hold fewer events than it was "
        "asked for; follow `next`."
    )
    descriptions = {"list": _("A page of the time line of the record that `subject` names.")}

    def rows(self, action: str = "view") -> QuerySet:
        return Event.objects.all()

    def shown(self, queryset: QuerySet) -> QuerySet:
        return queryset

    def filtered_branches(self) -> list[QuerySet]:
        """The events of the record under all its numbers, and of what concerns it."""
        filterset: Any = self.filterset  # it always narrows: to one record
        kind, pk = filterset.form.cleaned_data["subject"]
        record = subject_in_sight(self.request.user, kind, pk)
        if record is None:
            raise Http404
        self.here = set(numbers_of(record))
        branches = Event.objects.all().branches_about(circle_of(record))
        return [filterset.filter_queryset(branch) for branch in branches]

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        paginator: Any = self.paginator
        page = paginator.paginate_queryset(self.get_queryset(), request, view=self)
        events = in_sight(request.user, page, page_of=self.here)
        self.prepare(events)
        answer: Response = paginator.get_paginated_response(
            [EventSerializer.represent(one) for one in events]
        )
        return answer

    def prepare(self, records: Any) -> None:
        numbers = [
            event.data["note"] for event in records if event.action == "noted" and "note" in event.data
        ]
        notes = Note.objects.in_bulk(numbers)
        for event in records:
            note = notes.get(event.data.get("note", 0)) if event.action == "noted" else None
            event.note = note.body if note else ""
            event.action_label = str(words_of_action(event.action).label)
            event.subject = subject_name(event.subject_type, event.subject_id)
            event.details = {name: event.data[name] for name in TOLD if name in event.data}
