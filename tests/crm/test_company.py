"""Pages of companies, and who sees them."""

import pytest

from crm.models import Company, CompanyAccess
from crm.services.contact import change_contact, delete_contacts
from people.models import User
from tests.base import client_of, make_company, make_contact
from tests.contracts.pages import PageContract

pytestmark = pytest.mark.django_db


class TestCompanyPages(PageContract):
    """The contract of every module, on companies."""

    model = Company
    urls = "crm:company"
    make = staticmethod(make_company)
    form = {"name": "Garage du Lac", "status": "prospect", "country": "FR", "siret": "732 829 320 00074"}
    change = {"city": "Annecy"}
    bulk = ("assign", "tag", "status", "delete")
    list_queries = 14

    def test_identifiers_are_checked_and_completed(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        assert client.post(self.url("new"), self.form).status_code == 302
        assert Company.objects.get(name="Garage du Lac").siren == "732829320"
        for name, value in (("siren", "732829321"), ("siret", "1234"), ("vat_number", "FR00732829320")):
            response = client.post(self.url("new"), {**self.form, "siret": "", name: value})
            assert response.status_code == 422
            assert name in response.context["form"].errors

    def test_a_company_is_seen_through_its_contacts(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=cast["sales"])
        stranger = client_of(cast["stranger"])
        assert stranger.get(company.get_absolute_url()).status_code == 404
        contact = make_contact(cast["admin"], owner=cast["stranger"], company=company)
        assert stranger.get(company.get_absolute_url()).status_code == 200
        assert client_of(cast["sales"]).get(company.get_absolute_url()).status_code == 200
        change_contact(user=cast["admin"], contact=contact, values={"owner": cast["sales2"]})
        assert stranger.get(company.get_absolute_url()).status_code == 404
        change_contact(user=cast["admin"], contact=contact, values={"owner": None})
        assert stranger.get(company.get_absolute_url()).status_code == 200
        delete_contacts(user=cast["admin"], pks=[contact.pk])
        assert stranger.get(company.get_absolute_url()).status_code == 404

    def test_a_company_of_nobody_without_contacts_is_everybodys(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=None)
        assert client_of(cast["stranger"]).get(company.get_absolute_url()).status_code == 200
        assert list(CompanyAccess.objects.values_list("person_id", flat=True)) == [0]

    def test_a_company_shows_only_the_contacts_one_sees(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=None)
        make_contact(cast["admin"], owner=cast["sales"], company=company, last_name="Visible")
        make_contact(cast["admin"], owner=cast["stranger"], company=company, last_name="Cachée")
        page = client_of(cast["sales"]).get(company.get_absolute_url()).content.decode()
        assert "Visible" in page
        assert "Cachée" not in page

    def test_renaming_a_company_finds_its_contacts_by_the_new_name(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"])
        contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
        self.submit(client_of(cast["sales"]), company, name="Pâtisserie Zéphyr")
        contact.refresh_from_db()
        assert "zephyr" in contact.search_text

    def test_a_deleted_company_leaves_its_contacts_and_takes_them_back(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=cast["sales"])
        contact = make_contact(cast["admin"], owner=cast["sales"], company=company)
        client = client_of(cast["admin"])
        client.post(self.url("delete", company.pk))
        contact.refresh_from_db()
        assert contact.company is None
        from timeline.models import BinEntry

        client.post(f"/bin/{BinEntry.objects.latest('id').batch}/restore/")
        contact.refresh_from_db()
        assert contact.company == company
        assert Company.objects.get(pk=company.pk).contact_count == 1

    def test_a_siret_brings_its_siren_and_contradicts_no_other(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"])
        client = client_of(cast["sales"], HX_Request="true")
        address = self.url("edit", company.pk) + "?field=siret"
        assert client.post(address, {"siret": "73282932000074", "version": 1}).status_code == 200
        company.refresh_from_db()
        assert company.siren == "732829320"
        response = self.submit(client_of(cast["sales"]), company, siren="552100554")
        assert response.status_code == 422
        assert "siret" in response.context["form"].errors

    def test_the_number_of_contacts_is_that_of_the_rows_it_opens(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=cast["sales"])
        make_contact(cast["admin"], owner=cast["sales"], company=company)
        make_contact(cast["admin"], owner=cast["stranger"], company=company)
        for key, number in (("sales", 1), ("admin", 2)):
            client = client_of(cast[key])
            row = client.get(self.url("list") + "?mode=cards").context["list"]["rows"][0]
            assert row["record"].contact_count == number
            opened = client.get(f"/crm/contacts/?company={company.pk}").context["list"]
            assert opened["count"] == number
        sorts = client_of(cast["sales"]).get(self.url("list") + "?all=1").context["view_sorts"]
        assert "-contacts" not in sorts
