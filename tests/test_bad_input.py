"""Bad input on every form of the frame: a message beside the field and a 4xx, nothing stored by half."""

from typing import Any

import pytest
from django.test import Client

from crm.models import Company, Contact, Tag
from people.models import User
from tests.base import client_of, make_cast, make_company, make_contact

pytestmark = pytest.mark.django_db

CONTACT = {"first_name": "Zoé", "last_name": "Petit", "status": "lead", "country": "FR"}
COMPANY = {"name": "Garage du Lac", "status": "prospect", "country": "FR"}
HUGE = 2**63


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def client(cast: dict[str, User]) -> Client:
    return client_of(cast["sales"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "x" * 81),
        ("last_name", "x" * 121),
        ("email", "not an address"),
        ("email", "a@b"),
        ("email", "x" * 250 + "@exemple.fr"),
        ("phone", "12"),
        ("phone", "3,36E+10"),
        ("phone", "<script>"),
        ("status", "king"),
        ("country", "XX"),
        ("owner", "abc"),
        ("owner", str(HUGE)),
        ("owner", "-1"),
        ("company", "abc"),
        ("company", "999999"),
        ("company", str(HUGE)),
        ("company_text", "Inconnue"),
        ("tags", "abc"),
        ("tags", "999999"),
        ("postcode", "1" * 13),
    ],
)
def test_a_bad_value_of_a_contact_is_told_beside_its_field(client: Client, field: str, value: str) -> None:
    response = client.post("/crm/contacts/new/", {**CONTACT, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field.removesuffix("_text")]
    assert not Contact.objects.exists()
    if field in ("first_name", "email", "phone"):
        assert response.context["form"][field].value() == value, "what was typed is not lost"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("siren", "732829321"),
        ("siret", "73282932000075"),
        ("vat_number", "FR00"),
        ("headcount", "-1"),
        ("headcount", "beaucoup"),
        ("headcount", str(HUGE)),
        ("turnover", "-5"),
        ("turnover", "1e400"),
        ("turnover", "NaN"),
        ("turnover", "9" * 20),
        ("website", "javascript:alert(1)"),
        ("industry", "magic"),
    ],
)
def test_a_bad_value_of_a_company_is_told_beside_its_field(client: Client, field: str, value: str) -> None:
    response = client.post("/crm/companies/new/", {**COMPANY, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not Company.objects.exists()


@pytest.mark.parametrize(
    "text", ["🎉👩‍👩‍👧‍👦 Émile", "مرحبا بالعالم", "עברית", "O'Brien \"<b>&amp;", "=cmd|' /C calc'!A0"]
)
def test_any_script_emoji_markup_and_formula_is_kept_as_text(
    client: Client, cast: dict[str, User], text: str
) -> None:
    assert (
        client.post(
            "/crm/contacts/new/", {**CONTACT, "last_name": text, "owner": cast["sales"].pk}
        ).status_code
        == 302
    )
    contact = Contact.objects.get()
    assert contact.last_name == text
    for address in (contact.get_absolute_url(), "/crm/contacts/?all=1", "/crm/contacts/?mode=kanban"):
        page = client.get(address).content.decode()
        assert "<b>&amp;" not in page
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/crm/contacts/new/", "/crm/companies/new/", "/crm/contacts/bulk/", "/search/"]
)
def test_nul_bytes_are_refused(client: Client, address: str) -> None:
    assert client.get(address, {"q": "a\x00b"}).status_code in (400, 405)
    assert client.post(address, {**CONTACT, "last_name": "a\x00b"}).status_code in (400, 405, 422)
    assert not Contact.objects.exists()


def test_broken_encoding_is_refused(client: Client) -> None:
    response = client.generic(
        "POST",
        "/crm/contacts/new/",
        b"last_name=%FF%FE&status=lead",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code in (400, 422)
    assert client.get("/crm/contacts/?q=%FF").status_code in (200, 400)


@pytest.mark.parametrize(
    "query",
    [
        "owner=abc", "owner=999999", "company=abc", f"company={HUGE}", "tags=x", "created_after=hier",
        "created_after=2026-13-45", "created_after=0001-01-01", "created_before=9999-12-31",
        "on_after=0001-01-01", "expected_before=0001-01-01", "closed_after=9999-12-31",
        "score_min=many", "status=", "sort=;drop", "mode=hologram",
        "q=" + "%2B" * 50,
        "q=+(", "q=foo%40bar", "q=%22", "q=%25%25", "q=" + "a" * 400, "column=zz&mode=kanban", "after=%00",
        f"score_min={HUGE}", "export=pdf", "all=1&page=999",
    ],
)  # fmt: skip
def test_no_address_of_a_list_is_an_error_of_the_server(
    client: Client, cast: dict[str, User], query: str
) -> None:
    make_contact(cast["sales"], owner=cast["sales"])
    for name in ("contacts", "companies", "deals", "activities"):
        for address in (f"/crm/{name}/?{query}", f"/api/v1/{name}/?{query}"):
            assert client.get(address).status_code in (200, 302, 400, 404, 422), address


@pytest.mark.parametrize(
    "address",
    [
        "/crm/contacts/twins/?besides=²",
        "/crm/companies/twins/?besides=²",
        "/crm/contacts/merge/?one=²",
        "/crm/contacts/merge/?one=²&two=²",
        "/crm/deals/new/?company=²",
    ],
)
def test_a_digit_that_is_no_number_is_no_number(client: Client, address: str) -> None:
    """« ² » is a digit to Python, and no number."""
    assert client.get(address).status_code in (200, 404, 422)


def test_somebody_elses_records_cannot_be_named_in_a_form(client: Client, cast: dict[str, User]) -> None:
    hidden = make_company(cast["stranger"], owner=cast["stranger"], name="Secrète")
    contact = make_contact(cast["stranger"], owner=cast["stranger"])
    response = client.post("/crm/contacts/new/", {**CONTACT, "company": hidden.pk})
    assert response.status_code == 422
    assert "Secrète" not in response.content.decode()
    assert client.post("/crm/contacts/new/", {**CONTACT, "company_text": "Secrète"}).status_code == 422
    assert client.post(f"/crm/contacts/{contact.pk}/edit/", {**CONTACT, "version": 1}).status_code == 404
    bulk = client.post("/crm/contacts/bulk/", {"action": "delete", "pk": [contact.pk], "confirm": "1"})
    assert bulk.status_code == 302
    assert Contact.objects.filter(pk=contact.pk).exists()


@pytest.mark.parametrize("version", ["", "abc", "-1", str(HUGE), "0"])
def test_a_version_that_is_none_is_refused(client: Client, cast: dict[str, User], version: str) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    response = client.post(f"/crm/contacts/{contact.pk}/edit/", {**CONTACT, "version": version})
    assert response.status_code in (409, 422)
    contact.refresh_from_db()
    assert contact.first_name == "Émilie"


def test_a_note_is_neither_empty_nor_endless(client: Client, cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    address = f"/timeline/crm.contact/{contact.pk}/notes/"
    for body in ("", "x" * 10_001):
        assert client.post(address, {"body": body}, headers={"HX-Request": "true"}).status_code == 422
    for kind in ("crm.nothing", "people.grant", "auth", "timeline.event", "x.y.z"):
        assert client.post(f"/timeline/{kind}/{contact.pk}/notes/", {"body": "x"}).status_code in (403, 404)


def test_a_tag_is_neither_empty_nor_endless(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    for values in ({"name": ""}, {"name": "x" * 41}, {"name": "ok", "colour": "neon"}):
        response = client.post("/crm/tags/new/", {"colour": "blue", **values})
        assert response.status_code == 422
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    "values", [{"name": ""}, {"name": "x" * 61}, {"name": "ok", "query": "x" * 2001}, {"key": ""}]
)
def test_a_saved_view_needs_a_name_and_a_list(client: Client, values: dict[str, Any]) -> None:
    response = client.post("/lists/views/new/", {"key": "crm:contact", "name": "ok", "query": "", **values})
    assert response.status_code in (302, 404, 422)
    from people.models import SavedView

    assert not SavedView.objects.exists()


def test_nothing_is_changed_by_get(client: Client, cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    for address in (
        f"/crm/contacts/{contact.pk}/delete/",
        "/crm/contacts/move/",
        "/crm/contacts/bulk/",
        f"/timeline/crm.contact/{contact.pk}/notes/",
    ):
        assert client.get(address, {"confirm": "1", "action": "delete", "pk": contact.pk}).status_code in (
            200,
            403,
            405,
        )
    assert Contact.objects.filter(pk=contact.pk, version=1).exists()


def test_a_form_without_its_csrf_token_is_refused(cast: dict[str, User]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["sales"], backend="people.backends.SignInBackend")
    assert client.post("/crm/contacts/new/", CONTACT).status_code == 403
    assert not Contact.objects.exists()
