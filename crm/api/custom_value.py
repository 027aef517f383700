"""Values of custom fields in the API: `"custom": {"hosting": "ovh"}`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from crm.models.custom_field import MOST_FIELDS


class CustomValuesField(serializers.JSONField):
    """{key: value}; with a change only the keys that are sent change, null empties one."""

    def __init__(self, **kwargs: Any) -> None:
        text = gettext_lazy(
            "Custom fields by their key (GET /api/v1/custom-fields/). Numbers and days are texts, such as "
            '"12.5" and "2026-11-21"; choices are told by their key. Only the keys that are sent change; '
            "null empties one."
        )
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        return instance.custom or {}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValidationError(_("This is to be an object: the values by the keys of their fields."))
        if len(data) > 2 * MOST_FIELDS:
            raise ValidationError(_("There are not that many custom fields."))
        return dict(data)
