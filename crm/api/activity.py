"""Activities in the API."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from crm.filters.activity import ActivityFilterSet
from crm.forms.activity import ActivityForm, DoneForm
from crm.models import Activity
from crm.services.activity import change_activity, create_activity, delete_activities, finish_activity
from crm.views.activity import ActivityListView
from digiweb.api.errors import form_errors
from digiweb.api.examples import answered, sent
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import (
    MAX_VERSION,
    AskedSerializer,
    LabelField,
    MomentField,
    RecordSerializer,
    asked,
)
from digiweb.api.views import RecordViewSet, etag
from digiweb.models import StaleVersion


class ActivitySerializer(RecordSerializer):
    """Something to do or done."""

    contact_name = LabelField(source="contact")
    company_name = LabelField(source="company")
    deal_name = LabelField(source="deal")
    owner_name = LabelField(source="owner")

    class Meta:
        model = Activity
        form = ActivityForm
        fields = [
            "id", "version", "kind", "subject", "status", "priority", "starts_at", "duration", "place",
            "notes", "done_at", "contact", "contact_name", "company", "company_name", "deal", "deal_name",
            "owner", "owner_name", "reminder", "recurrence", "repeat_until", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["done_at"]
        extra_kwargs = {"owner": {"required": False}}
        example = {
            "kind": "call",
            "subject": "Relancer sur le devis",
            "status": "planned",
            "priority": "high",
            "starts_at": "2026-11-24T09:30:00+01:00",
            "duration": 15,
            "place": "",
            "notes": "",
            "contact": 1042,
            "company": 12,
            "deal": 7,
            "owner": 3,
            "reminder": 15,
            "recurrence": "",
            "repeat_until": None,
        }
        example_read = {
            "id": 310, "version": 1, "contact_name": "Émilie Durand", "company_name": "Boulangerie Martin",
            "deal_name": "Refonte du site", "owner_name": "Hugo Lefèvre", "done_at": None,
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class DoneSerializer(AskedSerializer):
    """What came of an activity, and what comes next; all of it may be left out."""

    notes = serializers.CharField(
        required=False, allow_blank=True, help_text=_("What came of it. Left out, the notes stay.")
    )
    next_kind = serializers.ChoiceField(
        Activity.Kind.choices,
        required=False,
        allow_blank=True,
        help_text=_("What comes next, about the same contact, company and deal. Empty: nothing."),
    )
    next_subject = serializers.CharField(required=False, allow_blank=True)
    next_at = MomentField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=1, max_value=MAX_VERSION)


class FinishedSerializer(serializers.Serializer):
    """What was done, and what was planned with it."""

    activity = ActivitySerializer()
    planned = ActivitySerializer(many=True)


READ: dict[str, Any] = {**ActivitySerializer.Meta.example_read, **ActivitySerializer.Meta.example}
DONE_EXAMPLES = [
    sent(
        {
            "notes": "Le devis leur convient.",
            "next_kind": "meeting",
            "next_subject": "Signature",
            "next_at": "2026-12-01T10:00:00+01:00",
            "version": 1,
        }
    ),
    answered(
        {
            "activity": {**READ, "status": "done", "version": 2, "done_at": "2026-11-24T08:50:00Z"},
            "planned": [{**READ, "id": 311, "kind": "meeting", "subject": "Signature"}],
        }
    ),
]


class ActivityViewSet(RecordViewSet):
    """Activities, within one's sight."""

    module = "crm.activity"
    model = Activity
    serializer_class = ActivitySerializer
    rights = {**RecordViewSet.rights, "done": "change"}
    filterset_class = ActivityFilterSet
    sorts = ActivityListView.sorts
    labels = {
        "contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "company": ("name",),
        "deal": ("title",),
        "owner": ("first_name", "last_name", "email"),
    }
    title = _("Activities")
    about = _(
        "Calls, e-mails, meetings, video calls and tasks. PATCH its `status` to mark one as `done`, to "
        "cancel it (`cancelled`) or to open it again (`planned`); done, one that repeats plans the next. "
        "Left out on creation, the owner is you."
    )
    summaries = {"done": _("Mark as done, and what next")}
    descriptions = {
        "done": _(
            "Marks the activity as done with what came of it, and plans what comes next about the same "
            "records. `planned` holds the next one of its series, if it repeats, and the one asked for."
        )
    }

    def create_record(self, form: Any) -> Activity:
        return create_activity(user=self.request.user, activity=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_activity(user=self.request.user, activity=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_activities(user=self.request.user, pks=[record.pk])

    @extend_schema(request=DoneSerializer, responses=FinishedSerializer, examples=DONE_EXAMPLES)
    @action(detail=True, methods=["post"])
    @idempotent
    def done(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        activity = self.get_object()
        expected = self.expected_version(activity)
        given = asked(DoneSerializer, request)
        given.setdefault("notes", activity.notes)
        if given.get("next_kind"):
            given.setdefault(
                "next_subject", gettext("Follow up: %(subject)s") % {"subject": activity.subject}
            )
        form = DoneForm(given)
        if not form.is_valid():
            raise ValidationError(form_errors(form.errors))
        try:
            planned = finish_activity(
                user=request.user,
                activity=activity,
                notes=form.cleaned_data["notes"],
                following=form.following(),
                version=expected if expected is not None else given.get("version"),
            )
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=expected is not None) from None
        rows = [self.fresh(one) for one in (activity, *planned)]
        self.prepare(rows)
        first, *others = [ActivitySerializer.represent(row) for row in rows]
        return Response({"activity": first, "planned": others}, headers={"ETag": etag(rows[0])})
