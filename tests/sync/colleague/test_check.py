"""`manage.py check_colleague_api`: what conforms, what does not, what cannot be read."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from sync.models import Call
from tests.fixtures.provider import Server, raw, status
from tests.sync.colleague.server import body, contract, cut, prospect

THREE = [prospect(number) for number in (1, 2, 3)]


def check(*words: Any, **options: Any) -> tuple[int, str]:
    """(exit code, what was printed)."""
    out = io.StringIO()
    try:
        with translation.override("en"):
            call_command("check_colleague_api", *map(str, words), stdout=out, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def saved(folder: Path, prospects: Any, name: str = "list.json") -> Path:
    path = folder / name
    data = body(prospects)
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    return path


def figure(text: str, label: str) -> int:
    (line,) = [each for each in text.splitlines() if each.strip().startswith(label)]
    return int(line.split()[-1])


@pytest.mark.parametrize("name", ["list.json", "list.json.gz"])
def test_a_file_that_conforms_is_zero(tmp_path: Path, name: str) -> None:
    code, text = check(saved(tmp_path, THREE, name))
    assert code == 0
    assert "It conforms." in text
    assert (figure(text, "Prospects"), figure(text, "Contracts")) == (3, 9)


def test_faults_are_counted_shown_by_kind_and_masked(tmp_path: Path) -> None:
    wrong = [
        prospect(
            10 + each,
            email="anne at home",
            informationsPaiement=[{"IBAN": "FR7630006000011234567890188"}],
            Souscription=[{"contrats": [contract(f"A-{each}", montant="un peu"), {"statut": "Signé"}]}],
        )
        for each in range(20)
    ]
    refused = prospect(99, email=None, telephone="secret", nom="Duchemin")
    code, text = check(saved(tmp_path, [*THREE, *wrong, refused]), first=2)
    assert code == 1
    assert "It does not conform." in text
    assert figure(text, "refused whole") == 1
    assert figure(text, "without a fault") == 3
    assert "Souscription[].contrats[].montant × 20" in text
    assert text.count("Souscription[0].contrats[0].montant") == 2
    assert "“1 234,56 €”" in text
    assert '"un peu"' in text
    for secret in ("anne", "Duchemin", "secret", "1234567890188", "exemple.fr"):
        assert secret not in text


def test_doubles_unknown_statuses_and_unknown_keys_are_told(tmp_path: Path) -> None:
    one, two = prospect(1, couleur="bleu"), prospect(2, telephone=prospect(1)["telephone"])
    two["email"] = one["email"].upper()
    two["Souscription"] = [{"contrats": [contract("CTR-1-0", statut="Gelé")]}]
    code, text = check(saved(tmp_path, [one, two]))
    assert code == 1
    assert "CTR-1-0 × 2" in text
    assert "Gelé × 1" in text
    assert "couleur × 1" in text
    assert "a…@e….fr × 2" in text
    assert "+33…78 × 2" in text
    # A status that is new is no fault.
    two["Souscription"][0]["contrats"][0]["titre"] = "CTR-2-9"
    assert check(saved(tmp_path, [one, two]))[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "answered nothing"),
        (b"<html>", "web page"),
        (b"{}", "no list"),
        ('[{"nom": "é"}]'.encode("latin-1"), "UTF-8"),
        (body(THREE)[:-20], "cut"),
        (b"\x1f\x8b\x08broken", "It could not be read"),
    ],
)
def test_what_cannot_be_read_is_two(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(content)
    code, text = check(path)
    assert code == 2
    assert said in text
    assert check(tmp_path / "nowhere.json")[0] == 2


@pytest.mark.django_db
def test_an_address_is_asked_over_the_line(endpoint: Server, settings: Any) -> None:
    endpoint.answers["/list"] = THREE
    code, text = check(settings.EXTERNAL_API_URL + "?x=1", header="X-Key: of-the-colleague")
    assert (code, figure(text, "Prospects")) == (0, 3)
    assert endpoint.requests[0][4]["X-Key"] == "of-the-colleague"
    assert not Call.objects.exists()
    endpoint.answers["/list"] = cut(body(THREE), len(body(THREE)) - 20)
    code, text = check(settings.EXTERNAL_API_URL)
    assert (code, figure(text, "Prospects")) == (2, 2)
    endpoint.answers["/list"] = raw(json.dumps([prospect(1, email=3, telephone=None)]).encode())
    assert check()[0] == 1
    settings.EXTERNAL_API_TRIES = 1
    endpoint.answers["/list"] = status(500)
    assert check()[0] == 2


@pytest.mark.django_db
def test_without_a_word_the_address_and_token_that_are_set_are_used(endpoint: Server, settings: Any) -> None:
    settings.EXTERNAL_API_TOKEN = "ours"
    endpoint.answers["/list"] = THREE
    assert check()[0] == 0
    assert endpoint.requests[0][4]["Authorization"] == "ours"
    other = f"{endpoint.url}/list?elsewhere"
    check(other)
    assert "Authorization" not in endpoint.requests[1][4]
