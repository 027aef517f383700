"""Indexes of contacts for a filter and a sort together (DESIGN §3)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_contact_import_undo")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "id"], name="crm_contact_owner_newest"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["status", "score", "id"], name="crm_contact_status_score"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["city", "sort_name", "id", "owner"], name="crm_contact_city_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["source", "sort_name", "id", "owner"], name="crm_contact_source_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "city"], name="crm_contact_owner_city"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "source"], name="crm_contact_owner_source"),
        ),
    ]
