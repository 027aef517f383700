"""What other modules show beside a record."""

from typing import Any

import pytest
from django.db import models

from digiweb import panels
from digiweb.panels import Panel, register_panel
from tests.base import client_of, make_cast, make_contact, make_role

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Panel:
    """One panel about the contact's company, for those who may see companies."""
    monkeypatch.setattr(panels, "_panels", [])
    one = Panel(
        "crm.contact",
        "Société",
        "components/empty.html",
        lambda user, record: {"seen_by": user},
        "crm.company",
        "crm:company_list",
        "contact",
    )
    register_panel(one)
    return one


def address(contact: models.Model) -> str:
    return f"/panels/crm.contact/{contact.pk}/"


def test_the_page_of_a_record_asks_for_its_panels_once_and_links_to_their_lists(
    cast: dict[str, Any], panel: Panel
) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    page = client_of(cast["sales"]).get(contact.get_absolute_url()).content.decode()
    assert page.count(address(contact)) == 1
    assert f"/crm/companies/?contact={contact.pk}" in page


def test_they_come_in_one_answer(cast: dict[str, Any], panel: Panel) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    answer = client_of(cast["sales"]).get(address(contact), **HTMX)
    assert answer.status_code == 200
    assert [each["label"] for each in answer.context["panels"]] == ["Société"]


def test_those_of_a_module_that_the_role_does_not_see_are_not_there(
    cast: dict[str, Any], panel: Panel
) -> None:
    contact = make_contact(cast["sales"], owner=None)
    reader = cast["stranger"]
    reader.role = make_role("reader", crm_contact=("own", ["view"]))
    reader.save(update_fields=["role"])
    client = client_of(reader)
    assert client.get(address(contact), **HTMX).context["panels"] == []
    assert address(contact) not in client.get(contact.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kind", ["crm.contact", "people.apitoken", "sessions.session", "nothing.here", "x"])
def test_records_out_of_sight_and_things_that_are_no_records_are_not_found(
    cast: dict[str, Any], panel: Panel, kind: str
) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    assert client_of(cast["sales2"]).get(f"/panels/{kind}/{contact.pk}/", **HTMX).status_code == 404


def test_without_htmx_it_leads_to_the_record(cast: dict[str, Any], panel: Panel) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    assert client_of(cast["sales"]).get(address(contact)).url == contact.get_absolute_url()
