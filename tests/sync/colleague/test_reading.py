"""One prospect of the colleague's: whatever was sent gives clean values, or faults that say where and why."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation

from sync.colleague.faults import DEEPEST, Effect, Fault, fault
from sync.colleague.keys import digest_of
from sync.colleague.reading import MOST_TOLD, read_prospect
from sync.colleague.words import TABLES, meaning
from tests.sync.colleague.readings import NOW, one, read, told
from tests.sync.colleague.server import BIC, IBAN, SELLER, contract, prospect


def test_the_sample_is_read_whole_and_without_a_fault() -> None:
    reading = read_prospect(prospect(7))
    assert (reading.faults, reading.notices, reading.ignored, reading.complete) == ((), (), frozenset(), True)
    found = reading.prospect
    assert found is not None
    assert (found.number, found.first_name, found.last_name) == (7, "Anne", "Dupont")
    assert (found.email, found.phone) == ("anne.dupont7@exemple.fr", "+33600005678")
    assert found.salesperson_id == UUID(SELLER)
    assert found.salesperson is not None
    assert found.salesperson.email == "sales@digiweb.test"
    assert [(each.iban, each.bic) for each in found.bank_details] == [(IBAN, BIC)]
    assert found.subscriptions[0].offer is not None
    assert found.subscriptions[0].offer.name == "Site vitrine"
    first = found.contracts[0]
    assert (first.reference, first.status, first.status_text) == ("CTR-7-0", "validated", "Validé")
    assert (first.signed_on, first.validated_on) == (date(2026, 3, 31), date(2026, 4, 2))
    assert (first.amount, first.supplier, first.kind) == (Decimal("1490.00"), "DigiWeb", "Création")
    assert first.says("amount")
    assert not first.says("ends_on")


def test_an_unknown_status_is_kept_and_noticed() -> None:
    found, reading = one(statut="Sous réserve 🎉")
    assert (found.status, found.status_text) == ("unknown", "Sous réserve 🎉")
    assert told(reading) == [("Souscription[0].contrats[0].statut", "unknown_status", "kept")]
    assert "Sous réserve" in reading.notices[0].reason


def test_no_word_stands_for_two_things() -> None:
    for name, table in TABLES.items():
        for value, words in table.items():
            assert {meaning(name, word) for word in words.split("|")} == {value}


def test_null_says_that_there_is_nothing_and_a_missing_key_says_nothing() -> None:
    found, reading = one(montant=None, fournisseur="", statut=None)
    assert (found.amount, found.supplier, found.status) == (None, "", "")
    assert found.says("amount")
    assert found.says("supplier")
    assert not reading.faults
    bare = read(prospect(Souscription=[{"contrats": [{"titre": "A"}]}])).contracts[0]
    assert not bare.says("amount")
    assert not bare.says("status")


def test_a_contract_without_a_reference_is_left_out_and_the_others_stay() -> None:
    for bad in ({}, {"titre": None}, {"titre": ""}, {"titre": ["A"]}, {"titre": "x" * 121}, "A", None, 3):
        raw = prospect(Souscription=[{"contrats": [contract("A"), bad, contract("B")]}])
        reading = read_prospect(raw)
        assert reading.prospect is not None
        assert [each.reference for each in reading.prospect.contracts] == ["A", "B"]
        assert {each.effect for each in reading.faults} == {Effect.LEFT_OUT}
        assert reading.faults[0].path.startswith("Souscription[0].contrats[1]")
        assert not reading.complete


def test_references_that_are_numbers_are_texts() -> None:
    assert one(titre=1042)[0].reference == "1042"


def test_a_reference_twice_in_a_prospect_counts_once() -> None:
    reading = read_prospect(
        prospect(Souscription=[{"contrats": [contract("A")]}, {"contrats": [contract("A")]}])
    )
    assert reading.prospect is not None
    assert len(reading.prospect.contracts) == 1
    assert told(reading) == [("Souscription[1].contrats[0].titre", "twice", "left_out")]


def test_who_cannot_be_matched_is_refused() -> None:
    for changes in (
        {"email": None, "telephone": None},
        {"email": "n'importe quoi", "telephone": ""},
        {"email": ["a@b.fr"], "telephone": {"mobile": "06"}},
        {"email": "a@b", "telephone": "12"},
    ):
        reading = read_prospect(prospect(**changes))
        assert reading.prospect is None
        assert reading.number == 1
        assert reading.faults[-1].effect is Effect.REFUSED
    for raw in (None, 12, "Dupont", [], [{}], True):
        assert told(read_prospect(raw)) == [("", "type", "refused")]


def test_one_of_e_mail_and_phone_suffices() -> None:
    reading = read_prospect(prospect(email="nulle part", telephone=612345678))
    assert reading.prospect is not None
    assert (reading.prospect.email, reading.prospect.phone) == ("", "+33612345678")
    assert told(reading) == [("email", "email", "emptied")]


def test_bank_numbers_are_checked_and_never_shown() -> None:
    wrong = "FR7630006000011234567890188"
    raw = prospect(
        informationsPaiement=[
            {"IBAN": "FR76 3000 6000 0112 3456 7890 189", "BIC": "agrifrpp"},
            {"IBAN": IBAN},
            {"IBAN": wrong, "BIC": BIC},
            {"IBAN": "DE89370400440532013000", "BIC": "COBADEFFXXY9"},
            {"BIC": BIC, "note": f"compte {wrong}"},
            {"IBAN": [wrong]},
        ],
        identityCard={"iban": wrong, "n": "x" * 6000},
    )
    reading = read_prospect(raw)
    assert reading.prospect is not None
    assert [(each.iban, each.bic) for each in reading.prospect.bank_details] == [
        (IBAN, ""),
        ("DE89370400440532013000", ""),
    ]
    assert [each.code for each in reading.faults] == [
        "too_long", "iban", "bic", "missing", "type",
    ]  # fmt: skip
    everything = repr(reading) + json.dumps([each.as_json() for each in reading.faults])
    assert IBAN not in everything
    assert wrong not in everything
    assert "COBADEFFXXY9" not in everything


def test_personal_data_can_be_shown_masked() -> None:
    reading = read_prospect(prospect(email="anne chez exemple", telephone="0", nom="Dupont"))
    assert reading.prospect is None
    for each in reading.faults:
        assert "anne" not in each.masked
        assert "Dupont" not in each.masked
    assert "anne chez exemple" in reading.faults[0].piece


def test_texts_are_neither_cut_nor_made_up() -> None:
    for sent, code in (
        ("x" * 161, "too_long"),
        ("x" * 1_000_000, "too_long"),
        ("NUL\0", "control"),
        ("cloche\x07", "control"),
        ("demi \ud83d", "control"),
        (12, "type"),
        ({"nom": "A"}, "type"),
    ):
        found, reading = one(fournisseur=sent)
        assert (found.supplier, found.says("supplier")) == ("", False)
        assert told(reading) == [("Souscription[0].contrats[0].fournisseur", code, "emptied")]
        assert len(reading.faults[0].piece) < 1100
    found, reading = one(fournisseur="  Agence\u00a0 🚀 👩‍👩‍👧 \n", description="Ligne 1\r\nLigne 2")
    assert (found.supplier, found.description) == ("Agence 🚀 👩‍👩‍👧", "Ligne 1\nLigne 2")
    assert not reading.faults


def test_what_changed_last_is_inherited_by_the_pieces() -> None:
    raw = prospect(
        updatedAt="2026-05-01T10:00:00+02:00",
        Souscription=[
            {"contrats": [contract("A"), contract("B", updatedAt="2026-06-01T08:00:00.123456789Z")]}
        ],
    )
    first, second = read(raw).contracts
    assert first.updated_at == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert second.updated_at == datetime(2026, 6, 1, 8, 0, 0, 123456, tzinfo=UTC)
    for sent, code in (
        ("2026-05-01T10:00:00", "zone"),
        ("2026-05-01", "moment"),
        ("2027-05-01T10:00:00Z", "future"),
        (1777622400, "type"),
        ("0001-01-01T00:00:00+12:00", "moment"),
    ):
        reading = read_prospect(prospect(updatedAt=sent), now=NOW)
        assert told(reading) == [("updatedAt", code, "emptied")]
        assert reading.prospect is not None
        assert reading.prospect.updated_at is None


def test_an_end_before_the_start_is_told() -> None:
    found, reading = one(dateDebut="2026-05-01", dateFin="2026-04-30")
    assert (found.starts_on, found.says("ends_on"), found.ends_on) == (date(2026, 5, 1), False, None)
    assert told(reading) == [("Souscription[0].contrats[0].dateFin", "order", "emptied")]


def test_methods_and_days_of_payment() -> None:
    found, reading = one(modePaiement="Prélèvement SEPA", jourPrelevement=5)
    assert (found.payment_method, found.withdrawal_day, reading.faults) == ("debit", 5, ())
    found, reading = one(modePaiement="Troc", jourPrelevement=32)
    assert (found.payment_method, found.withdrawal_day) == ("other", None)
    assert [each.code for each in (*reading.faults, *reading.notices)] == ["range", "unknown_method"]


def test_payments_have_a_reference_of_their_own_or_one_that_is_made() -> None:
    paid = {"date": "2026-05-05", "montant": 49}
    raw = prospect(
        Souscription=[
            {
                "contrats": [contract("A", paiements=[paid, paid, {"reference": "P-1", "montant": -10}, {}])],
                "paiements": [{"reference": "P-1", **paid}, {**paid, "statut": "Impayé", "mode": "CB"}],
            }
        ]
    )
    reading = read_prospect(raw)
    assert reading.prospect is not None
    subscription = reading.prospect.subscriptions[0]
    assert [each.reference for each in subscription.contracts[0].payments] == [
        "2026-05-05 49.00",
        "2026-05-05 49.00 (2)",
        "P-1",
    ]
    assert [(each.reference, each.status, each.method) for each in subscription.payments] == [
        ("2026-05-05 49.00 (3)", "rejected", "card")
    ]
    assert [each.code for each in reading.faults] == ["bare", "twice"]


def test_a_salesperson_may_be_missing_or_wrong_without_harm() -> None:
    assert read(prospect(commercial=None)).salesperson is None
    assert read(prospect(commercial=None)).says("salesperson")
    assert not read(prospect(commercial="Hugo")).says("salesperson")
    found = read_prospect(prospect(commercial={"id": 4, "email": "hugo"}))
    assert [each.path for each in found.faults] == ["commercial.id", "commercial.email"]
    other = "00000000-0000-4000-8000-000000000001"
    reading = read_prospect(prospect(commercialId=other))
    assert told(reading) == [("commercialId", "another", "kept")]
    assert reading.prospect is not None
    assert reading.prospect.salesperson_id == UUID(SELLER)


def test_lists_that_are_none_tell_nothing() -> None:
    reading = read_prospect(prospect(Souscription={"contrats": []}, informationsPaiement="FR76"))
    assert [each.code for each in reading.faults] == ["type", "type"]
    assert not reading.complete
    nothing = read_prospect(prospect(Souscription=None, informationsPaiement=None))
    assert (nothing.faults, nothing.complete) == ((), True)


def test_keys_that_nobody_asked_for_are_counted_once() -> None:
    raw = prospect(couleur="bleu", Souscription=[{"contrats": [contract("A", x=1), contract("B", x=2)]}])
    assert read_prospect(raw).ignored == {"couleur", "Souscription.contrats.x"}


def test_faults_are_bounded_and_the_rest_is_counted() -> None:
    reading = read_prospect(prospect(Souscription=[{"contrats": [None] * 5000}]))
    assert (len(reading.faults), reading.untold) == (MOST_TOLD, 5000 - MOST_TOLD)


def test_an_identity_card_is_any_object_of_a_reasonable_size() -> None:
    given_card = {"n": 12, "x": Decimal("1.5"), "l": [None, True, {"é": "è"}], "big": Decimal("1e20")}
    card = read(prospect(identityCard=given_card)).identity_card
    assert json.loads(json.dumps(card)) == {"n": 12, "x": 1.5, "l": [None, True, {"é": "è"}], "big": 10**20}
    deep: Any = []
    for _each in range(50):
        deep = [deep]
    for bad in ([], "carte", {"a": deep}, {"a": "\0"}, {"a": [0] * 3000}, {"a": Decimal("1e999999999")}):
        reading = read_prospect(prospect(identityCard=bad))
        assert [each.path for each in reading.faults] == ["identityCard"]


def test_a_fault_speaks_the_language_of_who_reads_it_and_survives_json() -> None:
    found = fault("montant", "type", Effect.EMPTIED, [1], expected="number", given="list")
    again = Fault.from_json(json.loads(json.dumps(found.as_json())))
    assert again == found
    with translation.override("en"):
        assert again.reason == "A number is expected, a list was sent."
        assert again.effect_label == "field not taken"


def test_what_is_shown_of_a_piece_is_not_deeper_than_one_can_read() -> None:
    deep: Any = "secret"
    for _each in range(900):
        deep = [deep]
    shown = json.loads(fault("x", "type", Effect.EMPTIED, deep, expected="text", given="list").piece)
    depth = 0
    while isinstance(shown, list):
        shown, depth = shown[0], depth + 1
    assert (shown, depth) == ("…", DEEPEST)


def test_a_digest_tells_whether_something_changed() -> None:
    one = prospect(1)
    assert digest_of(one) == digest_of(dict(reversed(one.items())))
    assert digest_of(one) != digest_of(prospect(1, nom="Durand"))
    assert len(digest_of({"nom": "\ud83d"})) == 40
