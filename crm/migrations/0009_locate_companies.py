"""Companies that were there before are located by their postcode and town (digiweb/geo/places.py)."""

from collections import defaultdict
from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

from digiweb.geo.places import Location, locate

BATCH = 2000
COLUMNS = ("pk", "postcode", "city", "country", "place", "department")


def locate_companies(apps: Any, schema_editor: Any) -> None:
    """Batch by batch, in the order of the keys; able to run twice: it writes only what differs."""
    companies = apps.get_model("crm", "Company").objects
    access = apps.get_model("crm", "CompanyAccess").objects
    last = 0
    while rows := list(companies.filter(pk__gt=last).order_by("pk").values_list(*COLUMNS)[:BATCH]):
        last = rows[-1][0]
        moved: dict[Location, list[int]] = defaultdict(list)
        for pk, postcode, city, country, *known in rows:
            found = locate(postcode, city, country)
            if list(found) != known:
                moved[found].append(pk)
        for where, pks in moved.items():
            companies.filter(pk__in=pks).update(place=where.place, department=where.department)
        company = companies.filter(pk=OuterRef("company_id"))
        copies = {name: Subquery(company.values(name)[:1]) for name in ("place", "department")}
        access.filter(company_id__in=[row[0] for row in rows]).update(**copies)


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_company_places")]

    operations = [migrations.RunPython(locate_companies, migrations.RunPython.noop)]
