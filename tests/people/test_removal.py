"""Removing a member: nothing stays without somebody to look after it, and access ends at once (SPEC T9)."""

from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from crm.models import Company, Contact
from digiweb.leases import runs
from people.hand_over import HISTORY, owned_kinds
from people.jobs import hand_over, tell_of_removal
from people.models import APIToken, FormerMember, User
from people.services.hand_over import archived_data
from people.services.removal import remove_member
from people.services.token import make_token
from tests.base import client_of, make_cast, make_company, make_contact, make_role, make_user
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


def address(person: User) -> str:
    return f"/settings/team/{person.pk}/remove/"


def everything_to(person: User) -> dict[str, User]:
    return {kind.model: person for kind in owned_kinds()}


def work_off(run: Any) -> None:
    """What the worker does with the hand-over and the messages around it."""
    for one in runs().filter(func="people.jobs.tell_of_removal").order_by("pk"):
        tell_of_removal(**one.kwargs)
    hand_over(**run.kwargs, progress=Steps())


class Steps:
    """Stands where a worker's progress does."""

    def set(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def test_every_model_with_an_owner_is_handed_over_or_named_as_history() -> None:
    """By the scope that a model declares, and by the name of the column (companies: sight goes further)."""
    owned = {
        model._meta.label_lower
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey)
        and column.related_model is User
        and column.name in ("owner", getattr(getattr(model, "ownership", None), "path", ""))
    }
    covered = {kind.model for kind in owned_kinds()}
    assert owned - set(HISTORY) == covered
    assert set(HISTORY) <= owned


class TestService:
    def test_access_ends_at_once_and_everything_passes_to_the_successor(self, cast: dict[str, Any]) -> None:
        hugo, ines, admin = cast["sales"], cast["sales2"], cast["admin"]
        contacts = [make_contact(hugo, owner=hugo) for _ in range(3)]
        company = make_company(hugo, owner=hugo)
        make_token(user=hugo, name="Script")
        client = client_of(hugo)
        run = remove_member(user=admin, person=hugo, successors=everything_to(ines))
        assert client.get("/crm/contacts/").status_code == 302
        assert not APIToken.objects.filter(user=hugo, revoked_at=None).exists()
        assert JobRun.objects.get(key=f"removal-{hugo.pk}") == run
        work_off(run)
        assert {Contact.objects.get(pk=one.pk).owner for one in contacts} == {ines}
        assert Company.objects.get(pk=company.pk).owner == ines
        assert Company.objects.visible_to(ines).filter(pk=company.pk).exists()
        hugo.refresh_from_db()
        assert (hugo.is_active, hugo.removed_at, hugo.email) == (False, None, "sales@digiweb.test")

    def test_each_kind_may_go_to_somebody_else(self, cast: dict[str, Any]) -> None:
        hugo, ines, claire = cast["sales"], cast["sales2"], cast["manager"]
        contact, company = make_contact(hugo, owner=hugo), make_company(hugo, owner=hugo)
        heirs = {**everything_to(ines), "crm.company": claire}
        work_off(remove_member(user=cast["admin"], person=hugo, successors=heirs))
        assert Contact.objects.get(pk=contact.pk).owner == ines
        assert Company.objects.get(pk=company.pk).owner == claire

    def test_nothing_is_removed_without_somebody_to_take_over(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        make_contact(hugo, owner=hugo)
        for heirs in ({}, everything_to(hugo), everything_to(cast["marketing"])):
            with pytest.raises(ValidationError):
                remove_member(user=cast["admin"], person=hugo, successors=heirs)
        hugo.refresh_from_db()
        assert hugo.is_active

    def test_killed_in_the_middle_it_goes_on_where_it_stopped(
        self, cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        monkeypatch.setattr("people.services.hand_over.BATCH", 2)
        for _ in range(5):
            make_contact(hugo, owner=hugo)
        run = remove_member(user=cast["admin"], person=hugo, successors=everything_to(ines), for_good=True)

        class Killed(Steps):
            def set(self, done: int, total: int) -> None:
                if done > 2:
                    raise SystemExit

        with pytest.raises(SystemExit):
            hand_over(**run.kwargs, progress=Killed())
        assert Contact.objects.filter(owner=hugo).count() == 3
        hand_over(**run.kwargs, progress=Steps())
        hand_over(**run.kwargs, progress=Steps())
        assert Contact.objects.filter(owner=ines).count() == 5
        assert FormerMember.objects.filter(user=hugo).count() == 1
        assert Event.objects.filter(action="archived").count() == 1

    def test_for_good_the_personal_data_is_archived_and_the_address_is_free_again(
        self, cast: dict[str, Any]
    ) -> None:
        hugo, admin = cast["sales"], cast["admin"]
        User.objects.filter(pk=hugo.pk).update(phone="+33612345678", job_title="Commercial")
        work_off(remove_member(user=admin, person=hugo, successors={}, for_good=True))
        hugo.refresh_from_db()
        assert (hugo.full_name, hugo.phone, hugo.role, hugo.status) == ("Hugo Lefèvre", "", None, "removed")
        data = archived_data(hugo.former)
        assert data["email"] == "sales@digiweb.test"
        assert (data["phone"], data["role"], data["manager"]) == ("+33612345678", "Vente", "Claire Fontaine")
        make_user("sales")
        page = client_of(admin).get(hugo.get_absolute_url()).content.decode()
        assert "sales@digiweb.test" in page
        with pytest.raises(ValidationError):
            remove_member(user=admin, person=hugo, successors={})

    def test_the_page_of_who_was_removed_offers_no_change(self, cast: dict[str, Any]) -> None:
        hugo, admin = cast["sales"], cast["admin"]
        User.objects.filter(pk=hugo.pk).update(phone="+33612345678", start_date="2023-11-22")
        work_off(remove_member(user=admin, person=hugo, successors={}, for_good=True))
        path = hugo.get_absolute_url()
        page = client_of(admin).get(path)
        assert page.context["record"]["actions"] == []
        assert f"{path}edit/" not in page.content.decode()
        assert f"{path}targets/" not in page.content.decode()
        assert "removed.invalid" not in page.content.decode()
        archived = [value for _label, value in page.context["archived"]]
        assert "06 12 34 56 78" in archived
        assert "22/11/2023" in archived
        assert not [value for value in archived if "T" in value and ":" in value]

    def test_only_those_who_may_see_the_records_are_offered(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        make_contact(hugo, owner=hugo)
        form = client_of(cast["admin"]).get(f"{hugo.get_absolute_url()}remove/").context["form"]
        for name in ("to", "to_crm_contact"):
            offered = {pk for pk, _label in form.fields[name].choices}
            assert cast["sales2"].pk in offered
            assert cast["marketing"].pk not in offered

    def test_whom_they_managed_gets_their_manager(self, cast: dict[str, Any]) -> None:
        director = make_user("director", "Odile", "Roy", cast["admin"].role)
        User.objects.filter(pk=cast["manager"].pk).update(manager=director)
        remove_member(user=cast["admin"], person=cast["manager"], successors={})
        assert User.objects.get(pk=cast["sales"].pk).manager == director

    def test_manager_and_successor_are_told_by_mail(self, cast: dict[str, Any]) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        make_contact(hugo, owner=hugo)
        work_off(remove_member(user=cast["admin"], person=hugo, successors=everything_to(ines)))
        told = {message.to[0]: message for message in mail.outbox}
        assert set(told) == {ines.email, cast["manager"].email}
        assert "Hugo Lefèvre" in told[ines.email].subject
        assert "- 1 contact" in told[ines.email].body
        assert "contact" not in told[cast["manager"].email].body

    def test_oneself_the_last_administrator_and_those_above_cannot_be_removed(
        self, cast: dict[str, Any]
    ) -> None:
        admin = cast["admin"]
        with pytest.raises(ValidationError):
            remove_member(user=admin, person=admin, successors={})
        head = make_user("head", role=make_role("head", people_user=("all", ["view", "change", "delete"])))
        with pytest.raises(PermissionDenied):
            remove_member(user=head, person=admin, successors={})
        with pytest.raises(PermissionDenied):
            remove_member(user=cast["manager"], person=cast["sales"], successors={})


class TestPage:
    def test_it_asks_who_takes_over_and_says_how_many(self, cast: dict[str, Any]) -> None:
        make_contact(cast["sales"], owner=cast["sales"])
        page = client_of(cast["admin"]).get(address(cast["sales"])).content.decode()
        assert 'name="to"' in page
        assert "1 contact" in page

    def test_without_a_successor_it_says_so_beside_the_field(self, cast: dict[str, Any]) -> None:
        make_contact(cast["sales"], owner=cast["sales"])
        answer = client_of(cast["admin"]).post(address(cast["sales"]), {"way": "deactivate"})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"to"}
        assert User.objects.get(pk=cast["sales"].pk).is_active

    def test_a_successor_without_the_right_is_refused_by_name(self, cast: dict[str, Any]) -> None:
        make_contact(cast["sales"], owner=cast["sales"])
        data = {"way": "deactivate", "to": cast["marketing"].pk}
        answer = client_of(cast["admin"]).post(address(cast["sales"]), data)
        assert answer.status_code == 422
        assert "Léa Roux" in answer.content.decode()

    def test_for_good_wants_the_name_typed(self, cast: dict[str, Any]) -> None:
        client = client_of(cast["admin"])
        answer = client.post(address(cast["sales"]), {"way": "for_good", "name": "Hugo"})
        assert answer.status_code == 422
        assert User.objects.get(pk=cast["sales"].pk).is_active
        answer = client.post(address(cast["sales"]), {"way": "for_good", "name": "hugo  lefèvre"})
        assert answer.status_code == 302
        assert answer.url.startswith("/jobs/")

    def test_who_left_for_good_is_in_the_list_only_when_asked_for(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        work_off(remove_member(user=cast["admin"], person=hugo, successors={}, for_good=True))
        client = client_of(cast["admin"])
        assert "Hugo" not in client.get("/settings/team/?all=1").content.decode()
        assert "Hugo" in client.get("/settings/team/?status=removed").content.decode()
        assert client.post(f"/settings/team/{hugo.pk}/activate/").status_code == 302
        hugo.refresh_from_db()
        assert not hugo.is_active
