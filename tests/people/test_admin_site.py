"""The admin site: administrators only, our own sign-in, every write in the log, no hash in sight (P3)."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from crm.models import Contact
from people.models import APIToken, Department, Role, User
from people.services.token import make_token
from tests.base import client_of, make_cast, make_contact, make_user
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def test_every_table_of_the_house_is_there() -> None:
    for app in ("people", "timeline", "crm", "sync"):
        for model in apps.get_app_config(app).get_models():
            assert admin.site.is_registered(model), model


def test_the_door_is_our_own_and_for_administrators(cast: dict[str, User]) -> None:
    answer = client_of(None).get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert client_of(cast["manager"]).get("/admin/", follow=True).status_code == 403
    assert client_of(cast["admin"]).get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["", "people/user/", "crm/contact/", "timeline/event/", "people/apitoken/"])
def test_nobody_else_opens_a_table(cast: dict[str, User], path: str) -> None:
    for key in ("manager", "sales", "marketing", "am"):
        assert client_of(cast[key]).get(f"/admin/{path}", follow=True).status_code == 403


def test_each_table_lists_and_opens(cast: dict[str, User]) -> None:
    make_contact(cast["sales"])
    make_token(user=cast["sales"], name="A")
    client = client_of(cast["admin"])
    for model in admin.site._registry:
        if model._meta.app_label not in ("people", "timeline", "crm", "sync"):
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{base}_changelist")).status_code == 200, model
        row = model._base_manager.first()
        if row is not None:
            assert client.get(reverse(f"{base}_change", args=[row.pk])).status_code == 200, model


def test_no_page_shows_a_hash_or_the_words_of_the_search(cast: dict[str, User]) -> None:
    token, _secret = make_token(user=cast["sales"], name="A")
    client = client_of(cast["admin"])
    page = client.get(f"/admin/people/apitoken/{token.pk}/change/").content.decode()
    assert APIToken.objects.get().token_hash not in page
    person = cast["sales"]
    page = client.get(f"/admin/people/user/{person.pk}/change/").content.decode()
    assert person.password not in page
    assert "search_text" not in page


def test_a_contact_changed_there_goes_the_same_way_as_everywhere(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], phone="+33612345678")
    url = f"/admin/crm/contact/{contact.pk}/change/"
    client = client_of(cast["admin"])
    form = client.get(url).context["adminform"].form
    data = {
        name: value if value is not None else ""
        for name, value in form.initial.items()
        if name in form.fields
    }
    assert client.post(url, {**data, "city": "Brest"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.city, contact.version) == ("Brest", 2)
    assert "brest" in contact.search_text
    event = Event.objects.get(action="changed", subject_type="crm.contact")
    assert (event.channel, event.actor_name, event.changes["city"]) == (
        "admin",
        "Alice Moreau",
        ["", "Brest"],
    )
    assert client.post(f"/admin/crm/contact/{contact.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Contact.objects.exists()
    assert Event.objects.filter(action="deleted", channel="admin").exists()


def test_a_plain_table_changed_there_is_in_the_log_too(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    assert client.post("/admin/people/department/add/", {"name": "Ventes"}).status_code == 302
    row = Department.objects.get()
    assert client.post(f"/admin/people/department/{row.pk}/change/", {"name": "Vente"}).status_code == 302
    assert client.post(f"/admin/people/department/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    events = Event.objects.filter(subject_type="people.department").order_by("id")
    assert [(event.action, event.changes) for event in events] == [
        ("created", {"name": [None, "Ventes"]}),
        ("changed", {"name": ["Ventes", "Vente"]}),
        ("deleted", {"name": ["Vente", None]}),
    ]


def person_form(client: Any, person: User, **values: Any) -> Any:
    url = f"/admin/people/user/{person.pk}/change/"
    form = client.get(url).context["adminform"].form
    data = {
        name: value if value is not None else ""
        for name, value in form.initial.items()
        if name in form.fields
    }
    data = {**data, **values}
    return client.post(url, {name: value for name, value in data.items() if value is not False})


def test_the_rules_of_the_team_hold_there_too(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    sales = Role.objects.get(slug="sales")
    refused = [
        person_form(client, cast["admin"], role=sales.pk),
        person_form(client, cast["admin"], is_active=False),
        person_form(client, cast["manager"], manager=cast["sales"].pk),
        person_form(client, cast["sales"], is_superuser="on"),
    ]
    assert [answer.status_code for answer in refused] == [200, 200, 200, 403]
    assert not Event.objects.filter(action="changed").exists()
    assert person_form(client, cast["sales"], job_title="Closer").status_code == 302
    assert Event.objects.get(action="changed").channel == "admin"
    assert client.get("/admin/people/user/add/").status_code == 403
    assert client.post(f"/admin/people/user/{cast['sales'].pk}/delete/", {"post": "yes"}).status_code == 403
    make_user("x")
