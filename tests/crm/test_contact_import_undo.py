"""Taking an import back: what it made goes, what it changed returns, what changed since stays."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from crm.models import Company, Contact, ContactImport, ContactImportRow, ContactTag, ContactTally, Tag
from crm.services import contact_import_undo
from crm.services.contact import change_contact, delete_contacts, tag_contacts
from crm.services.contact_import_undo import preview_undo, start_undo, undo_batch, work_off
from digiweb.jobs import LeaseLost
from people.models import User
from tests.base import make_cast, make_company, make_contact
from tests.crm.imports import NoProgress, imported, state_of_house, table, undone, uploaded
from timeline.models import Event, Note
from timeline.services.note import add_note

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ROWS = [f"A{n},B{n},a{n}@x.fr,06 00 00 00 {n:02d},Co {n % 3},Chef,Nantes,France,Lead,Web" for n in range(12)]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def me(cast: dict[str, User]) -> User:
    return cast["sales"]


def house() -> dict[str, Any]:
    """What an undo must bring back; the log and the versions only grow."""
    state = state_of_house()
    state["contacts"] = [(*row[:15], *row[16:]) for row in state["contacts"]]
    return {name: state[name] for name in ("contacts", "companies", "access", "tallies", "notes")}


def contact_of(number: int) -> Contact:
    return Contact.objects.get(email=f"a{number}@x.fr")


class TestWhole:
    def test_the_house_is_as_it_was(self, me: User) -> None:
        company = make_company(me, name="Co 1")
        tag = Tag.objects.create(name="Old", key="old")
        make_contact(
            me, email="a3@x.fr", city="Brest", phone="+33699999999", owner=me, company=company, tags=[tag]
        )
        make_contact(me, email="a4@x.fr", status="client", owner=me)
        before = house()
        header = "prenom,nom,email,telephone,entreprise,poste,ville,pays,statut,source,tags,note"
        rows = [f'{row},"vip, old",Note {n}' for n, row in enumerate(ROWS)]
        run = imported(me, table(*rows, header=header), on_duplicate="update")
        assert (run.created, run.updated) == (10, 2)
        assert house() != before
        run = undone(me, run)
        after = house()
        assert {name: after[name] for name in before} == before
        assert run.state == "undone"
        assert run.undo_report == {"removed": 10, "restored": 2, "companies": 2}

    def test_the_log_keeps_what_was_removed_and_given_back(self, me: User) -> None:
        make_contact(me, email="a0@x.fr", city="Brest", owner=me)
        run = undone(me, imported(me, table(*ROWS[:2]), on_duplicate="update"))
        gone = Event.objects.get(action="deleted", subject_type="crm.contact")
        assert gone.subject_label == "A1 B1"
        assert gone.changes["city"] == ["Nantes", None]
        back = Event.objects.filter(action="changed").latest("id")
        assert back.changes["city"] == ["Nantes", "Brest"]
        assert gone.data == back.data == {"import": run.pk, "undo": True}
        assert Event.objects.filter(action="import_undone", subject_id=run.pk).exists()

    def test_a_contact_created_and_then_updated_by_the_same_file_goes(self, me: User) -> None:
        rows = ["A,B,a@x.fr,,,,Nantes,,,", "A,B,a@x.fr,,,,Brest,,,", "C,D,c@x.fr,,,,,,,"]
        run = undone(me, imported(me, table(*rows), on_duplicate="update"))
        assert not Contact.objects.exists()
        assert run.undo_report == {"removed": 2}

    def test_a_contact_updated_twice_gets_the_values_before_the_first(self, me: User) -> None:
        there = make_contact(me, email="a@x.fr", city="Lyon", source="Web", owner=me)
        rows = ["A,B,a@x.fr,,,,Nantes,,,", "A,B,a@x.fr,,,,Brest,,,Salon"]
        run = undone(me, imported(me, table(*rows), on_duplicate="update"))
        there.refresh_from_db()
        assert (there.city, there.source, there.version) == ("Lyon", "Web", 4)
        assert run.undo_report == {"restored": 1}


class TestChangedSince:
    def test_what_was_changed_since_is_named_and_left(self, me: User) -> None:
        make_contact(me, email="a0@x.fr", city="Brest", owner=me)
        run = imported(me, table(*ROWS[:4]), on_duplicate="update")
        for number in (0, 1):
            change_contact(user=me, contact=contact_of(number), values={"city": "Lille"})
        preview = preview_undo(run)
        assert (preview.removed, preview.restored, preview.left) == (2, 0, 2)
        assert {contact.email for contact in preview.changed} == {"a0@x.fr", "a1@x.fr"}
        run = undone(me, run)
        assert {contact.email: contact.city for contact in Contact.objects.all()} == {
            "a0@x.fr": "Lille",
            "a1@x.fr": "Lille",
        }
        left = ContactImportRow.objects.filter(run=run, undo="left").order_by("number")
        assert [row.contact_id for row in left] == [contact_of(0).pk, contact_of(1).pk]
        assert run.undo_report["left"] == 2

    def test_a_contact_with_a_note_or_a_tag_since_is_not_removed(self, me: User) -> None:
        run = imported(me, table(*ROWS[:3]))
        add_note(user=me, obj=contact_of(0), body="Called")
        tag_contacts(user=me, pks=[contact_of(1).pk], add=[Tag.objects.create(name="VIP", key="vip")])
        run = undone(me, run)
        assert set(Contact.objects.values_list("email", flat=True)) == {"a0@x.fr", "a1@x.fr"}
        assert Note.objects.count() == 1
        assert ContactTag.objects.count() == 1

    def test_what_somebody_deleted_since_is_gone_already(self, me: User) -> None:
        run = imported(me, table(*ROWS[:3]))
        delete_contacts(user=me, pks=[contact_of(0).pk])
        run = undone(me, run)
        assert run.undo_report == {"removed": 2, "gone": 1, "companies": 3}

    def test_a_company_that_found_other_contacts_stays(self, me: User) -> None:
        run = imported(me, table(*ROWS[:3]))
        kept = Company.objects.get(name="Co 0")
        make_contact(me, company=kept, owner=me)
        undone(me, run)
        assert list(Company.objects.all()) == [kept]
        kept.refresh_from_db()
        assert kept.contact_count == 1

    def test_a_company_that_something_needs_stays_and_the_others_go(
        self, me: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = imported(me, table(*ROWS[:3]))
        needed = Company.objects.get(name="Co 1")
        delete = contact_import_undo._delete_companies

        def protecting(run: ContactImport, user: User, companies: list[Company]) -> None:
            delete(run, user, companies)
            if needed in companies:
                raise ProtectedError("Needed", {needed})

        monkeypatch.setattr(contact_import_undo, "_delete_companies", protecting)
        run = undone(me, run)
        assert run.undo_report == {"removed": 3, "companies": 2}
        assert list(Company.objects.all()) == [needed]
        told = Event.objects.filter(action="deleted", subject_type="crm.company")
        assert set(told.values_list("subject_label", flat=True)) == {"Co 0", "Co 2"}
        assert told.count() == 2


class TestStops:
    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_stopped_anywhere_and_taken_up_again_it_ends_the_same(self, me: User, size: int) -> None:
        make_contact(me, email="a3@x.fr", city="Brest", owner=me)
        run = imported(me, table(*ROWS), on_duplicate="update")
        start_undo(user=me, run=run)
        for _time in range(2):
            undo_batch(run=run, user=me, size=size)
        run = ContactImport.objects.get(pk=run.pk)
        work_off(run_id=run.pk, progress=NoProgress(), size=size)  # type: ignore[arg-type]
        run.refresh_from_db()
        assert (run.state, run.undo_report["removed"], run.undo_report["restored"]) == ("undone", 11, 1)
        assert Contact.objects.get().city == "Brest"
        assert {t.status: t.count for t in ContactTally.objects.exclude(count=0)} == {"lead": 1}

    def test_an_undo_that_moved_on_is_left_to_who_has_it(self, me: User) -> None:
        run = imported(me, table(*ROWS))
        start_undo(user=me, run=run)
        stale = ContactImport.objects.get(pk=run.pk)
        undo_batch(run=run, user=me, size=3)
        with pytest.raises(LeaseLost):
            undo_batch(run=stale, user=me, size=3)

    def test_only_an_import_that_ended_and_wrote_something_is_undone(self, me: User) -> None:
        running = uploaded(me, table(*ROWS))
        nothing = imported(me, table("A,B,wrong,,,,,,,"))
        once = undone(me, imported(me, table(*ROWS)))
        for run in (running, nothing, once):
            with pytest.raises(ValidationError):
                start_undo(user=me, run=run)
