"""docs/colleague-api.yaml is valid OpenAPI, and says what the reader does."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.conf import settings
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from sync.colleague import fields
from sync.colleague.reading import read_prospect
from tests.sync.colleague.server import prospect

DOCUMENT: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "docs" / "colleague-api.yaml").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
PAGE = DOCUMENT["paths"]["/prospects"]["get"]["responses"]["200"]["content"]["application/json"]
EXAMPLES = {name: each["value"] for name, each in PAGE["examples"].items()}
VALIDATOR = Draft202012Validator(
    {"$ref": "#/components/schemas/Prospect", "components": DOCUMENT["components"]},
    format_checker=None,
)
TABLES = {
    "Prospect": (fields.PROSPECT, "prospect"),
    "Salesperson": (fields.SALESPERSON, ""),
    "BankDetails": (fields.BANK_DETAILS, ""),
    "Subscription": (fields.SUBSCRIPTION, "subscription"),
    "Offer": (fields.OFFER, ""),
    "Contract": (fields.CONTRACT, "contract"),
    "Payment": (fields.PAYMENT, ""),
}
(WHOLE,) = EXAMPLES["whole"]


def test_it_is_valid_openapi() -> None:
    validate_schema(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("name", TABLES)
def test_it_names_the_keys_that_are_read_and_those_that_are_compulsory(name: str) -> None:
    table, kind = TABLES[name]
    read = {each.key for each in table} | set(fields.PARTS.get(kind, ())) | {fields.UPDATED}
    assert set(SCHEMAS[name]["properties"]) == read
    assert set(SCHEMAS[name].get("required", ())) == {each.key for each in table if each.wanted}


@pytest.mark.parametrize("name", TABLES)
def test_lengths_are_those_of_the_reader(name: str) -> None:
    """A text of exactly so many characters is taken, one more is not."""
    table, _kind = TABLES[name]
    checked = 0
    for each in table:
        schema = SCHEMAS[name]["properties"][each.key]
        if schema.get("type") not in ("string", ["string", "null"]) or "maxLength" not in schema:
            continue
        if each.key in ("email", "IBAN", "BIC"):
            continue
        assert each.read("é" * schema["maxLength"])
        with pytest.raises(fields.values.Wrong):
            each.read("é" * (schema["maxLength"] + 1))
        checked += 1
    assert checked or name in ("BankDetails", "Payment")


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_examples_conform_and_are_read_without_a_fault(name: str) -> None:
    for each in EXAMPLES[name]:
        VALIDATOR.validate(each)
        reading = read_prospect(each)
        assert (reading.faults, reading.notices, reading.ignored) == ((), (), frozenset())
        assert reading.prospect is not None
        assert reading.prospect.contracts


def test_the_whole_example_shows_every_key() -> None:
    (subscription,) = WHOLE["Souscription"]
    shown = {
        "Prospect": WHOLE,
        "Salesperson": WHOLE["commercial"],
        "BankDetails": WHOLE["informationsPaiement"][0],
        "Subscription": subscription,
        "Offer": subscription["offre"],
        "Contract": subscription["contrats"][0],
        "Payment": subscription["paiements"][0],
    }
    for name, piece in shown.items():
        assert set(SCHEMAS[name]["properties"]) - set(piece) <= {"updatedAt"}


def test_the_sample_of_the_specification_conforms() -> None:
    VALIDATOR.validate(prospect(7))


# A value of another kind; what is missing; what is too long. Whether an e-mail, a phone, an IBAN or a day
# exists, and what stands twice, is beyond a schema.
MISSING = object()
CHANGES: tuple[Any, ...] = (
    MISSING, None, True, False, [], [1], {}, {"a": 1}, "", "x" * 5000, -1, 0, Decimal("0.5"), 10**30,
)  # fmt: skip


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += spots(part, (*path, key)) if path[:1] != ("identityCard",) else []
    elif isinstance(value, list):
        for place, part in enumerate(value):
            found += spots(part, (*path, place))
    return found


def changed(path: tuple[Any, ...], new: Any) -> Any:
    raw = copy.deepcopy(WHOLE)
    inner = raw
    for step in path[:-1]:
        inner = inner[step]
    if new is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return raw


@pytest.mark.parametrize("path", spots(WHOLE), ids=lambda path: ".".join(map(str, path)))
def test_the_document_and_the_reader_find_the_same_wrong(path: tuple[Any, ...]) -> None:
    for new in CHANGES:
        raw = changed(path, new)
        reading = read_prospect(raw)
        plain = json.loads(json.dumps(raw, default=float))
        assert VALIDATOR.is_valid(plain) == (not reading.faults), (path, new, reading.faults)
