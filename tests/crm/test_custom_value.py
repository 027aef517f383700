"""Values of custom fields through every door: records are found by just what they hold."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.custom_values import DECIMALS, WHOLE_DIGITS, day_value, number_value, text_value, yes_no_value
from crm.models import Company, Contact, CustomField, Deal
from crm.services.company import change_company, delete_companies
from crm.services.contact import change_contact, change_contacts, delete_contacts
from crm.services.custom_field import delete_field, set_archived
from crm.services.deal import change_deal, delete_deals
from crm.services.merge import best_choice, merge_records, undo_merge
from digiweb.custom import value_of
from people.models import User
from tests.base import client_of, make_cast, make_company, make_contact, make_deal
from tests.crm.customs import assert_found_by_what_they_hold, make_choice, make_field
from timeline.models import Event, Merge
from timeline.services.bin import restore_from_bin
from timeline.words import change_lines

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def fields(cast: dict[str, User]) -> None:
    for subject in ("crm.contact", "crm.company", "crm.deal"):
        make_field(cast["admin"], label="Surnom", subject=subject)
        make_field(cast["admin"], label="Taille", kind="number", subject=subject)
        make_field(cast["admin"], label="Né le", kind="date", subject=subject)
        make_field(cast["admin"], label="Abonné", kind="yes_no", subject=subject)
        make_choice(cast["admin"], "Canal", "Téléphone", "E-mail", subject=subject)


# --- What is typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12 345,6", "12345.6"), ("12\u202f345,60 €", "12345.6"), ("1.234,50", "1234.5"),
        ("1,234.50", "1234.5"),
        ("-0", "0"), ("+7", "7"), (".5", "0.5"), ("007", "7"), ("\u22123", "-3"), (12, "12"), (1.25, "1.25"),
        ("100", "100"), ("1000000", "1000000"), ("", None), ("   ", None),
    ],
)  # fmt: skip
def test_numbers_are_forgiven_their_writing(typed: Any, kept: str | None) -> None:
    assert number_value(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "21/11/2026", "2026-11-21", "21.11.2026", "21-11-26", " 21/11/26 ", "2026-11-21 00:00:00",
        "2026-11-21T00:00:00Z", date(2026, 11, 21),
    ],
)  # fmt: skip
def test_days_are_forgiven_their_writing(typed: Any) -> None:
    assert day_value(typed) == "2026-11-21"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Oui", True), ("non", False), ("X", True), ("VRAI", True), ("0", False), (1, True), (False, False),
        ("", None),
    ],
)  # fmt: skip
def test_yes_and_no_in_many_words(typed: Any, kept: bool | None) -> None:
    assert yes_no_value(typed) is kept


@given(st.decimals(allow_nan=False, allow_infinity=False, places=DECIMALS, min_value=-(10**WHOLE_DIGITS) + 1,
                   max_value=10**WHOLE_DIGITS - 1))  # fmt: skip
def test_what_is_kept_of_a_number_is_read_as_itself(number: Any) -> None:
    kept = number_value(format(number, "f"))
    assert kept is not None
    assert number_value(kept) == kept
    assert CustomField(kind="number").typed(kept) == number


@given(st.text(max_size=300) | st.integers() | st.floats() | st.booleans() | st.lists(st.text()) | st.none())
def test_a_reader_takes_a_value_or_says_why_not(given_value: Any) -> None:
    for reader in (text_value, number_value, day_value, yes_no_value):
        kept = None
        with suppress(ValidationError):
            kept = reader(given_value)
        assert kept is None or reader(kept) == kept


# --- Through every door

WORDS = st.sampled_from(["Mimi", "Lulu", "É t é", "<b>", "שלום", "x" * 255])
NUMBERS = st.sampled_from(["0", "1.5", "-3", "99999999999.9999"])
DAYS = st.sampled_from(["1990-02-28", "2026-11-21"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "custom_surnom": WORDS | st.none(), "custom_taille": NUMBERS | st.none(),
        "custom_ne-le": DAYS | st.none(), "custom_abonne": st.booleans() | st.none(),
        "custom_canal": st.sampled_from(["telephone", "e-mail", None]),
    },
)  # fmt: skip
STEP = st.tuples(
    st.sampled_from(["make", "change", "many", "delete", "restore", "merge", "part", "archive", "forget"]),
    st.integers(0, 5), st.integers(0, 5), VALUES,
)  # fmt: skip
KINDS: dict[Any, Any] = {Contact: make_contact, Company: make_company, Deal: make_deal}
CHANGE: dict[Any, Any] = {
    Contact: lambda user, record, values: change_contact(user=user, contact=record, values=values),
    Company: lambda user, record, values: change_company(user=user, company=record, values=values),
    Deal: lambda user, record, values: change_deal(user=user, deal=record, values=values),
}
DELETE: dict[Any, Any] = {Contact: delete_contacts, Company: delete_companies, Deal: delete_deals}


@pytest.mark.parametrize("model", [Contact, Company, Deal])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=3, max_size=12))
def test_after_any_sequence_of_doors_records_are_found_by_what_they_hold(
    model: Any, steps: list[Any], cast: dict[str, User], fields: None
) -> None:
    admin, hugo = cast["admin"], cast["sales"]
    with transaction.atomic():
        batches: list[Any] = []
        for verb, one, two, values in steps:
            records = list(model.objects.order_by("pk"))
            record = records[one % len(records)] if records else None
            other = records[two % len(records)] if records else None
            match verb:
                case "make":
                    made = KINDS[model](hugo, owner=hugo)
                    CHANGE[model](hugo, made, values)
                case "change" if record:
                    CHANGE[model](hugo, record, values)
                case "many" if records and model is Contact:
                    change_contacts(user=hugo, pks=[each.pk for each in records], values=values)
                case "delete" if record:
                    batches.append(DELETE[model](user=hugo, pks=[record.pk]))
                case "restore" if batches:
                    restore_from_bin(user=hugo, batch=batches.pop())
                case "merge" if record and model is not Deal and record != other:
                    merge_records(user=admin, kept=record, lost=other, take=best_choice(record, other))
                case "part":
                    merge = Merge.objects.filter(undone_at=None).order_by("-pk").first()
                    if merge and model.objects.filter(pk=merge.kept_id).exists():
                        undo_merge(user=admin, merge=merge)
                case "archive":
                    field = CustomField.objects.filter(subject=model._meta.label_lower).order_by("pk")[
                        one % 3
                    ]
                    set_archived(user=admin, field=field, archived=bool(two % 2))
            assert_found_by_what_they_hold()
        transaction.set_rollback(True)


class TestMerging:
    def test_field_by_field_and_back(self, cast: dict[str, User], fields: None) -> None:
        hugo, admin = cast["sales"], cast["admin"]
        kept = make_contact(hugo, owner=hugo, custom={"surnom": "Mimi", "taille": "1"})
        lost = make_contact(hugo, owner=hugo, custom={"surnom": "Lulu", "abonne": True, "taille": "2"})
        assert best_choice(kept, lost) == {"custom_abonne"}
        take = {"custom_abonne", "custom_taille"}
        merge = merge_records(user=admin, kept=kept, lost=lost, take=take)
        kept.refresh_from_db()
        assert kept.custom == {"abonne": True, "surnom": "Mimi", "taille": "2"}
        assert_found_by_what_they_hold()
        change_contact(user=hugo, contact=kept, values={"custom_taille": "3"})
        told = undo_merge(user=admin, merge=merge)
        kept.refresh_from_db()
        assert kept.custom == {"surnom": "Mimi", "taille": "3"}
        assert len(told) == 1, "the size was changed since and is named"
        assert Contact.objects.get(pk=lost.pk).custom == {"surnom": "Lulu", "abonne": True, "taille": "2"}
        assert_found_by_what_they_hold()

    def test_the_page_shows_them_side_by_side(self, cast: dict[str, User], fields: None) -> None:
        hugo, client = cast["sales"], client_of(cast["admin"])
        kept = make_contact(hugo, owner=hugo, custom={"surnom": "Mimi"})
        lost = make_contact(hugo, owner=hugo, custom={"canal": "e-mail", "ancien": "x"})
        url = f"/crm/contacts/merge/?one={kept.pk}&two={lost.pk}"
        page = client.get(url).content.decode()
        assert all(shown in page for shown in ("Surnom", "Mimi", "Canal", "E-mail"))
        assert "ancien" not in page
        sent = {"one": kept.pk, "two": lost.pk, "take_custom_canal": lost.pk}
        assert client.post("/crm/contacts/merge/", sent).status_code == 302
        kept.refresh_from_db()
        assert (value_of(kept, "custom_surnom"), value_of(kept, "custom_canal")) == ("Mimi", "e-mail")


def test_what_comes_back_from_the_bin_after_its_field_is_gone_has_no_value_of_it(
    cast: dict[str, User], fields: None
) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, custom={"surnom": "Mimi", "taille": "1"})
    batch = delete_contacts(user=hugo, pks=[contact.pk])
    delete_field(user=cast["admin"], field=CustomField.objects.get(subject="crm.contact", key="surnom"))
    restore_from_bin(user=hugo, batch=batch)
    contact.refresh_from_db()
    assert contact.custom == {"taille": "1"}
    assert_found_by_what_they_hold()


def test_the_log_reads_when_the_field_is_gone(cast: dict[str, User], fields: None) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, custom={"canal": "e-mail"})
    change_contact(
        user=hugo, contact=contact,
        values={"custom_canal": "telephone", "custom_abonne": False, "custom_taille": "1234.5",
                "custom_ne-le": "1990-02-28"},
    )  # fmt: skip
    CustomField.objects.all().delete()
    event = Event.objects.filter(action="changed").latest("id")
    lines = {
        line["label"]: (line["before"], line["after"]) for line in change_lines("crm.contact", event.changes)
    }
    assert lines == {
        "Canal": ("E-mail", "Téléphone"), "Abonné": ("–", "Non"), "Taille": ("–", "1\u202f234,5"),
        "Né le": ("–", "28/02/1990"),
    }  # fmt: skip
