"""Prints the GRANT statements of the application's database user (MySQL and MariaDB)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from sales.models import InvoiceSeal
from timeline.models import Event, EventLink

# The audit log and the seals of invoices: the application writes and reads them, and nobody who breaks into
# it can rewrite them.
APPEND_ONLY = (Event, EventLink, InvoiceSeal)


class Command(BaseCommand):
    help = (
        "Print the SQL that gives one database user all that the running application needs, and no right to "
        "change or delete events and seals. Run the SQL as the database's administrator, again after each "
        "`migrate`; that itself runs as another user, who may change tables. Exit code 0, or 1 when the "
        "database is not MySQL or MariaDB. Nothing is changed by this command."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--user", required=True, help="name of the application's database user")
        parser.add_argument("--host", default="localhost", help="from where it connects (default: localhost)")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "mysql":
            raise CommandError("Only MySQL and MariaDB have rights by table.")
        for statement in grants(options["user"], options["host"]):
            self.stdout.write(f"{statement};")


def grants(user: str, host: str) -> list[str]:
    """One statement a line, in the order in which they are to run."""
    account = f"{_text(user)}@{_text(host)}"
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    append_only = {model._meta.db_table for model in APPEND_ONLY}
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    statements = [f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {account}"]
    for table in sorted(tables):
        rights = "SELECT, INSERT" if table in append_only else "SELECT, INSERT, UPDATE, DELETE"
        if table == "django_migrations":
            rights = "SELECT"
        statements.append(f"GRANT {rights} ON {database}.{connection.ops.quote_name(table)} TO {account}")
    return statements


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
