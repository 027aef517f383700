"""Columns of likely duplicates."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day, escape


def record_cell(name: str) -> Any:
    """One of the two: its name, and what tells it from the other."""

    def cell(pair: Any) -> Any:
        record = getattr(pair, name)
        parts = [getattr(record, field, "") for field in ("email", "phone", "siret", "city")]
        about = " · ".join(part for part in parts if part)
        return SafeString(
            f'<a class="dw-name" href="{escape(record.get_absolute_url())}">{escape(record)}</a>'
            f'<span class="dw-muted dw-under">{escape(about)}</span>'
        )

    return cell


class DuplicateTable(Table):
    """The list of pairs."""

    columns = (
        Column("first", _("First record"), cell=record_cell("first"), export=lambda pair: str(pair.first)),
        Column(
            "second", _("Second record"), cell=record_cell("second"), export=lambda pair: str(pair.second)
        ),
        Column(
            "reason",
            _("Reason"),
            cell=lambda pair: escape(pair.get_reason_display()),
            export=lambda pair: str(pair.get_reason_display()),
        ),
        Column("kind", _("Kind"), cell=lambda pair: escape(pair.get_subject_type_display()), default=False),
        Column("created_at", _("Found on"), cell=day("created_at"), sort="id"),
    )
