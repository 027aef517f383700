"""Pages and verbs of clients."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from crm.hand_over import give_clients
from crm.identity_card import card_lines, size_of
from crm.models import Activity, Client, Company, Contact
from crm.services.activity import change_activity, delete_activities
from crm.services.client import change_client, client_of, delete_clients, make_client
from crm.services.company import change_company, delete_companies
from crm.services.contact import change_contact
from crm.services.merge import merge_records, undo_merge
from people.models import User
from people.services.hand_over import belongings
from sales.models import Contract
from tests.base import client_of as browser
from tests.base import make_activity, make_cast, make_company, make_contact, make_deal, make_role, make_user
from tests.base import make_client as make
from tests.contracts.api import caller
from tests.contracts.pages import PageContract
from timeline.models import Event, EventLink
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db


class TestClientPages(PageContract):
    """The contract of every module, on clients."""

    model = Client
    urls = "crm:client"
    make = staticmethod(make)
    change = {"upsell": "Référencement naturel"}
    bulk = ("assign", "status", "delete")
    list_queries = 12

    @property
    def form(self) -> dict[str, Any]:  # type: ignore[override]
        """A company that everybody with the grant sees."""
        company = Company.objects.filter(name="Salon Lemaire").first()
        company = company or make_company(None, name="Salon Lemaire", owner=None)  # type: ignore[arg-type]
        return {"company": company.pk, "status": "active", "renewal_on": "2031-05-04"}

    def test_account_managers_see_every_client_and_change_none(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        paul = browser(cast["am"])
        assert paul.get(record.get_absolute_url()).status_code == 200
        assert paul.get(self.url("list") + "?all=1").status_code == 200
        for name in ("edit", "delete"):
            assert paul.get(self.url(name, record.pk)).status_code == 403
        assert paul.get(self.url("new")).status_code == 403

    def test_a_client_needs_a_company_or_a_contact(self, cast: dict[str, User]) -> None:
        answer = browser(cast["sales"]).post(self.url("new"), {"status": "active"})
        assert answer.status_code == 422
        assert "company" in answer.context["form"].errors

    def test_a_company_is_a_client_once(self, record: Any, cast: dict[str, User]) -> None:
        answer = browser(cast["sales"]).post(
            self.url("new"), {"company": record.company_id, "status": "active"}
        )
        assert answer.status_code == 422
        other = make(cast["sales"], owner=cast["sales"])
        for data in ({"company": record.company_id}, {"company": "", "contact": ""}):
            answer = browser(cast["sales"], HX_Request="true").post(
                self.url("edit", other.pk) + "?field=company", {**data, "version": other.version}
            )
            assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status=churned", {"gone"}),
            ("due=30", {"near"}),
            ("due=90", {"near", "far"}),
            ("due=passed", {"late"}),
            ("idle=no", {"far"}),
            ("mrr_min=50", {"near"}),
            ("mrr_max=50&status=active", {"far", "late"}),
            ("health_max=40&status=active", {"late", "near"}),
            ("owner=nobody", {"gone"}),
        ],
    )
    def test_what_clients_are_narrowed_by(self, query: str, found: set[str], cast: dict[str, User]) -> None:
        hugo, today = cast["sales"], timezone.localdate()
        made = {
            "near": make(hugo, owner=hugo, renewal_on=today + timedelta(days=20)),
            "far": make(hugo, owner=hugo, renewal_on=today + timedelta(days=80)),
            "late": make(hugo, owner=hugo, renewal_on=today - timedelta(days=3)),
            "gone": make(hugo, status="churned"),
        }
        Client.objects.filter(pk=made["near"].pk).update(mrr=90)
        make_activity(hugo, company=made["far"].company)
        page = browser(hugo).get(f"{self.url('list')}?{query}")
        names = {row["pk"]: name for name, client in made.items() for row in page.context["list"]["rows"]
                 if row["pk"] == client.pk}  # fmt: skip
        assert set(names.values()) == found

    def test_rows_offer_what_one_does_with_a_client(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        company = make_company(hugo, owner=hugo, email="bonjour@martin.fr", phone="+33140205050")
        client = make(hugo, owner=hugo, company=company, upsell="Boutique")
        page = browser(hugo).get(self.url("list") + "?all=1").content.decode()
        for address in (
            f"/crm/activities/new/?company={company.pk}",
            "mailto:bonjour@martin.fr",
            "tel:+33140205050",
            f"/crm/deals/new/?company={company.pk}&amp;title=Boutique",
        ):
            assert address in page
        deal = browser(hugo).get(f"/crm/deals/new/?company={company.pk}&title=Boutique").content.decode()
        assert str(client) in deal
        assert "Boutique" in deal
        seen = browser(cast["am"]).get(self.url("list") + "?all=1").content.decode()
        assert "/crm/deals/new/" not in seen
        assert "mailto:bonjour@martin.fr" in seen


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


# --- Making a client


def test_a_contact_of_a_company_makes_the_company_a_client(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo)
    contact = make_contact(hugo, owner=hugo, company=company)
    client = make_client(user=hugo, subject=contact)
    assert (client.company, client.contact, client.owner) == (company, contact, hugo)
    assert make_client(user=hugo, subject=company) == make_client(user=hugo, subject=contact) == client
    assert client_of(contact) == client_of(company) == client
    company.refresh_from_db()
    contact.refresh_from_db()
    assert (company.status, contact.status) == (Company.Status.CLIENT, Contact.Status.CLIENT)
    event = Event.objects.get(action="created", subject_type="crm.client")
    links = set(EventLink.objects.filter(event=event).values_list("subject_type", "subject_id"))
    assert links == {("crm.company", company.pk), ("crm.contact", contact.pk)}
    assert Event.objects.filter(subject_type="crm.company", action="changed").count() == 1


def test_a_person_without_a_company_is_a_client_of_their_own(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    client = make_client(user=cast["sales"], subject=contact)
    assert (client.subject, str(client)) == (f"contact:{contact.pk}", "Émilie Durand")
    with pytest.raises(ValidationError):
        make(cast["sales"], contact=contact)


def test_the_button_on_a_companys_page_makes_the_client_once(cast: dict[str, User]) -> None:
    hugo, company = cast["sales"], make_company(cast["sales"])
    browse = browser(hugo)
    address = reverse("crm:company_make_client", args=[company.pk])
    assert address in browse.get(company.get_absolute_url()).content.decode()
    first, second = browse.post(address), browse.post(address)
    client = Client.objects.get()
    assert first["Location"] == second["Location"] == client.get_absolute_url()
    assert client.owner == hugo  # nobody's company is its who makes it a client
    assert client.get_absolute_url() in browse.get(company.get_absolute_url()).content.decode()
    assert browser(cast["marketing"]).post(address).status_code == 403
    theirs = make_contact(cast["stranger"], owner=cast["stranger"])
    assert browse.post(reverse("crm:contact_make_client", args=[theirs.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        make_client(user=cast["am"], subject=theirs)


# --- What follows


def test_a_client_follows_the_name_of_its_company_and_person(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name="Ancien nom")
    contact = make_contact(hugo, owner=hugo, company=company)
    client = make(hugo, company=company, contact=contact)
    change_company(user=hugo, company=company, values={"name": "Zénith"})
    change_contact(user=hugo, contact=contact, values={"phone": "+33699887766"})
    client = Client.objects.get(pk=client.pk)
    assert client.sort_name == "zenith"
    assert "zenith" in client.search_text
    assert "99887766" in client.search_text
    assert client.version == 1


def test_a_client_shows_its_last_contact_and_what_comes_next(cast: dict[str, User]) -> None:
    hugo, now = cast["sales"], timezone.now()
    company = make_company(hugo, owner=hugo)
    contact = make_contact(hugo, owner=hugo, company=company)
    client = make(hugo, owner=hugo, company=company)
    assert (client.last_contact_at, client.next_activity_at) == (None, None)
    done = make_activity(hugo, contact=contact, kind="call", status="done", starts_at=now - timedelta(days=3))
    planned = make_activity(hugo, company=company, starts_at=now + timedelta(days=4))
    make_activity(hugo, company=company, kind="task", status="done", starts_at=now)  # nobody's contact
    client.refresh_from_db()
    assert (client.last_contact_at, client.next_activity_at) == (done.done_at, planned.starts_at)
    change_activity(user=hugo, activity=planned, values={"starts_at": now + timedelta(days=9)})
    client.refresh_from_db()
    assert client.next_activity_at == now + timedelta(days=9)
    batch = delete_activities(user=hugo, pks=[done.pk, planned.pk])
    client.refresh_from_db()
    assert (client.last_contact_at, client.next_activity_at) == (None, None)
    restore_from_bin(user=hugo, batch=batch)
    client.refresh_from_db()
    assert client.last_contact_at == Activity.objects.get(pk=done.pk).done_at


# --- Bin, merges, hand-over


def test_a_company_that_is_a_client_stays_until_the_client_is_gone(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    client = make(hugo, owner=hugo)
    with pytest.raises(ValidationError, match="Boulangerie Martin"):
        delete_companies(user=hugo, pks=[client.company_id])
    batch = delete_clients(user=hugo, pks=[client.pk])
    again = make(hugo, company=Company.objects.get(), owner=hugo)
    with pytest.raises(ValidationError):
        restore_from_bin(user=hugo, batch=batch)
    delete_clients(user=hugo, pks=[again.pk])
    restore_from_bin(user=hugo, batch=batch)
    assert Client.objects.get().pk == client.pk


def test_a_client_with_contracts_does_not_go_to_the_bin(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    client = make(hugo, owner=hugo)
    Contract.objects.create(reference="C-2026-17", client=client, owner=hugo)
    with pytest.raises(ValidationError, match="C-2026-17"):
        delete_clients(user=hugo, pks=[client.pk])
    browse = browser(hugo)
    answer = browse.post(reverse("crm:client_delete", args=[client.pk]), follow=True)
    assert "C-2026-17" in answer.content.decode()
    many = {"action": "delete", "pk": [client.pk], "confirm": "1"}
    assert browse.post(reverse("crm:client_bulk"), many).status_code == 400
    refused = caller(hugo).delete(f"/api/v1/clients/{client.pk}/")
    assert refused.status_code in (409, 422)
    assert "C-2026-17" in refused.content.decode()
    assert Client.objects.filter(pk=client.pk).exists()


def test_a_merge_carries_the_client_over_and_the_undoing_brings_it_back(cast: dict[str, User]) -> None:
    hugo = cast["admin"]
    kept, lost = make_company(hugo, name="Atelier"), make_company(hugo, name="L’Atelier")
    client = make(hugo, company=lost)
    merge = merge_records(user=hugo, kept=kept, lost=lost, take=set())
    client.refresh_from_db()
    assert (client.company, client.subject, client.sort_name) == (kept, f"company:{kept.pk}", "atelier")
    assert client_of(kept) == client
    undo_merge(user=hugo, merge=merge)
    client.refresh_from_db()
    assert (client.company_id, client.subject) == (lost.pk, f"company:{lost.pk}")


def test_two_people_who_stand_for_one_client_merge(cast: dict[str, User]) -> None:
    alice = cast["admin"]
    company = make_company(alice)
    kept, lost = make_contact(alice), make_contact(alice, company=company)
    client = make(alice, company=company, contact=lost)
    merge_records(user=alice, kept=kept, lost=lost, take=set())
    client.refresh_from_db()
    assert client.contact == kept


def test_clients_pass_to_somebody_else_when_their_salesperson_leaves(cast: dict[str, User]) -> None:
    client = make(cast["sales"], owner=cast["sales"])
    assert "crm.client" in {kind.module for kind, _count in belongings(cast["sales"])}
    give_clients(cast["admin"], [client.pk], cast["sales2"])
    client.refresh_from_db()
    assert client.owner == cast["sales2"]
    assert Event.objects.filter(subject_type="crm.client", action="changed").exists()


def test_a_client_that_is_given_another_company_leaves_the_old_one_free(cast: dict[str, User]) -> None:
    alice = cast["admin"]
    client, other = make(alice), make_company(alice, name="Autre")
    old = client.company
    change_client(user=alice, client=client, values={"company": other})
    assert client.subject == f"company:{other.pk}"
    assert client_of(old) is None


# --- The page of one client


def test_the_overview_asks_little_however_much_happened(
    cast: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    hugo = cast["sales"]
    client = make(hugo, owner=hugo, identity_card={"nom": "Durand"})
    for _number in range(5):
        make_deal(hugo, company=client.company)
        make_activity(hugo, company=client.company)
    browse = browser(hugo)
    browse.get(client.get_absolute_url())
    with django_assert_max_num_queries(12):
        page = browse.get(client.get_absolute_url())
    assert page.status_code == 200
    with django_assert_max_num_queries(12):
        line = browse.get(client.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "timeline"})
    text = line.content.decode()
    assert "Refonte du site" in text  # the company's deals
    assert "<html" not in text


def test_the_time_line_has_what_happened_to_company_and_person_within_ones_sight(
    cast: dict[str, User],
) -> None:
    hugo, alice = cast["sales"], cast["admin"]
    company = make_company(alice, name="Fonderie", owner=cast["stranger"])
    contact = make_contact(alice, first_name="Zoé", owner=cast["stranger"], company=company)
    client = make(alice, company=company, contact=contact, owner=hugo)
    make_deal(cast["stranger"], title="Secret", company=company, contact=contact)
    seen = browser(alice).get(f"{client.get_absolute_url()}?events=1").content.decode()
    assert "Secret" in seen
    page = browser(hugo).get(f"{client.get_absolute_url()}?events=1").content.decode()
    assert "Secret" not in page
    assert f'href="{company.get_absolute_url()}"' not in page  # by name alone
    assert "Fonderie" in page


def test_identity_cards_are_read_not_run() -> None:
    card = {
        "<script>": "<b>x</b>",
        "dateNaissance": None,
        "pieces": [{"type": "CNI", "valide": True}, 4],
        "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
        "long": "x" * 5000,
    }
    lines = card_lines(card)
    assert lines[1] == {"label": "Date naissance", "text": ""}
    assert lines[2]["inside"][0]["inside"][1]["label"] == "Valide"
    assert len(lines[4]["text"]) < 400
    assert size_of(lines) >= 6
    assert len(card_lines({str(n): n for n in range(500)})) == 61
    assert card_lines("plain") == [{"label": "", "text": "plain"}]


def test_an_identity_card_is_escaped_on_the_page(cast: dict[str, User]) -> None:
    client = make(cast["admin"], identity_card={"<script>alert(1)</script>": {"nom": "<img src=x>"}})
    page = browser(cast["admin"]).get(client.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;img src=x&gt;" in page


def test_a_reader_is_offered_nothing_to_change(cast: dict[str, User]) -> None:
    client = make(cast["admin"])
    reader = make_user("reader", role=make_role("reader", crm_client=("all", ["view"])))
    page = browser(reader).get(client.get_absolute_url())
    assert page.context["record"]["actions"] == []
    assert [tab["name"] for tab in page.context["record"]["tabs"]] == ["overview"]
    assert "/crm/activities/new/" not in page.content.decode()
