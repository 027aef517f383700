"""Columns of custom fields: in lists, exports and on the pages of records."""

from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.models import CustomField
from digiweb.custom import value_of
from digiweb.tables import Column, escape, text_of
from digiweb.templatetags.digiweb import number

Kind = CustomField.Kind


def custom_columns(fields: Iterable[CustomField]) -> list[Column]:
    """A column a field."""
    return [custom_column(field) for field in fields]


def custom_column(field: CustomField) -> Column:
    return Column(
        field.name,
        field.label,
        cell=lambda record: cell(field, value_of(record, field.name)),
        export=lambda record: exported(field, value_of(record, field.name)),
        align="end" if field.kind == Kind.NUMBER else "start",
        default=field.in_list,
    )


def cell(field: CustomField, value: Any) -> Any:
    """A kept value as HTML; what is no value of the field shows as nothing."""
    if not field.accepts(value):
        return ""
    match field.kind:
        case Kind.YES_NO:
            tone = "green" if value else "slate"
            return SafeString(f'<span class="dw-badge dw-badge-{tone}">{escape(yes_or_no(value))}</span>')
        case Kind.NUMBER:
            return escape(number(field.typed(value)))
        case Kind.TEXT if value.startswith(("https://", "http://")):
            url = escape(value)
            return SafeString(f'<a href="{url}" rel="noopener noreferrer" target="_blank">{url}</a>')
        case _:
            return SafeString(escape(text_of(field.typed(value))))


def yes_or_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def exported(field: CustomField, value: Any) -> Any:
    """What a file holds: a text, a number, a day; yes and no in words."""
    if not field.accepts(value):
        return ""
    return yes_or_no(value) if field.kind == Kind.YES_NO else field.typed(value)
