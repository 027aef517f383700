"""Rows that were there before get the copies that joined tables carry (digiweb/carriers.py)."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

COPIES = (
    ("ContactTag", "Contact", "contact_id", ("owner_id", "sort_name", "score")),
    ("CompanyAccess", "Company", "company_id", ("status", "industry", "sort_name")),
)


def copy(apps: Any, schema_editor: Any) -> None:
    """Able to run twice: it writes what is true now."""
    for carrier, model, link, columns in COPIES:
        rows = apps.get_model("crm", carrier).objects
        record = apps.get_model("crm", model).objects.filter(pk=OuterRef(link))
        rows.update(**{name: Subquery(record.values(name)[:1]) for name in columns})


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_at_work")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
