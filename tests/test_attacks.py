"""Attempts at more than one may, where no other test is at home."""

import re
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import override_settings
from django.urls import reverse

from crm.models import Tag
from crm.services.tag import create_tag
from people.models import User
from people.services.invitation import invite, revoke_invitation
from people.services.token import make_token
from people.services.user import change_user
from tests.base import (
    PASSWORD,
    client_of,
    make_activity,
    make_cast,
    make_company,
    make_contact,
    make_deal,
    make_role,
    make_user,
)
from tests.crm.imports import imported, table
from tests.people.test_invitation import part
from timeline.models import BinEntry, Event, Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


def test_nobody_draws_a_colleague_into_their_own_team(cast: dict[str, Any]) -> None:
    """Who looks after accounts, and sees a team\'s contacts, would see those of anybody they manage."""
    role = make_role(
        "accounts", people_user=("all", ["view", "change"]), crm_contact=("team", ["view", "change"])
    )
    reader = make_role("reader", crm_contact=("own", ["view"]))
    clerk, helper = make_user("clerk", role=role), make_user("helper", role=reader)
    victim = make_user("victim", role=reader)
    contact = make_contact(victim, owner=victim)
    for manager in (clerk, helper):
        User.objects.filter(pk=helper.pk).update(manager=clerk)
        with pytest.raises(ValidationError):
            change_user(user=User.objects.get(pk=clerk.pk), person=victim, values={"manager": manager})
    assert client_of(clerk).get(contact.get_absolute_url()).status_code == 404
    change_user(user=cast["admin"], person=victim, values={"manager": clerk})
    assert client_of(User.objects.get(pk=clerk.pk)).get(contact.get_absolute_url()).status_code == 200


def test_nobody_takes_the_account_of_a_peer_by_its_address(cast: dict[str, Any]) -> None:
    """Two with one role see different records; the address is where « forgotten password » goes."""
    role = make_role("clerk", people_user=("all", ["view", "change"]), crm_contact=("own", ["view"]))
    clerk, peer = make_user("clerk", role=role), make_user("peer", role=role)
    address = f"/settings/team/{peer.pk}/edit/"
    form = {"first_name": "P", "last_name": "Q", "email": "mine@evil.fr", "role": role.pk, "version": 1}
    client_of(clerk).post(address, form)
    client_of(clerk).post(f"{address}?field=email", {"email": "mine@evil.fr", "version": 1})
    with pytest.raises(PermissionDenied):
        change_user(user=clerk, person=peer, values={"email": "mine@evil.fr"})
    peer.refresh_from_db()
    assert (peer.first_name, peer.email) == ("P", "peer@digiweb.test")
    assert client_of(cast["admin"]).post(address, {**form, "version": peer.version}).status_code == 302
    peer.refresh_from_db()
    assert peer.email == "mine@evil.fr"
    User.objects.filter(pk=peer.pk).update(joined_at=None)  # mistyped, and invited again
    change_user(user=clerk, person=peer, values={"email": "peer@digiweb.test"})


def test_a_revoked_invitation_is_not_got_round_by_a_forgotten_password(
    cast: dict[str, Any], smtp: Any
) -> None:
    person = make_user("guest", role=cast["sales"].role, joined_at=None)
    invitation = invite(user=cast["admin"], person=person)
    form = {"email": person.email}
    client_of(None).post("/accounts/password/reset/", form)
    link = re.search(r"/accounts/password/reset/key/\S+", part(smtp.messages[-1], "text/plain"))
    assert link
    revoke_invitation(user=cast["admin"], invitation=invitation)
    sent = len(smtp.messages)
    assert client_of(None).post("/accounts/password/reset/", form).status_code == 302  # as for anybody
    assert len(smtp.messages) == sent
    browser = client_of(None)
    page = browser.get(link[0], follow=True)
    new = {"password1": "Another-Horse-43", "password2": "Another-Horse-43"}
    assert browser.post(page.redirect_chain[-1][0], new).status_code == 403
    person.refresh_from_db()
    assert (person.joined_at, person.check_password("Another-Horse-43")) == (None, False)


def test_refused_rows_do_not_leave_in_somebody_elses_name(cast: dict[str, Any]) -> None:
    run = imported(cast["sales"], table("A,B,wrong,,,,,,,"))
    page = reverse("crm:contact_import_refused", args=[run.pk])
    addresses = (page, f"/api/v1/contact-imports/{run.pk}/refused/")
    assert [client_of(cast["sales"]).get(address).status_code for address in addresses] == [200, 200]
    client = client_of(cast["admin"])
    client.post(f"/settings/team/{cast['sales'].pk}/view-as/")
    before = Event.objects.filter(action="exported").count()
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    assert Event.objects.filter(action="exported").count() == before


def test_notes_and_panels_are_for_records_with_a_page(cast: dict[str, Any]) -> None:
    token, _secret = make_token(user=cast["admin"], name="mine")
    client = client_of(cast["admin"])
    assert client.get(f"/panels/people.apitoken/{token.pk}/").status_code == 404
    assert client.post(f"/timeline/people.apitoken/{token.pk}/notes/", {"body": "x"}).status_code == 404
    assert not Note.objects.exists()


@pytest.mark.parametrize("query", ["q=a\r\nX-Evil: 1", "q=déjà—vu"])
def test_the_address_of_a_list_ends_no_header(cast: dict[str, Any], query: str) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    data = {"action": "status", "pk": contact.pk, "status": "client", "confirm": "1", "query": query}
    answer = client_of(cast["sales"], **{"HX-Request": "true"}).post("/crm/contacts/bulk/", data)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/crm/contacts/?q=")
    assert answer["HX-Redirect"].isascii()
    assert "X-Evil" not in answer


@pytest.mark.parametrize("charset", ["base64", "rot13", "undefined", "zip", "idna", "utf-16"])
def test_a_charset_that_no_text_has_breaks_no_request(charset: str) -> None:
    """Django reads the query while it makes the request, where nothing catches what goes wrong."""
    from digiweb.wsgi import application

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/contacts/",
        "QUERY_STRING": "q=%C3%A9",
        "CONTENT_TYPE": f"application/json; charset={charset}",
        "HTTP_HOST": "testserver",
    }
    setup_testing_defaults(environ)
    answered: list[str] = []
    body = application(environ, lambda status, headers: answered.append(status))
    assert answered[0].startswith(("400", "401")), b"".join(body)


EVIL = "<img src=x>\"'>"


def test_no_page_takes_a_name_for_markup(cast: dict[str, Any]) -> None:
    names = {"first_name": EVIL, "last_name": EVIL, "job_title": EVIL}
    User.objects.filter(pk=cast["admin"].pk).update(**names)
    admin = User.objects.get(pk=cast["admin"].pk)
    tag = create_tag(user=admin, tag=Tag(name=EVIL, colour="blue"))
    company = make_company(admin, name=EVIL)
    values = {**names, "city": EVIL, "source": EVIL, "company": company, "owner": admin, "email": "a@b.fr"}
    contact, _twin, gone = (make_contact(admin, tags=[tag], **values) for _number in range(3))
    deal = make_deal(admin, title=EVIL, contact=contact, company=company)
    activity = make_activity(admin, subject=EVIL, notes=EVIL, contact=contact, company=company, deal=deal)
    client = client_of(admin)
    body = f"@{EVIL} {EVIL} http://x.fr/{EVIL}"
    client.post(f"/timeline/crm.contact/{contact.pk}/notes/", {"body": body})
    client.post(f"/crm/contacts/{gone.pk}/delete/")
    pages = [
        "/", "/events/", "/bin/", "/settings/audit/?all=1", "/settings/team/?all=1", admin.get_absolute_url(),
        "/me/", "/crm/contacts/?all=1", "/crm/contacts/?mode=kanban", "/crm/contacts/?mode=cards",
        f"/crm/contacts/?company={company.pk}&tags={tag.pk}&source={EVIL}&q={EVIL}", "/crm/companies/?all=1",
        "/crm/tags/?all=1", "/crm/deals/?all=1", "/crm/deals/?mode=kanban", "/crm/activities/?all=1",
        "/crm/activities/calendar/", "/crm/companies/lookup/?q=img", "/search/?q=img",
    ]  # fmt: skip
    for record in (contact, company, deal, activity):
        place = record.get_absolute_url()
        panels = f"/panels/{record._meta.label_lower}/{record.pk}/"
        pages += [place, f"{place}edit/", f"{place}delete/", panels]
    pages += [f"/bin/{pk}/" for pk in BinEntry.objects.values_list("pk", flat=True)]
    for page in pages:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(page, headers=headers)
            assert answer.status_code in (200, 302), page
            assert "<img src=x" not in answer.content.decode(), page


class TestWithoutRedis:
    NOWHERE = {
        **settings.CACHES,
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        },
    }

    def test_pages_work(self, cast: dict[str, Any]) -> None:
        client = client_of(cast["sales"])
        with override_settings(CACHES=self.NOWHERE):
            for address in ("/", "/crm/contacts/", "/me/"):
                assert client.get(address, follow=True).status_code == 200, address

    def test_signing_in_says_that_it_cannot_rather_than_letting_in_without_counting(
        self, cast: dict[str, Any]
    ) -> None:
        client = client_of(None)
        data = {"login": cast["sales"].email, "password": PASSWORD}
        with override_settings(CACHES=self.NOWHERE):
            answer = client.post("/accounts/login/", data)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "Réessayez" in answer.content.decode()

    def test_the_api_answers_with_a_problem(self, cast: dict[str, Any]) -> None:
        client = client_of(cast["sales"])
        with override_settings(CACHES=self.NOWHERE):
            answer = client.get("/api/v1/contacts/")
        assert answer.status_code in (200, 503)
        if answer.status_code == 503:
            assert answer["Content-Type"] == "application/problem+json"


class TestWithoutMail:
    """Nobody listens where mail is to be handed in."""

    @pytest.fixture(autouse=True)
    def nowhere(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    def test_a_forgotten_password_asks_to_come_back(self, cast: dict[str, Any]) -> None:
        for email in (cast["sales"].email, "nobody@example.fr"):
            answer = client_of(None).post("/accounts/password/reset/", {"email": email})
            assert (answer.status_code, answer["Retry-After"]) == (503, "30"), email

    def test_a_password_is_changed_all_the_same(self, cast: dict[str, Any]) -> None:
        new = "Another-Horse-43"
        data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        browser = client_of(None)
        browser.post("/accounts/login/", {"login": cast["sales"].email, "password": PASSWORD})
        assert browser.post("/accounts/password/change/", data).status_code == 302
        assert User.objects.get(pk=cast["sales"].pk).check_password(new)
