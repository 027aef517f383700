"""Who sees what of a client whose company, person, contracts, deals and files are different people's."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import User
from tests.base import (
    client_of,
    make_activity,
    make_cast,
    make_company,
    make_contact,
    make_deal,
    make_role,
    make_user,
)
from tests.contracts.api import caller
from tests.sales.accounts import make_account, make_payment
from tests.sales.records import make_client, make_contract, make_subscription
from tests.timeline.documents import make_document

pytestmark = pytest.mark.django_db
ALL = ("view", "create", "change", "delete", "export")
MODULES = (
    *("crm_client", "crm_company", "crm_contact", "crm_deal", "crm_activity"),
    *("sales_contract", "sales_subscription", "sales_paymentrecord", "sales_bankaccount"),
    *("sales_offer", "timeline_document"),
)
END = timezone.localdate() + timedelta(days=77)


class World:
    """One client; each thing of it bears a word that says whose it is."""

    def __init__(self) -> None:
        self.cast = make_cast()
        own = make_role("loner", **dict.fromkeys(MODULES, ("own", ALL)))
        boss = make_user("boss", "Bo", role=make_role("boss", **dict.fromkeys(MODULES, ("team", ALL))))
        names = ("firm", "person", "keeper", "seller", "other", "stranger2")
        self.people: dict[str, User] = {
            name: make_user(name, name.title(), role=own, manager=boss if name == "seller" else None)
            for name in names
        }
        self.people |= {"boss": boss, "admin": self.cast["admin"]}
        self.people["all"] = make_user("all", role=make_role("all", **dict.fromkeys(MODULES, ("all", ALL))))
        self.people["none"] = make_user("none", role=make_role("none"))
        self.people["reader"] = make_user("reader", role=make_role("reader", crm_client=("all", ["view"])))
        one = self.people
        self.company = make_company(None, name="Fonderie Zorn", owner=one["firm"])  # type: ignore[arg-type]
        self.contact = make_contact(
            None,
            last_name="Quist",
            owner=one["person"],
            company=self.company,  # type: ignore[arg-type]
        )
        self.client = make_client(None, company=self.company, contact=self.contact, owner=one["keeper"])
        self.subscription = make_subscription(
            None, client=self.client, label="SUBSCRIPTIONWORD", monthly_amount="777.77", owner=one["keeper"]
        )
        self.mine = make_contract(
            None,
            reference="SELLERWORD",
            owner=one["seller"],
            client=self.client,
            subscription=self.subscription,
            status="signed",
            signed_on=timezone.localdate(),
        )
        self.theirs = make_contract(
            None,
            reference="OTHERWORD",
            owner=one["other"],
            client=self.client,
            status="signed",
            amount="98765",
            signed_on=timezone.localdate(),
            ends_on=END,
        )
        self.payment = make_payment(None, client=self.client, contract=self.mine, reference="PAYMENTWORD")
        self.account = make_account(None, client=self.client, holder="ACCOUNTWORD")
        self.deal = make_deal(one["firm"], title="DEALWORD", company=self.company, contact=self.contact)
        self.activity = make_activity(one["person"], subject="ACTIVITYWORD", company=self.company)
        for name, on, by in (
            ("FIRMFILE.pdf", self.company, "firm"),
            ("PERSONFILE.pdf", self.contact, "person"),
            ("CLIENTFILE.pdf", self.client, "keeper"),
            ("CONTRACTFILE.pdf", self.theirs, "other"),
        ):
            make_document(one[by], on=on, name=name)


NAMES = (
    *("SUBSCRIPTIONWORD", "SELLERWORD", "OTHERWORD", "PAYMENTWORD", "ACCOUNTWORD"),
    *("DEALWORD", "ACTIVITYWORD", "FIRMFILE", "PERSONFILE", "CLIENTFILE", "CONTRACTFILE"),
)
REVENUE = ("777,77", "777.77")
WORTH = ("98765", "98 765", "98\u202f765")
LAST_DAY = (f"{END:%d/%m/%Y}", f"{END:%Y-%m-%d}")
WORDS = (*NAMES, *REVENUE, *WORTH, *LAST_DAY)
# What each person may read. Who has a contact sees their company and its files; a month's revenue is the
# client's; a contract and a payment name what they belong to, without a figure of it.
OF: dict[str, set[str]] = {
    "firm": {"DEALWORD", "FIRMFILE"},
    "person": {"ACTIVITYWORD", "PERSONFILE", "FIRMFILE"},
    "keeper": {"SUBSCRIPTIONWORD", "PAYMENTWORD", "ACCOUNTWORD", "CLIENTFILE", "SELLERWORD", *REVENUE},
    "seller": {"SELLERWORD", "SUBSCRIPTIONWORD"},
    "boss": {"SELLERWORD", "SUBSCRIPTIONWORD"},
    "other": {"OTHERWORD", "CONTRACTFILE", *WORTH, *LAST_DAY},
    "stranger2": set(),
    "none": set(),
    "reader": {*REVENUE},
    "all": {*WORDS},
}


LISTS = ("activities", "deals", "contracts", "subscriptions", "payments", "bank-accounts")
QUERIES = """
    client={client}  client={client}&within=client  client={client}&export=csv  client={client}&sort=-amount
    client={client}&q=OTHERWOR  company={company}  contract={theirs}  owner={other}  all=1  q=WOR
"""
FILES = """
    subject=crm.client:{client}  subject=crm.client:{client}&within=subject  subject=crm.contact:{contact}
    subject=crm.client:{client}&export=csv  subject=crm.company:{company}  subject=sales.contract:{theirs}
    all=1
"""
PAGES = """
    /  /home/events/  /sales/contracts/figures/  /sales/contracts/figures/?period=year  /search/?q=Zorn
    /crm/clients/lookup/?q=WOR  /crm/companies/lookup/?q=WOR  /sales/contracts/lookup/?q=WOR
    /api/v1/documents/  /api/v1/documents/?subject=crm.client:{client}
    /api/v1/clients/  /api/v1/clients/{client}/  /api/v1/clients/{client}/health/
    /api/v1/contracts/{mine}/  /api/v1/contracts/{theirs}/  /api/v1/subscriptions/{subscription}/
    /api/v1/events/?subject=crm.client:{client}  /api/v1/events/?subject=crm.company:{company}
"""


def addresses(world: World) -> list[str]:
    """Lists in every way of narrowing them, records, their panels and time lines, figures, the API."""
    records = ("client", "company", "contact", "mine", "theirs", "subscription", "payment", "account")
    numbers = {name: getattr(world, name).pk for name in records} | {"other": world.people["other"].pk}
    found = PAGES.format(**numbers).split()
    for name in LISTS:
        app = "crm" if name in ("activities", "deals") else "sales"
        found += [f"/{app}/{name}/?{query}" for query in QUERIES.format(**numbers).split()]
        found += [f"/api/v1/{name}/{query}" for query in ("", f"?client={world.client.pk}", "?q=WOR")]
    found += [f"/documents/?{query}" for query in FILES.format(**numbers).split()]
    for name in (*records, "deal", "activity"):
        record = getattr(world, name)
        here = record.get_absolute_url()
        found += [here, f"{here}?events=1", f"{here}edit/"]
        found.append(f"/panels/{record._meta.label_lower}/{record.pk}/")
    return [*found, *(f"/settings/team/{person.pk}/?events=1" for person in world.people.values())]


def text_of(answer: Any) -> str:
    body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
    return str(body.decode(errors="replace"))


def check(world: World, key: str, addresses: Iterable[str]) -> None:
    """`key` reads at these addresses what is theirs, and nothing else."""
    user = world.people[key]
    page, api = client_of(user), caller(user)
    leaks, read = [], set()
    for address in addresses:
        answer: Any = (api if address.startswith("/api/") else page).get(address)
        assert answer.status_code < 500, address
        text = text_of(answer)
        found = {word for word in WORDS if word in text}
        read |= found
        if found - OF[key]:
            leaks.append(f"{address}: {found - OF[key]}")
    assert not leaks, "\n".join(leaks)
    assert read >= OF[key] & set(NAMES)


@pytest.mark.parametrize("key", list(OF))
def test_nobody_reads_a_word_of_what_is_not_theirs(key: str) -> None:
    world = World()
    check(world, key, addresses(world))


@pytest.mark.django_db(transaction=True)  # InnoDB's full text sees committed rows only
def test_nor_do_they_find_it() -> None:
    world = World()
    lists = ("/search/", "/crm/deals/", "/crm/activities/", "/sales/contracts/", "/documents/")
    for key in ("all", "seller", "stranger2"):
        page, api = client_of(world.people[key]), caller(world.people[key])
        for word in NAMES:
            for address in (*lists, "/api/v1/contracts/", "/api/v1/deals/"):
                # Not the whole word, which the page repeats.
                text = text_of((api if "/api/" in address else page).get(address, {"q": word[:-1]}))
                assert word in OF[key] or word not in text, (key, address, word)
                if address == "/sales/contracts/" and word in OF[key] and word in ("SELLERWORD", "OTHERWORD"):
                    assert word in text
