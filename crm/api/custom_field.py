"""Definitions of custom fields in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.filters.custom_field import CustomFieldFilterSet
from crm.forms.custom_field import CustomFieldForm
from crm.models import CustomField
from crm.services.custom_field import change_field, create_field, delete_field
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import RecordViewSet
from digiweb.paging import Sort


class CustomFieldSerializer(RecordSerializer):
    """A field that an administrator added to contacts, companies or deals."""

    choices = serializers.JSONField(
        required=False,
        help_text=_(
            "In order: `{key, label}`. A new one is sent without a key, a renamed one with the key it has; "
            "those left out are no longer offered."
        ),
    )

    class Meta:
        model = CustomField
        form = CustomFieldForm
        fields = [
            "id", "version", "subject", "key", "label", "kind", "choices", "required", "help_text", "in_list",
            "position", "state", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["key", "position", "state"]
        example = {
            "subject": "crm.company",
            "label": "Hébergeur",
            "kind": "choice",
            "choices": [{"label": "OVHcloud"}, {"label": "Scaleway"}],
            "required": False,
            "help_text": "D’après les DNS du site.",
            "in_list": False,
        }
        example_read = {
            "id": 4, "version": 1, "key": "hebergeur", "position": 2, "state": "active",
            "choices": [{"key": "ovhcloud", "label": "OVHcloud"}, {"key": "scaleway", "label": "Scaleway"}],
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-02T08:30:00Z",
        }  # fmt: skip


class CustomFieldViewSet(RecordViewSet):
    """Custom fields; those that are deleted are nobody's."""

    module = "crm.customfield"
    model = CustomField
    serializer_class = CustomFieldSerializer
    filterset_class = CustomFieldFilterSet
    sorts = (
        Sort("newest", _("Newest first"), ("id",), descending=True),
        Sort("oldest", _("Oldest first"), ("id",)),
    )
    title = _("Custom fields")
    about = _(
        "What contacts, companies and deals have besides their own fields. The key is made from the label "
        "and never changes; kind of record and kind of value neither. Deleting one takes its values off all "
        "records, for good."
    )

    def create_record(self, form: Any) -> CustomField:
        return create_field(user=self.request.user, field=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_field(user=self.request.user, field=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_field(user=self.request.user, field=record)
