"""The bin: what is deleted comes back whole."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.forms.models import model_to_dict
from django.utils import timezone

from crm.models import Company, Contact, Tag
from crm.services.contact import delete_contacts
from people.models import Department, Invitation, SavedView, User
from tests.base import make_cast, make_company, make_contact
from timeline.models import BinEntry, Event, Note
from timeline.services import bin as the_bin
from timeline.services.bin import move_to_bin, purge_bin, register_bin, restore_from_bin

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def me(cast: dict[str, User]) -> User:
    return cast["sales"]


def make_tag(name: str) -> Tag:
    return Tag.objects.create(name=name, key=name.lower())


def stored(obj: Any) -> dict[str, Any]:
    """A row as it is in the database, automatic dates and all."""
    return dict(type(obj).objects.filter(pk=obj.pk).values().get())


class TestComingBack:
    def test_a_contact_comes_back_as_it_was_under_its_number(self, me: User) -> None:
        company = make_company(me)
        contact = make_contact(
            me,
            email="emilie@example.fr",
            phone="+33612345678",
            company=company,
            owner=me,
            tags=[make_tag("Salon"), make_tag("VIP")],
        )
        Contact.objects.update(created_at=timezone.now() - timedelta(days=400), version=7)
        before = stored(contact)
        batch = move_to_bin(user=me, objs=[contact])
        assert not Contact.objects.exists()
        restored = restore_from_bin(user=me, batch=batch)
        assert restored.labels == ["Émilie Durand"]
        assert restored.lost == []
        assert stored(contact) == before
        assert [tag.name for tag in contact.tags.order_by("name")] == ["Salon", "VIP"]

    def test_it_is_told_with_the_former_values_and_the_return_too(self, me: User) -> None:
        contact = make_contact(me, email="emilie@example.fr", owner=me, tags=[make_tag("VIP")])
        batch = move_to_bin(user=me, objs=[contact])
        event = Event.objects.get(action="deleted")
        assert (event.subject_type, event.subject_id, event.actor_id) == ("crm.contact", contact.pk, me.pk)
        assert event.subject_label == "Émilie Durand"
        assert event.changes["email"] == ["emilie@example.fr", None]
        assert event.changes["owner"] == [{"id": me.pk, "label": str(me)}, None]
        assert event.changes["tags"] == ["VIP", None]
        assert event.data == {"batch": str(batch)}
        restore_from_bin(user=me, batch=batch)
        assert Event.objects.get(action="restored").subject_id == contact.pk

    def test_its_notes_wait_for_it(self, me: User) -> None:
        contact = make_contact(me)
        Note.objects.create(subject_type="crm.contact", subject_id=contact.pk, author=me, body="Call back")
        batch = move_to_bin(user=me, objs=[contact])
        restore_from_bin(user=me, batch=batch)
        assert Note.objects.filter(subject_type="crm.contact", subject_id=contact.pk).count() == 1

    def test_what_pointed_at_it_points_at_it_again(self, me: User) -> None:
        company = make_company(me)
        contacts = [make_contact(me, last_name=name, company=company) for name in ("Durand", "Petit")]
        before = [stored(contact) for contact in contacts]
        batch = move_to_bin(user=me, objs=[company])
        cut = Contact.objects.get(pk=contacts[0].pk)
        assert cut.company_id is None
        assert cut.score == cut.derive_score() < before[0]["score"]
        assert "boulangerie" not in cut.search_text
        restore_from_bin(user=me, batch=batch)
        assert [stored(contact) for contact in contacts] == before
        assert Company.objects.get().contact_count == 2

    def test_a_tag_comes_back_onto_its_records(self, me: User) -> None:
        tag = make_tag("VIP")
        contacts = [make_contact(me, last_name=name, tags=[tag]) for name in ("A", "B", "C")]
        company = make_company(me, tags=[tag])
        batch = move_to_bin(user=me, objs=[tag])
        assert not contacts[0].tags.exists()
        restore_from_bin(user=me, batch=batch)
        assert Contact.objects.filter(tags=tag).count() == 3
        assert list(company.tags.all()) == [tag]

    def test_what_left_with_it_comes_back_with_it(self, cast: dict[str, User], me: User) -> None:
        gone = cast["marketing"]
        SavedView.objects.create(owner=gone, list_key="crm.contact", name="Mine", query="q=a")
        Invitation.objects.create(
            user=gone, invited_by=me, token_hash="x" * 64, expires_at=timezone.now() + timedelta(days=7)
        )
        Invitation.objects.create(
            user=me, invited_by=gone, token_hash="y" * 64, expires_at=timezone.now() + timedelta(days=7)
        )
        before = (
            stored(gone),
            list(SavedView.objects.values()),
            list(Invitation.objects.order_by("pk").values()),
        )
        batch = move_to_bin(user=me, objs=[gone])
        assert not SavedView.objects.exists()
        assert Invitation.objects.get().invited_by_id is None
        restore_from_bin(user=me, batch=batch)
        after = (
            stored(gone),
            list(SavedView.objects.values()),
            list(Invitation.objects.order_by("pk").values()),
        )
        assert after == before

    def test_a_batch_of_several_kinds_comes_back_together(self, me: User) -> None:
        company = make_company(me)
        contact = make_contact(me, company=company)
        before = stored(contact)
        for objs in ([company, contact], [contact, company]):
            batch = move_to_bin(user=me, objs=objs)
            assert not Company.objects.exists()
            assert restore_from_bin(user=me, batch=batch).lost == []
            assert stored(contact) == before

    def test_one_entry_of_a_batch_can_come_back_alone(self, me: User) -> None:
        contacts = [make_contact(me, last_name=name) for name in ("A", "B")]
        move_to_bin(user=me, objs=contacts)
        restored = restore_from_bin(user=me, entries=BinEntry.objects.filter(subject_id=contacts[1].pk))
        assert restored.labels == ["Émilie B"]
        assert Contact.objects.get() == contacts[1]

    def test_pressed_twice_it_comes_back_once(self, me: User) -> None:
        batch = move_to_bin(user=me, objs=[make_contact(me)])
        restore_from_bin(user=me, batch=batch)
        assert restore_from_bin(user=me, batch=batch).labels == []
        assert Contact.objects.count() == 1
        assert Event.objects.filter(action="restored").count() == 1

    def test_deleted_twice_it_comes_back_from_the_second_time(self, me: User) -> None:
        contact = make_contact(me)
        restore_from_bin(user=me, batch=move_to_bin(user=me, objs=[contact]))
        Contact.objects.update(first_name="Emma")
        restore_from_bin(user=me, batch=move_to_bin(user=me, objs=[contact]))
        assert Contact.objects.get().first_name == "Emma"

    def test_what_is_gone_already_is_passed_over(self, me: User) -> None:
        contact = make_contact(me)
        move_to_bin(user=me, objs=[contact])
        move_to_bin(user=me, objs=[contact])
        assert BinEntry.objects.count() == 1
        assert Event.objects.filter(action="deleted").count() == 1

    def test_secrets_stay_encrypted_in_the_bin(self, me: User) -> None:
        from digiweb.crypto import EncryptedTextField
        from timeline.services import bin_rows

        field = EncryptedTextField(name="secret")
        field.set_attributes_from_name("secret")
        field.model = Department
        holder = Department(pk=1, name="x")
        holder.secret = "s3cret"  # type: ignore[attr-defined]
        kept = bin_rows._to_json(field, holder)
        assert "s3cret" not in kept
        assert bin_rows._from_json(field, kept) == "s3cret"


class TestObstacles:
    def test_a_unique_value_that_was_taken_stops_it_and_nothing_is_written(self, me: User) -> None:
        tags = [make_tag("VIP"), make_tag("Salon")]
        batch = move_to_bin(user=me, objs=tags)
        taken = make_tag("Vip")
        with pytest.raises(ValidationError) as refused:
            restore_from_bin(user=me, batch=batch)
        assert "VIP" in refused.value.messages[0]
        assert list(Tag.objects.all()) == [taken]
        assert not Event.objects.filter(action="restored").exists()
        assert BinEntry.objects.filter(restored_at=None).count() == 2
        taken.delete()
        assert len(restore_from_bin(user=me, batch=batch).labels) == 2

    def test_what_found_another_place_by_now_is_left_there_and_named(self, me: User) -> None:
        company = make_company(me)
        other = make_company(me, name="Autre")
        stays = make_contact(me, last_name="Stays", company=company)
        moved = make_contact(me, last_name="Moved", company=company)
        gone = make_contact(me, last_name="Gone", company=company)
        batch = move_to_bin(user=me, objs=[company])
        Contact.objects.filter(pk=moved.pk).update(company=other)
        Contact.objects.filter(pk=gone.pk).delete()
        lost = restore_from_bin(user=me, batch=batch).lost
        assert len(lost) == 2
        assert any("Moved" in text for text in lost)
        assert Contact.objects.get(pk=stays.pk).company_id == company.pk
        assert Contact.objects.get(pk=moved.pk).company_id == other.pk

    def test_without_its_company_a_contact_comes_back_and_says_so(self, me: User) -> None:
        company = make_company(me)
        tag = make_tag("VIP")
        contact = make_contact(me, company=company, tags=[tag])
        batch = move_to_bin(user=me, objs=[contact])
        company.delete()
        tag.delete()
        lost = restore_from_bin(user=me, batch=batch).lost
        assert len(lost) == 2
        assert Contact.objects.get().company_id is None

    def test_a_record_that_something_needs_is_not_deleted(self, me: User) -> None:
        make_contact(me, owner=me)
        with pytest.raises(ValidationError) as refused:
            move_to_bin(user=None, objs=[me])
        assert "Durand" in refused.value.messages[0]
        assert User.objects.filter(pk=me.pk).exists()
        assert not BinEntry.objects.exists()
        assert not Event.objects.filter(action="deleted").exists()

    def test_what_the_bin_no_longer_has_is_told(self, me: User) -> None:
        with pytest.raises(ValidationError):
            restore_from_bin(user=me, batch=uuid.uuid4())

    def test_a_column_that_came_since_has_its_default_and_one_that_went_is_left_out(self, me: User) -> None:
        contact = make_contact(me)
        batch = move_to_bin(user=me, objs=[contact])
        entry = BinEntry.objects.get()
        entry.rows[0]["fields"].pop("country")
        entry.rows[0]["fields"]["fax"] = "0612345678"
        entry.save()
        restore_from_bin(user=me, batch=batch)
        assert model_to_dict(Contact.objects.get())["country"] == "FR"


class TestFollowers:
    def test_the_app_is_told_what_went_and_what_came(self, me: User, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[tuple[list[str], bool]] = []
        monkeypatch.setattr(the_bin, "_followers", {})
        register_bin(Department, lambda objs, *, came: told.append(([str(obj) for obj in objs], came)))
        department = Department.objects.create(name="Sales")
        batch = move_to_bin(user=me, objs=[department])
        restore_from_bin(user=me, batch=batch)
        assert told == [(["Sales"], False), (["Sales"], True)]

    def test_counts_follow_contacts_into_the_bin_and_back(self, me: User) -> None:
        company = make_company(me)
        contact = make_contact(me, company=company)
        batch = delete_contacts(user=me, pks=[contact.pk])
        assert Company.objects.get().contact_count == 0
        restore_from_bin(user=me, batch=batch)
        assert Company.objects.get().contact_count == 1


class TestPurge:
    def test_after_thirty_days_it_is_gone_for_good_with_its_notes(self, me: User) -> None:
        old, young, back = (make_contact(me, last_name=name) for name in ("Old", "Young", "Back"))
        for contact in (old, young, back):
            Note.objects.create(subject_type="crm.contact", subject_id=contact.pk, author=me, body="…")
        move_to_bin(user=me, objs=[old, young])
        restore_from_bin(user=me, batch=move_to_bin(user=me, objs=[back]))
        month_ago = timezone.now() - timedelta(days=30, seconds=1)
        BinEntry.objects.exclude(subject_id=young.pk).update(deleted_at=month_ago)
        assert purge_bin() == 1
        assert [entry.subject_id for entry in BinEntry.objects.all()] == [young.pk]
        assert set(Note.objects.values_list("subject_id", flat=True)) == {young.pk, back.pk}
        assert Event.objects.filter(action="deleted", subject_id=old.pk).exists()

    def test_the_command_says_how_many(self, me: User, capsys: pytest.CaptureFixture[str]) -> None:
        move_to_bin(user=me, objs=[make_contact(me)])
        BinEntry.objects.update(deleted_at=timezone.now() - timedelta(days=31))
        call_command("purge_bin")
        assert capsys.readouterr().out.strip() == "1"


class TestMany:
    def test_many_contacts_go_and_come_back_batch_by_batch(self, me: User) -> None:
        tag = make_tag("VIP")
        company = make_company(me)
        contacts = Contact.objects.bulk_create(
            [
                Contact(last_name=f"N{number}", email=f"{number}@example.fr", owner=me, company=company)
                for number in range(1_300)
            ],
            batch_size=1000,
        )
        through = Contact.tags.through
        through.objects.bulk_create(
            [through(contact=contact, tag=tag) for contact in contacts], batch_size=2000
        )
        batch = move_to_bin(user=me, objs=contacts)
        assert not Contact.objects.exists()
        assert len(restore_from_bin(user=me, batch=batch).labels) == 1_300
        assert Contact.objects.filter(tags=tag, company=company).count() == 1_300

    def test_the_number_of_queries_does_not_grow_with_the_records(
        self, me: User, django_assert_max_num_queries: Any
    ) -> None:
        contacts = [make_contact(me, last_name=f"N{number}") for number in range(60)]
        with django_assert_max_num_queries(40):
            batch = move_to_bin(user=me, objs=contacts)
        with django_assert_max_num_queries(40):
            restore_from_bin(user=me, batch=batch)
