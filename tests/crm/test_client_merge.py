"""Two companies or two people that are both clients: their clients become one, and two again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Client
from crm.services.merge import merge_records, undo_merge
from people.models import User
from tests.base import client_of as browser
from tests.base import make_cast, make_company, make_contact
from tests.base import make_client as make
from timeline.models import Merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.mark.parametrize("model", ["company", "contact"])
def test_two_clients_become_one_by_a_merge_and_two_by_its_undoing(model: str, cast: dict[str, User]) -> None:
    alice = cast["admin"]
    maker = make_company if model == "company" else make_contact
    kept, lost = maker(alice), maker(alice)
    card = {"civilite": "Mme"}
    day = timezone.localdate()
    first = make(alice, **{model: kept}, upsell="Blog")
    second = make(alice, **{model: lost}, upsell="Boutique", signed_on=day, owner=cast["sales"])
    Client.objects.filter(pk=second.pk).update(identity_card=card)
    page = browser(alice).get(reverse(f"crm:{model}_merge"), {"one": kept.pk, "two": lost.pk})
    assert page.context["clients"]["allowed"]
    merge = merge_records(user=alice, kept=kept, lost=lost, take=set())
    assert list(Client.objects.all()) == [first]
    first.refresh_from_db()
    assert (first.upsell, first.signed_on, first.identity_card) == ("Blog", day, card)
    assert first.all_ids == [first.pk, second.pk]
    assert undo_merge(user=alice, merge=merge) == []
    first.refresh_from_db()
    again = Client.objects.get(pk=second.pk)
    assert (first.upsell, first.signed_on, first.identity_card, first.merged_ids) == (
        "Blog",
        None,
        None,
        None,
    )
    assert (again.upsell, again.signed_on, again.identity_card) == ("Boutique", day, card)
    assert (getattr(again, model), again.owner) == (lost, cast["sales"])


def test_who_may_not_delete_the_other_client_merges_neither(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    kept, lost = make_company(hugo, owner=hugo), make_company(hugo, owner=hugo)
    make(hugo, company=kept, owner=hugo)
    make(cast["admin"], company=lost, owner=cast["stranger"])
    client = browser(hugo)
    address = reverse("crm:company_merge")
    page = client.get(address, {"one": kept.pk, "two": lost.pk})
    assert page.context["clients"] | {"kept": None} == {
        "kept": None, "url": "", "attached": [], "allowed": False,
    }  # fmt: skip
    assert client.post(address, {"one": kept.pk, "two": lost.pk}).status_code == 422
    assert Client.objects.count() == 2
    assert not Merge.objects.exists()
