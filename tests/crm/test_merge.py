"""Merging two records, and parting them again: nothing attached is lost on either way (SPEC C12, N3)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from crm.models import Company, Contact, ContactTally, ContactTotal, DuplicatePair, Tag
from crm.services.contact import change_contact, delete_contacts
from crm.services.merge import best_choice, merge_records, undo_merge
from crm.services.tag import create_tag
from crm.services.tally import tally_of
from digiweb.models import StaleVersion
from tests.base import client_of, make_cast, make_company, make_contact
from timeline.models import Event, Merge, Note
from timeline.services.merge import purge_merges
from timeline.services.note import add_note

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


@pytest.fixture
def pair(cast: dict[str, Any]) -> tuple[Contact, Contact]:
    """Two contacts of Hugo, each with a tag, a note and a company of its own; one tag is common."""
    hugo = cast["sales"]
    tags = [create_tag(user=cast["admin"], tag=Tag(name=name)) for name in ("Un", "Deux", "Commun")]
    kept = make_contact(hugo, owner=hugo, first_name="Émilie", last_name="Durand", email="e@durand.example")
    lost = make_contact(
        hugo,
        owner=hugo,
        first_name="Emilie",
        last_name="Durand",
        email="",
        phone="+33140205050",
        city="Lyon",
        status="client",
        company=make_company(hugo, name="Durand SARL", owner=hugo),
    )
    kept.tags.set([tags[0], tags[2]])
    lost.tags.set([tags[1], tags[2]])
    for contact in (kept, lost):
        add_note(user=hugo, obj=contact, body=f"Sur {contact.pk}")
    return kept, lost


def tallies_are_right() -> None:
    expected = tally_of(Contact.objects.all())
    by_day: Counter[Any] = Counter()
    for line in ContactTally.objects.exclude(count=0):
        by_day[line.owner_id, line.status, line.day.isoformat()] = line.count
    assert by_day == expected
    assert sum(total.count for total in ContactTotal.objects.all()) == Contact.objects.count()


class TestMerge:
    def test_the_kept_record_takes_what_is_chosen_and_all_that_hung_on_the_other(
        self, cast: dict[str, Any], pair: Any
    ) -> None:
        kept, lost = pair
        merge = merge_records(
            user=cast["sales"], kept=kept, lost=lost, take={"phone", "city", "status", "company"}
        )
        one = Contact.objects.get(pk=kept.pk)
        assert not Contact.objects.filter(pk=lost.pk).exists()
        assert (one.phone, one.city, one.status, one.email) == (
            "+33140205050",
            "Lyon",
            "client",
            "e@durand.example",
        )
        assert str(one.company) == "Durand SARL"
        assert sorted(tag.name for tag in one.tags.all()) == ["Commun", "Deux", "Un"]
        assert Note.objects.filter(subject_type="crm.contact", subject_id=kept.pk).count() == 2
        assert Company.objects.get(pk=one.company_id).contact_count == 1
        assert merge.can_be_undone
        tallies_are_right()

    def test_the_time_line_of_the_kept_record_tells_both_lives(self, cast: dict[str, Any], pair: Any) -> None:
        kept, lost = pair
        merge_records(user=cast["sales"], kept=kept, lost=lost, take=set())
        page = client_of(cast["sales"]).get(kept.get_absolute_url()).content.decode()
        assert f"Sur {kept.pk}" in page
        assert f"Sur {lost.pk}" in page
        assert Event.objects.filter(subject_id=lost.pk, action="created").exists()

    def test_undone_both_are_as_they_were(self, cast: dict[str, Any], pair: Any) -> None:
        kept, lost = pair
        before = {pk: Contact.objects.filter(pk=pk).values().get() for pk in (kept.pk, lost.pk)}
        merge = merge_records(user=cast["sales"], kept=kept, lost=lost, take={"phone", "status", "company"})
        assert undo_merge(user=cast["sales"], merge=merge) == []
        for pk, values in before.items():
            now = Contact.objects.filter(pk=pk).values().get()
            same = values.keys() - {"version", "updated_at"}
            assert {name: now[name] for name in same} == {name: values[name] for name in same}
        kept, lost = Contact.objects.get(pk=kept.pk), Contact.objects.get(pk=lost.pk)
        assert sorted(tag.name for tag in kept.tags.all()) == ["Commun", "Un"]
        assert sorted(tag.name for tag in lost.tags.all()) == ["Commun", "Deux"]
        assert Note.objects.get(subject_id=lost.pk).body == f"Sur {lost.pk}"
        assert Company.objects.get(pk=lost.company_id).contact_count == 1
        tallies_are_right()
        with pytest.raises(ValidationError):
            undo_merge(user=cast["sales"], merge=merge)

    def test_what_changed_since_is_named_and_left(self, cast: dict[str, Any], pair: Any) -> None:
        kept, lost = pair
        merge = merge_records(user=cast["sales"], kept=kept, lost=lost, take={"phone", "city"})
        kept = Contact.objects.get(pk=kept.pk)
        change_contact(user=cast["sales"], contact=kept, values={"city": "Brest"})
        told = undo_merge(user=cast["sales"], merge=merge)
        kept = Contact.objects.get(pk=kept.pk)
        assert (kept.city, kept.phone) == ("Brest", "")
        assert len(told) == 1

    def test_companies_bring_their_contacts_and_sight(self, cast: dict[str, Any]) -> None:
        hugo, ines, admin = cast["sales"], cast["sales2"], cast["admin"]
        kept = make_company(hugo, name="Martin", owner=hugo)
        lost = make_company(ines, name="Martin SAS", owner=ines)
        contacts = [make_contact(ines, owner=ines, company=lost) for _ in range(3)]
        merge = merge_records(user=admin, kept=kept, lost=lost, take={"name"})
        kept = Company.objects.get(pk=kept.pk)
        assert (kept.name, kept.contact_count) == ("Martin SAS", 3)
        assert Company.objects.visible_to(ines).filter(pk=kept.pk).exists()
        assert "martin sas" in Contact.objects.get(pk=contacts[0].pk).search_text
        undo_merge(user=admin, merge=merge)
        kept = Company.objects.get(pk=kept.pk)
        assert (kept.name, kept.contact_count) == ("Martin", 0)
        assert not Company.objects.visible_to(ines).filter(pk=kept.pk).exists()
        assert Contact.objects.filter(company_id=lost.pk).count() == 3

    def test_three_become_one_and_are_parted_in_turn(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        one, two, three = (make_contact(hugo, owner=hugo, first_name=name) for name in ("A", "B", "C"))
        first = merge_records(user=hugo, kept=two, lost=three, take=set())
        second = merge_records(user=hugo, kept=one, lost=two, take=set())
        assert Contact.objects.get(pk=one.pk).merged_ids == [two.pk, three.pk]
        with pytest.raises(ValidationError):
            undo_merge(user=hugo, merge=first)
        undo_merge(user=hugo, merge=second)
        undo_merge(user=hugo, merge=first)
        assert Contact.objects.get(pk=one.pk).merged_ids is None
        assert Contact.objects.filter(pk__in=[one.pk, two.pk, three.pk]).count() == 3
        tallies_are_right()

    def test_when_the_kept_one_is_in_the_bin_it_must_come_back_first(
        self, cast: dict[str, Any], pair: Any
    ) -> None:
        merge = merge_records(user=cast["sales"], kept=pair[0], lost=pair[1], take=set())
        delete_contacts(user=cast["sales"], pks=[pair[0].pk])
        with pytest.raises(ValidationError):
            undo_merge(user=cast["sales"], merge=merge)

    def test_a_record_that_was_edited_meanwhile_is_looked_at_again(
        self, cast: dict[str, Any], pair: Any
    ) -> None:
        kept, lost = pair
        change_contact(user=cast["manager"], contact=lost, values={"city": "Nice"})
        stale = {kept.pk: kept.version, lost.pk: lost.version - 1}
        with pytest.raises(StaleVersion):
            merge_records(user=cast["sales"], kept=kept, lost=lost, take=set(), versions=stale)
        assert Contact.objects.filter(pk=lost.pk).exists()

    def test_only_who_may_change_the_one_and_delete_the_other(self, cast: dict[str, Any], pair: Any) -> None:
        hidden = make_contact(cast["sales2"], owner=cast["sales2"])
        for kept, lost in ((pair[0], hidden), (hidden, pair[0])):
            with pytest.raises(PermissionDenied):
                merge_records(user=cast["sales"], kept=kept, lost=lost, take=set())
        merge = merge_records(user=cast["sales"], kept=pair[0], lost=pair[1], take=set())
        with pytest.raises(PermissionDenied):
            undo_merge(user=cast["sales2"], merge=merge)
        with pytest.raises(ValidationError):
            merge_records(user=cast["sales"], kept=pair[0], lost=pair[0], take=set())

    def test_after_thirty_days_it_is_for_good(
        self, cast: dict[str, Any], pair: Any, time_machine: Any
    ) -> None:
        merge = merge_records(user=cast["sales"], kept=pair[0], lost=pair[1], take=set())
        assert purge_merges() == 0
        time_machine.move_to(timezone.now() + timedelta(days=31))
        with pytest.raises(ValidationError):
            undo_merge(user=cast["sales"], merge=merge)
        assert purge_merges() == 1
        assert Merge.objects.get().rows == []

    def test_proposed_is_what_the_kept_record_lacks(self, pair: Any) -> None:
        assert best_choice(*pair) == {"phone", "city", "company"}


class TestPage:
    def address(self, pair: Any, kind: str = "contacts") -> str:
        return f"/crm/{kind}/merge/?one={pair[0].pk}&two={pair[1].pk}"

    def test_both_are_compared_field_by_field(self, cast: dict[str, Any], pair: Any) -> None:
        page = client_of(cast["sales"]).get(self.address(pair)).content.decode()
        assert 'name="take_phone"' in page
        assert 'name="take_last_name"' not in page  # the same in both

    def test_merged_from_the_page_and_undone_from_the_toast(self, cast: dict[str, Any], pair: Any) -> None:
        kept, lost = pair
        client = client_of(cast["sales"])
        data = {"one": kept.pk, "two": lost.pk, "take_phone": lost.pk, "take_city": kept.pk}
        versions = {f"version_{record.pk}": record.version for record in pair}
        answer = client.post("/crm/contacts/merge/", {**data, **versions})
        assert answer.url == kept.get_absolute_url()
        kept.refresh_from_db()
        assert (kept.phone, kept.city) == ("+33140205050", "")
        page = client.get(kept.get_absolute_url()).content.decode()
        undo = f"/crm/merges/{Merge.objects.get().pk}/undo/"
        assert undo in page
        assert client_of(cast["sales2"]).post(undo).status_code == 404
        client.post(undo)
        assert Contact.objects.filter(pk=lost.pk).exists()

    def test_a_stale_page_shows_the_values_again(self, cast: dict[str, Any], pair: Any) -> None:
        kept, lost = pair
        data = {"one": kept.pk, "two": lost.pk, f"version_{kept.pk}": kept.version + 5}
        assert client_of(cast["sales"]).post("/crm/contacts/merge/", data).status_code == 409

    def test_hidden_unknown_and_odd_numbers_are_not_found(self, cast: dict[str, Any], pair: Any) -> None:
        hidden = make_contact(cast["sales2"], owner=cast["sales2"])
        client = client_of(cast["sales"])
        for query in (f"one={pair[0].pk}&two={hidden.pk}", f"one={pair[0].pk}&two=9999999"):
            assert client.get(f"/crm/contacts/merge/?{query}").status_code in (404, 422)
        for query in ("one=x&two=y", "", f"one={hidden.pk}", f"one={pair[0].pk}&two={pair[0].pk}"):
            assert client.get(f"/crm/contacts/merge/?{query}").status_code in (404, 422)
        assert client.get(f"/crm/contacts/merge/?one={pair[0].pk}").status_code == 200

    def test_a_record_is_not_offered_to_itself(self, cast: dict[str, Any], pair: Any) -> None:
        one, two = pair
        client = client_of(cast["sales"])
        page = client.get(f"/crm/contacts/merge/?one={one.pk}").content.decode()
        assert f"/crm/contacts/lookup/?except={one.pk}" in page
        asked = client.get(f"/crm/contacts/lookup/?except={one.pk}&q={one.last_name}").content.decode()
        assert f'data-pk="{two.pk}"' in asked
        assert f'data-pk="{one.pk}"' not in asked
        chosen = client.get(f"/crm/contacts/merge/?one={one.pk}&two={one.pk}")
        assert chosen.status_code == 422, "said beside the field, not a page that does not exist"
        odd = "9" * 30
        assert client.get(f"/crm/contacts/lookup/?except={odd}&q=x").status_code == 200


class TestPairs:
    def test_a_merge_settles_its_pair_and_its_undoing_opens_it_again(
        self, cast: dict[str, Any], pair: Any
    ) -> None:
        first, second = sorted(one.pk for one in pair)
        found = DuplicatePair.objects.create(
            subject_type="crm.contact", first_id=first, second_id=second, reason="name"
        )
        merge = merge_records(user=cast["sales"], kept=pair[0], lost=pair[1], take=set())
        found.refresh_from_db()
        assert found.state == "merged"
        undo_merge(user=cast["sales"], merge=merge)
        found.refresh_from_db()
        assert found.state == "open"
