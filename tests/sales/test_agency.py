"""Agencies and mentions: pages, API, what documents of record ask of them."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from crm.models import Client
from people.models import User
from sales.models import Agency, Mention, Quote
from sales.services.agency import mentions_on
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract
from tests.contracts.pages import PageContract, sent
from tests.sales.agencies import make_agency
from tests.sales.records import make_client

pytestmark = pytest.mark.django_db
NAMES = iter(range(1, 10_000))


def make(user: Any = None, **fields: Any) -> Agency:
    number = next(NAMES)
    return make_agency(**{"name": f"Agence {number}", "code": f"A{number}", **fields})


def make_mention(user: Any = None, **fields: Any) -> Mention:
    day = date(2026, 1, 1 + next(NAMES) % 28)
    return Mention.objects.create(**{"code": "footer", "text": "Un texte.", "valid_from": day, **fields})


def make_quote(agency: Agency, client: Client, owner: User) -> Quote:
    return Quote.objects.create(
        agency=agency, client=client, owner=owner, number="DE-1", root="DE-1", valid_until=date(2099, 1, 1)
    )


class TestAgencyPages(PageContract):
    model = Agency
    urls = "agencies:agency"
    make = staticmethod(make)
    form = {
        "name": "Be Hype SARL", "code": "bh", "vat_regime": "normal", "country": "FR", "colour": "#b4235a",
        "quote_days": "30", "payment_days": "30", "fiscal_month": "1",
    }  # fmt: skip
    change = {"trade_name": "Be Hype"}
    owned = False
    list_queries = 9

    def test_what_is_typed_is_checked_and_kept_in_one_form(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        wrong = {
            "siren": "732829321",
            "iban": "FR7630006000011234567890180",
            "ics": "FR00ZZZ1",
            "capital": "x",
        }
        answer = client.post(self.url("new"), {**self.form, **wrong})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == set(wrong)
        other = {"siren": "732 829 320", "siret": "552100554 00013"}
        assert "siret" in client.post(self.url("new"), {**self.form, **other}).context["form"].errors
        right = {"siren": "732 829 320", "iban": "FR14 2004 1010 0505 0001 3M02 606", "ics": "FR72ZZZ123456"}
        assert client.post(self.url("new"), {**self.form, **right}).status_code == 302
        agency = Agency.objects.get(name="Be Hype SARL")
        assert (agency.code, agency.siren, agency.iban) == ("BH", "732829320", "FR1420041010050500013M02606")

    def test_a_logo_is_drawn_anew_and_shown(self, record: Agency, cast: dict[str, User]) -> None:
        file = io.BytesIO()
        Image.new("RGBA", (900, 300), (200, 30, 60, 0)).save(file, "PNG")
        client = client_of(cast["admin"])
        form = client.get(self.url("edit", record.pk)).context["form"]
        data = {**sent(form), "logo": SimpleUploadedFile("x.png", file.getvalue())}
        assert client.post(self.url("edit", record.pk), data).status_code == 302
        record.refresh_from_db()
        answer = client.get(record.logo.url)
        assert answer["Content-Type"] == "image/png"
        picture = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
        assert (picture.size, picture.mode) == ((512, 171), "RGBA")

    def test_what_it_lacks_is_said_on_its_page(self, cast: dict[str, User]) -> None:
        lacking = make(siren="", vat_number="")
        page = client_of(cast["admin"]).get(self.url("detail", lacking.pk)).content.decode()
        assert "SIREN" in page
        assert lacking.what_lacks() == ["siren", "vat_number"]
        assert make(siren="552100554", vat_number="", vat_regime="franchise").what_lacks() == []

    def test_one_that_has_documents_stays_with_its_code(self, record: Agency, cast: dict[str, User]) -> None:
        make_quote(record, make_client(cast["sales"]), cast["sales"])
        client = client_of(cast["admin"])
        client.post(self.url("delete", record.pk))
        assert Agency.objects.filter(pk=record.pk).exists()
        form = client.get(self.url("edit", record.pk)).context["form"]
        data = {
            name: form[name].value() for name in form.fields if form[name].value() not in (None, False, "")
        }
        answer = client.post(self.url("edit", record.pk), {**data, "code": "ZZ"})
        assert answer.status_code == 422
        assert "code" in answer.context["form"].errors


class TestMentionPages(PageContract):
    model = Mention
    urls = "agencies:mention"
    make = staticmethod(make_mention)
    form = {"code": "footer", "language": "fr", "text": "À bientôt.", "valid_from": "2027-03-01"}
    change = {"text": "À très bientôt."}
    owned = False
    list_queries = 9

    def test_one_text_a_mention_and_day(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        assert client.post(self.url("new"), self.form).status_code == 302
        answer = client.post(self.url("new"), self.form)
        assert answer.status_code == 422
        assert "valid_from" in answer.context["form"].errors


class TestAgencyAPI(APIContract):
    model = Agency
    path = "agencies"
    make = staticmethod(make)
    body = {"name": "Be Hype SARL", "code": "BH", "vat_regime": "normal"}
    change = {"trade_name": "Be Hype"}
    listed_by = {"active": "no"}
    wrong = {"siren": "1", "code": "much too long", "payment_days": 90, "name": ""}
    owned = False
    list_queries = 4

    def found_by(self) -> dict[str, Any]:
        return {"is_active": False}


class TestMentionAPI(APIContract):
    model = Mention
    path = "mentions"
    make = staticmethod(make_mention)
    body = {"code": "footer", "text": "À bientôt.", "valid_from": "2027-03-01"}
    change = {"text": "À très bientôt."}
    listed_by = {"code": "quote"}
    wrong = {"code": "heaven", "valid_from": "yesterday", "text": ""}
    owned = False
    list_queries = 4

    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        Mention.objects.all().delete()  # those that are there from the beginning
        return make_cast()


def test_the_mentions_of_a_day_are_its_own_then_everybodys_the_latest_begun() -> None:
    make_cast()
    agency, other = make(), make()
    Mention.objects.create(code="early", text="Escompte de 1 %.", valid_from=date(2026, 1, 1), agency=agency)
    Mention.objects.create(code="penalty", text="Nouveau taux.", valid_from=date(2026, 7, 1))
    before, after = date(2026, 6, 30), date(2026, 7, 1)
    assert mentions_on(agency, before)["early"] == "Escompte de 1 %."
    assert mentions_on(other, before)["early"] == "Pas d’escompte pour paiement anticipé."
    assert mentions_on(agency, before)["penalty"].startswith("En cas de retard")
    assert mentions_on(agency, after)["penalty"] == "Nouveau taux."
    english = mentions_on(agency, before, "en")
    assert (english["debits"], english["penalty"][:4]) == ("VAT paid on debits by option", "Late")
    # What there is in French only is better than nothing.
    Mention.objects.create(code="footer", text="Merci.", valid_from=date(2026, 1, 1))
    assert mentions_on(agency, after, "en")["footer"] == "Merci."


def test_a_twin_of_a_mention_is_refused() -> None:
    first = make_mention()
    with pytest.raises(ValidationError):
        Mention(code=first.code, text="Autre.", valid_from=first.valid_from).clean()
