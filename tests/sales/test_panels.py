"""Contracts and subscriptions beside companies and contacts: in the reader's sight, linked to their lists."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from people.models import User
from tests.base import client_of, make_activity, make_cast, make_company, make_contact, make_role, make_user
from tests.sales.records import make_client, make_contract, make_subscription

pytestmark = pytest.mark.django_db


def panels(user: User, record: object) -> str:
    address = reverse("panels", args=[record._meta.label_lower, record.pk])  # type: ignore[attr-defined]
    return client_of(user, HX_Request="true").get(address).content.decode()


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


class TestPanels:
    def test_a_company_and_its_person_show_the_contracts_in_sight(self, cast: dict[str, User]) -> None:
        sales = cast["sales"]
        company = make_company(sales, owner=sales)
        contact = make_contact(sales, owner=sales, company=company)
        client = make_client(sales, company=company, contact=contact)
        make_contract(
            sales, client=client, reference="A-MOI", status="validated", amount=1500,
            ends_on=timezone.localdate() + timedelta(days=40),
        )  # fmt: skip
        make_contract(sales, client=client, reference="EN-ATTENTE", amount=700)
        make_contract(cast["stranger"], client=client, reference="A-UN-AUTRE", status="validated")
        make_contract(sales, reference="D-UN-AUTRE-CLIENT")
        make_subscription(sales, client=client, label="Hébergement")
        for record in (company, contact):
            page = panels(sales, record)
            assert page.index("A-MOI") < page.index("EN-ATTENTE")
            assert "A-UN-AUTRE" not in page
            assert "D-UN-AUTRE-CLIENT" not in page
            assert "1 in force" in page or "1 en vigueur" in page
            assert "Hébergement" in page
            name = record._meta.model_name
            assert f"{reverse('sales:contract_list')}?{name}={record.pk}" in page
            assert f"{reverse('sales:subscription_list')}?{name}={record.pk}" in page
            assert f"{reverse('sales:contract_new')}?client={client.pk}" in page

    def test_the_links_lead_to_exactly_these_rows(self, cast: dict[str, User]) -> None:
        sales = cast["sales"]
        company = make_company(sales, owner=sales)
        contact = make_contact(sales, owner=sales, company=company)
        client = make_client(sales, company=company, contact=contact)
        contract = make_contract(sales, client=client)
        make_contract(sales)
        subscription = make_subscription(sales, client=client)
        make_subscription(sales)
        for record in (company, contact):
            for kind, wanted in (("contract", contract), ("subscription", subscription)):
                url = f"{reverse(f'sales:{kind}_list')}?{record._meta.model_name}={record.pk}"
                rows = client_of(sales).get(url).context["list"]["rows"]
                assert [row["pk"] for row in rows] == [wanted.pk]

    def test_who_may_not_see_contracts_gets_no_panel(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=None)
        make_contract(cast["sales"], client=make_client(cast["sales"], company=company), reference="SECRET-1")
        reader = make_user("reader", role=make_role("reader", crm_company=("all", ["view"])))
        page = panels(reader, company)
        assert "SECRET-1" not in page
        assert "/sales/contracts/" not in page

    def test_a_company_that_is_no_client_shows_neither(self, cast: dict[str, User]) -> None:
        page = panels(cast["sales"], make_company(cast["sales"], owner=cast["sales"]))
        assert "/sales/contracts/" not in page
        assert "/sales/subscriptions/" not in page


class TestNextActivity:
    def test_the_header_of_a_client_names_it_with_its_day_and_links_it(self, cast: dict[str, User]) -> None:
        sales = cast["sales"]
        client = make_client(sales)
        at = timezone.now() + timedelta(days=5)
        activity = make_activity(sales, company=client.company, subject="Bilan", starts_at=at)
        page = client_of(sales).get(client.get_absolute_url())
        assert (page.context["strip"]["next"], page.context["strip"]["late"]) == (activity, False)
        assert activity.get_absolute_url() in page.content.decode()
        other = client_of(cast["am"]).get(client.get_absolute_url())  # sees clients, not activities
        assert other.context["strip"]["next"] is None
        assert other.context["strip"]["moment"] == page.context["strip"]["moment"] != ""
        assert "Bilan" not in other.content.decode()


class TestSubscriptionOfAContract:
    def test_it_is_a_link_for_who_may_open_it(self, cast: dict[str, User]) -> None:
        sales = cast["sales"]
        client = make_client(sales)
        subscription = make_subscription(sales, client=client)
        contract = make_contract(sales, client=client, subscription=subscription)
        page = client_of(sales).get(contract.get_absolute_url())
        assert page.context["subscription_seen"]
        reader = make_user("reader", role=make_role("reader", sales_contract=("all", ["view"])))
        page = client_of(reader).get(contract.get_absolute_url())
        assert not page.context["subscription_seen"]
        assert subscription.get_absolute_url() not in page.content.decode()
