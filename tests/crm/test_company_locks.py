"""Two people work on a company and its contacts: no work is lost, neither waits for the other for ever."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from crm.models import Company, Contact
from crm.services.company import change_company, delete_companies
from crm.services.contact import change_contact, change_contacts
from crm.services.merge import merge_records
from people.models import User
from tests.base import make_cast, make_company, make_contact

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


class Meanwhile:
    """Something that somebody else does as soon as we come by a place, as far as they get in a second."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act
        self.trouble: Exception | None = None
        # Whether it came to its end before we went on.
        self.was_free = False
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.act()
        except Exception as error:
            self.trouble = error
        finally:
            connection.close()

    def come_by(self) -> None:
        if not self.thread.ident:
            self.thread.start()
            self.thread.join(1)
            self.was_free = not self.thread.is_alive()

    def end(self) -> None:
        self.thread.join()
        assert self.trouble is None


def when(monkeypatch: pytest.MonkeyPatch, place: str, meanwhile: Meanwhile) -> None:
    """Let it happen just before the function at `place` runs."""
    module, _dot, name = place.rpartition(".")
    original: Any = getattr(pytest.importorskip(module), name)

    def first(*args: Any, **kwargs: Any) -> Any:
        meanwhile.come_by()
        return original(*args, **kwargs)

    monkeypatch.setattr(place, first)


def test_who_renames_a_contact_while_its_company_is_renamed_is_found_by_both_names(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(cast["admin"])
    contact = make_contact(cast["admin"], company=company)
    mine = Contact.objects.get(pk=contact.pk)
    meanwhile = Meanwhile(
        lambda: change_contact(user=cast["sales"], contact=mine, values={"last_name": "Lemaire"})
    )
    original = Contact.derive_search_text

    def derive(self: Contact) -> str:
        # Read already, not written yet.
        words = original(self)
        if threading.current_thread() is threading.main_thread():
            meanwhile.come_by()
        return words

    monkeypatch.setattr(Contact, "derive_search_text", derive)
    change_company(user=cast["admin"], company=company, values={"name": "Pâtisserie Roux"})
    meanwhile.end()
    found = Contact.objects.get(pk=contact.pk)
    assert {"lemaire", "patisserie"} <= set(found.search_text.split())


@pytest.mark.parametrize("verb", ["rename", "delete", "merge"])
def test_who_gives_a_contact_away_meets_no_one_who_works_on_its_company(
    verb: str, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    company, other = make_company(cast["admin"]), make_company(cast["admin"], name="Garage Petit")
    contact = make_contact(cast["admin"], owner=cast["sales"], company=company)
    mine = Contact.objects.get(pk=contact.pk)
    meanwhile = Meanwhile(
        lambda: change_contact(user=cast["admin"], contact=mine, values={"owner": cast["sales2"]})
    )
    if verb == "rename":
        when(monkeypatch, "crm.services.company.reword_contacts", meanwhile)
        change_company(user=cast["admin"], company=company, values={"name": "Pâtisserie Roux"})
    elif verb == "delete":
        when(monkeypatch, "crm.services.company.move_to_bin", meanwhile)
        delete_companies(user=cast["admin"], pks=[company.pk])
    else:
        when(monkeypatch, "crm.services.merge.absorb", meanwhile)
        merge_records(user=cast["admin"], kept=other, lost=company, take=set())
    meanwhile.end()
    assert Contact.objects.get(pk=contact.pk).owner == cast["sales2"]


@pytest.mark.parametrize("given", ["owner", "status"])
def test_a_change_of_many_contacts_leaves_people_free_and_companies_that_it_does_not_touch(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    company = make_company(cast["admin"])
    contact = make_contact(cast["admin"], owner=cast["sales"], company=company)

    def work() -> None:
        User.objects.filter(pk=cast["sales"].pk).update(phone="+33612345678")
        if given == "status":  # who sees a company follows the owners of its contacts
            Company.objects.filter(pk=company.pk).update(city="Lyon")

    meanwhile = Meanwhile(work)
    when(monkeypatch, "crm.services.contact.change_many", meanwhile)
    values: dict[str, Any] = {"owner": {"owner": cast["sales2"]}, "status": {"status": "client"}}[given]
    change_contacts(user=cast["admin"], pks=[contact.pk], values=values)
    meanwhile.end()
    assert meanwhile.was_free
