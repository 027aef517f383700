"""The database itself refuses to change or delete what was issued (sales/triggers.py)."""

from typing import Any

from django.db import migrations

from sales import triggers


def write(apps: Any, schema_editor: Any) -> None:
    # On SQLite they come when all migrations are done: a table that is made anew may not have any yet.
    if schema_editor.connection.vendor != "sqlite":
        triggers.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("sales", "0011_invoices")]

    operations = [migrations.RunPython(write, remove)]
