"""The usual chart of accounts for each agency that is there, and triggers that guard closed periods."""

from typing import Any

from django.db import migrations

from sales import triggers
from sales.services.chart import USUAL


def write(apps: Any, schema_editor: Any) -> None:
    account, terms = apps.get_model("sales", "Account"), apps.get_model("sales", "BookTerms")
    # Their numbers alone: bank details are encrypted, and no key is needed here.
    agencies = apps.get_model("sales", "Agency").objects.order_by("pk")
    for agency in agencies.values_list("pk", flat=True):
        terms.objects.get_or_create(agency_id=agency)
        if not account.objects.filter(agency=agency).exists():
            account.objects.bulk_create(
                account(agency_id=agency, number=number, label=label, role=role, vat_rate=rate)
                for number, label, role, rate in USUAL
            )
    # On SQLite they come when all migrations are done.
    if schema_editor.connection.vendor != "sqlite":
        triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("sales", "0021_books")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
