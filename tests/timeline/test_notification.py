"""Telling people: once, what they may see, in the page and by e-mail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from crm.models import Activity
from crm.services.activity import change_activity, complete_activity
from crm.services.contact import change_contact
from crm.services.reminder import give_due_reminders
from digiweb.leases import runs
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_contact
from timeline.jobs import mail_notification
from timeline.models import Notification
from timeline.services.notification import mark_read, notify
from timeline.services.notification_mail import purge_notifications

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def send_all() -> None:
    for run in runs().filter(func="timeline.jobs.mail_notification"):
        mail_notification(**run.kwargs)


class TestNotify:
    def test_active_people_are_told_once_under_a_key(self, cast: dict[str, User]) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        User.objects.filter(pk=ines.pk).update(is_active=False)
        ines.refresh_from_db()
        assert notify(people=[hugo, ines], kind="x", text="Une fois", key="k") == 1
        assert notify(people=[hugo, ines], kind="x", text="Une fois", key="k") == 0
        assert notify(people=[hugo], kind="x", text="Sans clé") == 1
        assert Notification.objects.count() == 2

    def test_it_is_sent_once_unless_it_was_read_meanwhile(self, cast: dict[str, User]) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        notify(people=[hugo, ines], kind="x", text="À lire", mail=True)
        mark_read(user=ines)
        send_all()
        send_all()
        (message,) = mail.outbox
        assert message.to == [hugo.email]
        assert "À lire" in message.subject
        assert "À lire" in message.body

    def test_nothing_is_said_of_a_record_that_one_no_longer_sees(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo, last_name="Secret")
        notify(people=[hugo], kind="x", text="Secret vous concerne", obj=contact, mail=True)
        change_contact(user=cast["admin"], contact=contact, values={"owner": cast["stranger"]})
        page = client_of(hugo).get("/me/notifications/").content.decode()
        assert "Secret" not in page
        send_all()
        assert "Secret" not in mail.outbox[0].body + mail.outbox[0].subject

    def test_old_ones_are_removed(self, cast: dict[str, User]) -> None:
        notify(people=[cast["sales"]], kind="x", text="Vieux")
        Notification.objects.update(created_at=timezone.now() - timedelta(days=91))
        notify(people=[cast["sales"]], kind="x", text="Neuf")
        assert purge_notifications() == 1
        assert Notification.objects.get().text == "Neuf"


class TestPages:
    def test_the_bell_counts_and_opening_reads(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo)
        notify(people=[hugo], kind="x", text="Voyez ce contact", obj=contact)
        client = client_of(hugo)
        assert "1" in client.get("/me/notifications/bell/").content.decode()
        panel = client.get("/me/notifications/bell/?open=1").content.decode()
        assert "Voyez ce contact" in panel
        row = Notification.objects.get()
        assert client_of(cast["sales2"]).get(f"/me/notifications/{row.pk}/").status_code == 404
        assert client.get(f"/me/notifications/{row.pk}/").url == contact.get_absolute_url()
        assert client.get("/me/notifications/bell/").content.decode().strip() == ""
        assert "Voyez ce contact" not in client.get("/me/notifications/?unread=1").content.decode()

    def test_all_are_read_at_once_and_the_page_is_paged(
        self, cast: dict[str, User], django_assert_max_num_queries: Any
    ) -> None:
        hugo = cast["sales"]
        for number in range(30):
            notify(people=[hugo], kind="x", text=f"Numéro {number:02}")
        client = client_of(hugo)
        client.get("/me/notifications/")
        with django_assert_max_num_queries(6):
            page = client.get("/me/notifications/")
        assert "Numéro 29" in page.content.decode()
        older = client.get(page.context["next_url"]).content.decode()
        assert "Numéro 00" in older
        client.post("/me/notifications/read/")
        assert not Notification.objects.filter(read_at=None).exists()


class TestReminders:
    def due(self, hugo: User, **fields: Any) -> Activity:
        starts_at = timezone.now() + timedelta(minutes=10)
        activity = make_activity(hugo, starts_at=starts_at, reminder=15, **fields)
        assert activity.remind_at == starts_at - timedelta(minutes=15)
        return activity

    def test_they_are_given_once_in_the_page_and_by_mail(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        activity = self.due(hugo, subject="Appeler le notaire")
        make_activity(hugo, reminder=5)  # tomorrow
        assert give_due_reminders() == 1
        assert give_due_reminders() == 0
        row = Notification.objects.get()
        assert (row.user, row.url) == (hugo, activity.get_absolute_url())
        send_all()
        assert "Appeler le notaire" in mail.outbox[0].body

    def test_after_a_crash_nothing_is_said_twice(self, cast: dict[str, User]) -> None:
        activity = self.due(cast["sales"])
        due_at = activity.remind_at
        give_due_reminders()
        Activity.objects.filter(pk=activity.pk).update(remind_at=due_at)  # died before writing that down
        assert give_due_reminders() == 0

    def test_done_and_moved_activities_do_not_remind(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        done, moved = self.due(hugo), self.due(hugo)
        complete_activity(user=hugo, activity=done)
        later = timezone.now() + timedelta(days=3)
        change_activity(user=hugo, activity=moved, values={"starts_at": later})
        assert give_due_reminders() == 0
        moved.refresh_from_db()
        assert moved.remind_at == later - timedelta(minutes=15)
