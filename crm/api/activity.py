"""Activities in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.filters.activity import ActivityFilterSet
from crm.forms.activity import ActivityForm
from crm.models import Activity
from crm.services.activity import change_activity, create_activity, delete_activities
from crm.views.activity import ActivityListView
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet


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


class ActivityViewSet(RecordViewSet):
    """Activities, within one's sight."""

    module = "crm.activity"
    model = Activity
    serializer_class = ActivitySerializer
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
        "Calls, e-mails, meetings, video calls and tasks. Setting `status` to `done` marks one as done; "
        "left out on creation, the owner is you."
    )

    def create_record(self, form: Any) -> Activity:
        return create_activity(user=self.request.user, activity=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_activity(user=self.request.user, activity=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_activities(user=self.request.user, pks=[record.pk])
