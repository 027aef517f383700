"""Custom fields for tests."""

from typing import Any

from crm.models import CustomField
from crm.services.custom_field import create_field
from crm.services.custom_value import TABLES, book_for, rows_of

made = iter(range(100_000))


def make_field(user: Any, **fields: Any) -> CustomField:
    """A custom field made by the same service as the page; of contacts and a text unless said otherwise."""
    fields = {"subject": "crm.contact", "label": f"Champ {next(made)}", **fields}
    return create_field(user=user, field=CustomField(**fields))


def make_choice(user: Any, label: str, *choices: str, **fields: Any) -> CustomField:
    return make_field(user, label=label, kind="choice", choices=list(choices), **fields)


def assert_found_by_what_they_hold() -> None:
    """The tables by which records are found are just what the records hold."""
    for model, table in TABLES.items():
        book = book_for(model)
        link = f"{table.carries_of}_id"
        held = {
            (pk, *row)
            for pk, custom in model._default_manager.values_list("pk", "custom")
            for row in rows_of(custom, book)
        }
        rows = list(table.objects.values_list(link, "field_id", "word", "number", "day"))
        assert len(rows) == len(set(rows))
        assert set(rows) == held
