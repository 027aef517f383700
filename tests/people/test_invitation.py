"""Invitations: sent by a real server, used once, over in time (SPEC T7)."""

import re
import socket
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from digiweb.jobs import run_job
from people.models import Invitation, Role, User
from people.services.invitation import accept_invitation, invite, revoke_invitation
from people.services.user import change_user, create_user
from tests.base import client_of, make_cast
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db
PASSWORD = "Une-phrase-assez-longue-7"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def hire(cast: dict[str, User], **fields: Any) -> User:
    values = {"first_name": "Zoé", "last_name": "Le Gall", "email": "zoe@digiweb.test", "job_title": "Closer"}
    place = {"role": Role.objects.get(slug="sales"), "manager": cast["manager"]}
    return create_user(user=cast["admin"], person=User(**{**values, **place, **fields}))


def work() -> None:
    """What a worker would do now."""
    for run in JobRun.objects.filter(state="queued").order_by("pk"):
        run_job(run.pk)


def part(message: Message, kind: str) -> str:
    found = next(one for one in message.walk() if one.get_content_type() == kind)
    return found.get_payload(decode=True).decode()  # type: ignore[union-attr]


def link_in(message: Message) -> str:
    found = re.search(r"http://[^/]+(/accounts/invitation/[\w-]{43}/)", part(message, "text/plain"))
    assert found
    return found[1]


def link_of(person: User, smtp: Any) -> str:
    return link_in([message for message in smtp.messages if message["To"] == person.email][-1])


def test_the_new_member_and_the_manager_each_get_a_message(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast)
    work()
    assert [message["To"] for message in smtp.messages] == ["zoe@digiweb.test", "manager@digiweb.test"]
    message = smtp.messages[0]
    assert "Alice Moreau" in str(message["Subject"]) or "=?utf-8?" in str(message["Subject"])
    link = link_in(message)
    assert link in part(message, "text/html")
    token = link.split("/")[-2]
    invitation = Invitation.objects.get(user=person)
    assert invitation.state == "sent"
    assert len(invitation.token_hash) == 64
    for run in JobRun.objects.all():  # the token is in the message and nowhere else
        assert token not in str(run.kwargs)
    for event in Event.objects.all():
        assert token not in f"{event.data}{event.changes}"
    assert not Invitation.objects.filter(token_hash=token).exists()


def test_the_link_opens_a_page_sets_the_password_and_signs_in(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast)
    work()
    link = link_of(person, smtp)
    browser = client_of(None)
    for _visit in range(2):  # opening it, as programs that check links do, changes nothing
        assert browser.get(link).status_code == 200
    answer = browser.post(link, {"password": PASSWORD})
    assert answer.status_code == 302
    assert browser.get("/me/").status_code == 200
    person.refresh_from_db()
    assert person.status == "active"
    assert person.check_password(PASSWORD)
    assert Event.objects.filter(action="joined", subject_id=person.pk, actor_id=person.pk).exists()
    work()
    assert [m["To"] for m in smtp.messages].count("manager@digiweb.test") == 2
    assert client_of(None).get(link).status_code == 410
    assert client_of(None).post(link, {"password": PASSWORD}).status_code == 410


@pytest.mark.parametrize("password", ["", "court", "123456789012", "zoe@digiweb.test", "motdepasse"])
def test_a_weak_password_is_refused_beside_the_field(cast: dict[str, User], smtp: Any, password: str) -> None:
    person = hire(cast)
    work()
    browser = client_of(None, accept_language="en")
    answer = browser.post(link_of(person, smtp), {"password": password})
    assert answer.status_code == 422
    assert "mot de passe" in str(answer.context["form"].errors["password"]) or not password
    person.refresh_from_db()
    assert person.status == "invited"


def test_an_expired_link_says_so_and_lets_nobody_in(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast)
    work()
    link = link_of(person, smtp)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert Invitation.objects.get().state == "expired"
    assert client_of(None).get(link).status_code == 410
    assert client_of(None).post(link, {"password": PASSWORD}).status_code == 410
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_sending_again_makes_a_new_link_and_kills_the_old_one(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast)
    work()
    old = link_of(person, smtp)
    assert client_of(cast["admin"]).post(f"/settings/team/{person.pk}/invitation/").status_code == 302
    work()
    new = link_of(person, smtp)
    assert new != old
    assert client_of(None).get(old).status_code == 410
    assert client_of(None).get(new).status_code == 200
    assert Event.objects.filter(action="invited").count() == 2


def test_a_revoked_invitation_lets_nobody_in(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast)
    work()
    link = link_of(person, smtp)
    invitation = Invitation.objects.get()
    admin = client_of(cast["admin"])
    url = f"/settings/team/invitations/{invitation.pk}/revoke/"
    assert client_of(cast["sales"]).post(url).status_code == 403
    assert admin.post(url).status_code == 302
    assert client_of(None).get(link).status_code == 410
    assert client_of(None).post(link, {"password": PASSWORD}).status_code == 410
    assert Event.objects.filter(action="invitation_revoked").count() == 1
    revoke_invitation(user=cast["admin"], invitation=invitation)
    assert Event.objects.filter(action="invitation_revoked").count() == 1


def test_an_unknown_link_answers_404_in_our_own_page(cast: dict[str, User]) -> None:
    answer = client_of(None).get("/accounts/invitation/nothing/")
    assert answer.status_code == 404
    assert "/accounts/login/" in answer.content.decode()


def test_a_revoked_invitation_that_still_waits_is_not_sent(cast: dict[str, User], smtp: Any) -> None:
    hire(cast, manager=None)
    revoke_invitation(user=cast["admin"], invitation=Invitation.objects.get())
    work()
    assert smtp.messages == []


def test_done_twice_the_job_sends_one_message(cast: dict[str, User], smtp: Any) -> None:
    from people import jobs

    hire(cast, manager=None)
    number = Invitation.objects.get().pk
    jobs.send_invitation(invitation_id=number)
    jobs.send_invitation(invitation_id=number)
    assert len(smtp.messages) == 1


def test_without_a_mail_server_the_page_says_so_and_the_job_tries_again(
    cast: dict[str, User], settings: Any, smtp: Any
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = probe.getsockname()[1]
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, dead
    person = hire(cast, manager=None)
    work()
    run = JobRun.objects.get()
    assert (run.state, run.attempts) == ("queued", 1)
    invitation = Invitation.objects.get()
    assert invitation.sent_at is None
    assert invitation.error
    page = client_of(cast["admin"]).get("/settings/team/?all=1")
    assert [str(line["badge"]["colour"]) for line in page.context["list"]["invitations"]] == ["bad"]
    settings.EMAIL_PORT = port
    JobRun.objects.update(heartbeat_at=None)
    work()
    assert Invitation.objects.get().state == "sent"
    assert client_of(None).get(link_of(person, smtp)).status_code == 200


def test_an_address_that_the_server_refuses_is_told_and_not_tried_again(
    cast: dict[str, User], smtp: Any
) -> None:
    smtp.refuse("zoe@digiweb.test")
    hire(cast, manager=None)
    work()
    assert JobRun.objects.get().state == "failed"
    assert "no such mailbox" in Invitation.objects.get().error


def test_a_new_address_gets_a_new_invitation(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast, manager=None)
    work()
    old = link_of(person, smtp)
    change_user(user=cast["admin"], person=person, values={"email": "zoe.legall@digiweb.test"})
    work()
    assert [message["To"] for message in smtp.messages] == ["zoe@digiweb.test", "zoe.legall@digiweb.test"]
    assert client_of(None).get(old).status_code == 410


def test_an_inactive_person_cannot_use_the_link(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast, manager=None)
    work()
    link = link_of(person, smtp)
    change_user(user=cast["admin"], person=person, values={"is_active": False})
    assert client_of(None).post(link, {"password": PASSWORD}).status_code == 410


def test_who_has_joined_is_not_invited_again(cast: dict[str, User]) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        invite(user=cast["admin"], person=cast["sales"])


@pytest.mark.parametrize("verb", ["send again", "revoke", "accept"])
def test_every_verb_locks_the_person_before_the_invitation(verb: str, cast: dict[str, User]) -> None:
    person = hire(cast)
    invitation = person.invitations.get()
    with CaptureQueriesContext(connection) as queries:
        if verb == "send again":
            invite(user=cast["admin"], person=person)
        elif verb == "revoke":
            revoke_invitation(user=cast["admin"], invitation=invitation)
        else:
            accept_invitation(invitation=invitation, password=PASSWORD)
    # Two who lock in different orders wait for each other for ever.
    locking = [sql["sql"] for sql in queries if "FOR UPDATE" in sql["sql"] or sql["sql"].startswith("UPDATE")]
    first = next(sql for sql in locking if "people_user" in sql or "people_invitation" in sql)
    assert "FROM `people_user`" in first
    assert "people_invitation" not in first


def test_too_many_tries_from_one_address_are_stopped(cast: dict[str, User]) -> None:
    browser = client_of(None)
    codes = [browser.post("/accounts/invitation/guess/", {"password": "x"}).status_code for _try in range(22)]
    assert codes[:20] == [404] * 20
    assert codes[20:] == [429, 429]
    assert "429" in browser.post("/accounts/invitation/guess/", {"password": "x"}).content.decode()


def test_a_forgotten_password_link_also_counts_as_joining(cast: dict[str, User], smtp: Any) -> None:
    person = hire(cast, manager=None)
    work()
    client_of(None).post("/accounts/password/reset/", {"email": person.email})
    text = part(smtp.messages[-1], "text/plain")
    found = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", text)
    assert found
    browser = client_of(None)
    page = browser.get(found[1], follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert person.status == "active"
    assert not Invitation.objects.get().is_pending


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_the_invitation(smtp: Any, worker: Any, settings: Any) -> None:
    cast = make_cast()
    person = hire(cast)
    worker(burst=True).wait()
    assert {message["To"] for message in smtp.messages} == {person.email, cast["manager"].email}
    assert Invitation.objects.get().state == "sent"
