"""The catalogue: pages, API, and offers that the import names."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from people.models import User
from sales.models import Offer
from sales.services.offer import offer_by_name
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract
from tests.contracts.pages import PageContract
from tests.sales.records import make_contract, make_offer, make_subscription
from timeline.models import Event

pytestmark = pytest.mark.django_db


class TestOfferPages(PageContract):
    """The contract of every module, on offers."""

    model = Offer
    urls = "sales:offer"
    make = staticmethod(make_offer)
    form = {"name": "Boutique en ligne", "category": "web", "price": "4 900,50"}
    change = {"description": "Vendre en ligne, livrer partout."}
    owned = False
    list_queries = 9

    def test_features_are_written_one_a_line(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        data = {**self.form, "features": "  8 pages \n\n Blog\r\nMise en ligne", "monthly_price": "49"}
        assert client.post(self.url("new"), data).status_code == 302
        offer = Offer.objects.get(name="Boutique en ligne")
        assert offer.features == ["8 pages", "Blog", "Mise en ligne"]
        assert (offer.price, offer.vat_rate) == (Decimal("4900.50"), Decimal(20))
        form = client.get(self.url("edit", offer.pk)).context["form"]
        assert form["features"].value() == "8 pages\nBlog\nMise en ligne"
        cards = client.get(self.url("list") + "?all=1").content.decode()
        assert "Mise en ligne" in cards
        too_many = {**self.form, "name": "Autre", "features": "\n".join("x" * 3 for _ in range(21))}
        assert client.post(self.url("new"), too_many).status_code == 422

    def test_an_offer_that_somebody_has_is_not_deleted(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        for make in (make_contract, make_subscription):
            used = make(cast["sales"], offer=record)
            client.post(self.url("delete", record.pk))
            assert Offer.objects.filter(pk=record.pk).exists()
            used.delete()
        assert client.post(self.url("delete", record.pk)).status_code == 302
        assert not Offer.objects.filter(pk=record.pk).exists()

    def test_filters_and_categories(self, cast: dict[str, User]) -> None:
        web = make_offer(name="Site", is_popular=True)
        ads = make_offer(name="SEA", category="marketing", is_active=False)
        client = client_of(cast["sales"])

        def found(query: str) -> set[int]:
            return {row["pk"] for row in client.get(f"{self.url('list')}?{query}").context["list"]["rows"]}

        assert found("category=marketing") == {ads.pk}
        assert found("popular=yes") == {web.pk}
        assert found("active=no") == {ads.pk}
        groups = client.get(f"{self.url('list')}?all=1").context["list"]["groups"]
        assert [len(group["rows"]) for group in groups] == [1, 1]
        assert client.get(f"{self.url('list')}?mode=list").status_code == 200

    def test_what_is_sold_no_more_is_not_chosen_anew_but_stays_on_its_contracts(
        self, cast: dict[str, User]
    ) -> None:
        offer = make_offer(is_active=False)
        contract = make_contract(cast["sales"], offer=offer)
        client = client_of(cast["sales"])
        new = client.get("/sales/contracts/new/").context["form"]
        assert offer not in new.fields["offer"].queryset
        edit = client.get(f"/sales/contracts/{contract.pk}/edit/").context["form"]
        assert offer in edit.fields["offer"].queryset


class TestOfferAPI(APIContract):
    model = Offer
    path = "offers"
    make = staticmethod(make_offer)
    body = {"name": "Boutique en ligne", "category": "web", "features": ["Panier"], "price": "4900.00"}
    change = {"description": "Vendre en ligne."}
    listed_by = {"category": "marketing"}
    wrong = {"price": "-1", "category": "heaven", "vat_rate": "100", "features": "8 pages", "name": ""}
    owned = False
    list_queries = 4


def test_an_offer_is_found_by_its_name_or_made_and_shown_as_not_offered() -> None:
    make_cast()
    known = make_offer(name="Référencement local")
    assert offer_by_name(user=None, name="  REFERENCEMENT   local ") == known
    fresh = offer_by_name(user=None, name="Pack Sérénité")
    assert (
        fresh.is_active,
        Event.objects.filter(subject_type="sales.offer", subject_id=fresh.pk).count(),
    ) == (
        False,
        1,
    )
    assert offer_by_name(user=None, name="Pack sérénité") == fresh
    with pytest.raises(ValidationError):
        offer_by_name(user=None, name="  ")
