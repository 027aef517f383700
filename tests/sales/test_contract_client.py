"""A contract and the client it belongs to: its name, its subscription."""

import pytest

from crm.services.client import change_client
from crm.services.company import change_companies, change_company
from crm.services.contact import change_contact
from crm.services.merge import merge_records
from sales.services.contract import change_contract
from tests.base import client_of, make_cast, make_company, make_contact
from tests.sales.records import make_client, make_contract, make_subscription


def test_an_edit_keeps_a_subscription_that_the_form_could_not_offer(db: None) -> None:
    """A contract is its salesperson's, its subscription the client's salesperson's."""
    cast = make_cast()
    client = make_client(cast["stranger"])
    subscription = make_subscription(cast["stranger"], client=client)
    contract = make_contract(None, owner=cast["sales"], client=client, subscription=subscription)
    page = client_of(cast["sales"])
    form = page.get(f"/sales/contracts/{contract.pk}/edit/").context["form"]
    assert list(form["subscription"].field.queryset) == [subscription]  # the present one stays
    url = f"/sales/contracts/{contract.pk}/edit/"
    data = {
        "reference": contract.reference,
        "client": client.pk,
        "status": "pending",
        "amount": "900",
        "owner": cast["sales"].pk,
    }
    answer = page.post(url, {**data, "version": contract.version})
    assert answer.status_code == 302, answer.context["form"].errors
    contract.refresh_from_db()
    assert (contract.amount, contract.subscription) == (900, subscription)


def test_a_contract_that_goes_to_another_client_leaves_the_subscription_behind(db: None) -> None:
    cast = make_cast()
    subscription = make_subscription(cast["sales"])
    contract = make_contract(cast["sales"], client=subscription.client, subscription=subscription)
    other = make_client(cast["sales"])
    change_contract(user=cast["sales"], contract=contract, values={"client": other})
    contract.refresh_from_db()
    assert (contract.client, contract.subscription) == (other, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["rename", "rename many", "move", "contact", "merge"])
def test_a_contract_is_found_by_the_name_that_its_client_has_now(verb: str) -> None:
    cast = make_cast()
    sales = cast["sales"]
    company = make_company(sales, name="Fonderie Zorn")
    contact = make_contact(sales, last_name="Zorn", company=None)
    subject = {"contact": contact} if verb == "contact" else {"company": company}
    client = make_client(sales, **{"company": None, **subject})
    contract = make_contract(sales, client=client)
    if verb == "rename":
        change_company(user=sales, company=company, values={"name": "Aciérie Quist"})
    elif verb == "rename many":
        change_companies(user=sales, pks=[company.pk], values={"name": "Aciérie Quist"})
    elif verb == "contact":
        change_contact(user=sales, contact=contact, values={"last_name": "Quist"})
    elif verb == "merge":
        lost = make_company(sales, name="Aciérie Quist")
        merge_records(user=cast["admin"], kept=company, lost=lost, take={"name"})
    else:
        change_client(user=sales, client=client, values={"company": make_company(sales, name="Quist SA")})
    page = client_of(sales)
    assert contract.reference in page.get("/sales/contracts/", {"q": "quist"}).content.decode()
    assert contract.reference not in page.get("/sales/contracts/", {"q": "zorn"}).content.decode()
