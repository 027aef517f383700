"""Jobs may now be stopped, done again and exported by role: administrators could stop them before."""

from typing import Any

from django.db import migrations


def extend(apps: Any, schema_editor: Any) -> None:
    Grant = apps.get_model("people", "Grant")
    for role in apps.get_model("people", "Role").objects.filter(is_admin=True):
        if Grant.objects.filter(role=role, module="timeline.job", action="view").exists():
            for action in ("change", "export"):
                Grant.objects.get_or_create(
                    role=role, module="timeline.job", action=action, defaults={"scope": "all"}
                )


class Migration(migrations.Migration):
    dependencies = [("timeline", "0005_job_pages"), ("people", "0001_initial")]

    operations = [migrations.RunPython(extend, migrations.RunPython.noop, elidable=True)]
