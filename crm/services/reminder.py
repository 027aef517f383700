"""Reminders of activities: given once, by whichever scheduler comes first."""

from django.db import transaction
from django.utils import timezone, translation

from crm.models import Activity
from crm.tables.activity import moment_text
from people.models import User
from timeline.services.notification import notify

BATCH = 100


def give_due_reminders() -> int:
    """Tell the owners of activities whose reminder is due; returns how many were told.

    Rows are held while they are worked on, so that two schedulers share them; the key of the notification
    makes a second round after a crash say nothing twice.
    """
    told = 0
    while True:
        with transaction.atomic():
            due = Activity.objects.filter(remind_at__lte=timezone.now()).order_by("remind_at")
            rows = list(due.select_for_update(skip_locked=True)[:BATCH])
            if not rows:
                return told
            # Read apart: joined, the lock would hold people too.
            people = User.objects.in_bulk({row.owner_id for row in rows})
            for activity in rows:
                owner = people[activity.owner_id]
                with translation.override(owner.language):
                    text = f"{moment_text(activity.starts_at)} · {activity.subject}"
                told += notify(
                    people=[owner],
                    kind="activity.reminder",
                    text=text,
                    obj=activity,
                    key=f"reminder-{activity.pk}-{activity.starts_at:%Y%m%d%H%M}",
                    mail=True,
                )
            Activity.objects.filter(pk__in=[row.pk for row in rows]).update(remind_at=None)
