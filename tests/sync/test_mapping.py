"""Each provider's shape → ours, as documented and as nobody should ever send it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.company_data import Firm
from crm.models import Company
from digiweb.identifiers import clean_siren
from sync.coface.mapping import company_of, order_of, scores_of
from sync.directory.mapping import firm_of as of_directory
from sync.make_believe import _pappers, _place, invented
from sync.pappers.mapping import firm_of as of_pappers
from sync.reading import proper, street
from sync.sirene.mapping import firm_of as of_sirene
from tests.sync.answers import DIRECTORY, ORDER, PAPPERS, READY, SCORES, SIREN, SIRENE_PLACE, SIRET

LINE = DIRECTORY["results"][0]
MAPPINGS: list[tuple[Callable[[Any], Firm | None], Any]] = [
    (of_directory, LINE),
    (of_sirene, SIRENE_PLACE),
    (of_pappers, PAPPERS),
]


@pytest.mark.parametrize(("firm_of", "data"), MAPPINGS)
def test_what_all_of_them_know(firm_of: Any, data: Any) -> None:
    firm = firm_of(data)
    assert (firm.siren, firm.siret, firm.name) == (SIREN, SIRET, "DUPONT BOULANGERIE")
    assert (firm.vat_number, firm.naf_code) == ("FR96552100554", "10.71C")
    assert (firm.address, firm.postcode, firm.city) == ("12 rue de la Paix", "69002", "Lyon")
    assert firm.legal_form.startswith("SAS")
    assert not firm.closed
    assert not firm.hidden
    assert Firm.from_json(firm.as_json()) == firm


def test_what_only_some_know() -> None:
    directory, pappers, sirene = of_directory(LINE), of_pappers(PAPPERS), of_sirene(SIRENE_PLACE)
    assert directory
    assert pappers
    assert sirene
    assert (directory.legal_manager, directory.turnover, directory.turnover_year) == (
        "Jean Dupont",
        Decimal("1000000.00"),
        2024,
    )
    assert (pappers.legal_manager, pappers.turnover) == ("Jean Dupont", Decimal("1000000.50"))
    assert (pappers.headcount, pappers.headcount_to) == (23, 23)
    assert (sirene.headcount, sirene.headcount_to) == (20, 49)


def test_a_closed_firm_says_so() -> None:
    closed = {**LINE, "etat_administratif": "C", "date_fermeture": "2024-03-31"}
    firm = of_directory(closed)
    assert firm
    assert (firm.closed, firm.closed_on) == (True, date(2024, 3, 31))
    firm = of_pappers({**PAPPERS, "entreprise_cessee": True, "date_cessation": "2024-03-31"})
    assert firm
    assert (firm.closed, firm.closed_on) == (True, date(2024, 3, 31))


def test_what_a_firm_hides_stays_hidden() -> None:
    data = deepcopy(SIRENE_PLACE)
    data["etablissement"]["uniteLegale"] |= {
        "denominationUniteLegale": "[ND]",
        "nomUniteLegale": "[ND]",
        "statutDiffusionUniteLegale": "P",
    }
    data["etablissement"]["adresseEtablissement"] |= {"libelleVoieEtablissement": "[ND]"}
    firm = of_sirene(data)
    assert firm
    assert firm.hidden
    assert "[ND]" not in str(firm)
    assert firm.name == ""


HOSTILE = [
    None,
    True,
    -1,
    1e308,
    float("nan"),
    "",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "\u202e\x00\r\n",
    [],
    {},
    [[]],
    {"siren": {}},
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(("firm_of", "data"), MAPPINGS)
def test_a_hostile_value_anywhere_gives_a_firm_that_fits_or_none(firm_of: Any, data: Any, value: Any) -> None:
    for path in paths_of(data):
        spoilt = replaced(data, path, value)
        firm = firm_of(spoilt)
        if firm is None:
            continue
        clean_siren(firm.siren)
        for name, given_value in firm.given().items():
            field = Company._meta.get_field(name)
            field.clean(given_value, None)
            assert not isinstance(given_value, str) or "\n" not in given_value


def paths_of(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [here]
    for key, child in children:
        found += paths_of(child, (*here, key))
    return found


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = deepcopy(data)
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["siren", "siege", "uniteLegale", "results", "finances", "id", "nom", "qualite"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(json_values)
@settings(max_examples=150, deadline=None)
def test_no_mapping_ever_fails_otherwise_than_by_finding_nothing(data: Any) -> None:
    for firm_of, _data in MAPPINGS:
        firm_of(data)
        firm_of({"siren": SIREN, "etablissement": data, "siege": data, "finances": data, "dirigeants": data})
    scores_of(data)
    order_of(data)
    company_of(data)


def test_scores_come_with_the_current_one_first() -> None:
    scores = scores_of(list(reversed(SCORES)))
    assert [(score.value, score.released_on) for score in scores] == [
        (7, date(2026, 9, 30)),
        (6, date(2025, 4, 4)),
    ]
    assert scores[0].text == "Risque acceptable."
    assert scores_of([{**SCORES[0], "debtorRiskValue": "NR"}]) == []
    assert scores_of([{**SCORES[0], "debtorRiskValue": "11"}]) == []


def test_an_order_knows_whether_it_is_ready() -> None:
    first, then = order_of(ORDER), order_of([READY])
    assert first
    assert not first.ready
    assert then
    assert then.ready
    assert then.delivery == "4be67230-34ce-43a9-bda9-0e26b3ec0415"


def test_the_demo_invents_firms_that_the_mappings_read() -> None:
    for story in invented():
        clean_siren(story.siren)
        for firm in (of_pappers(_pappers(story)), of_sirene({"etablissement": _place(story)})):
            assert firm
            assert firm.name == story.name
            assert firm.postcode == story.postcode


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("LONS-LE-SAUNIER", "Lons-le-Saunier"),
        ("12 RUE DE L'ÉGLISE", "12 Rue de l'Église"),
        ("LE MANS", "Le Mans"),
        ("Déjà bien écrit", "Déjà bien écrit"),
        ("", ""),
    ],
)
def test_capitals_become_what_one_writes(written: str, read: str) -> None:
    assert proper(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12 BIS AVENUE JEAN JAURÈS", "12 bis avenue Jean Jaurès"),
        ("7B RUE D'ALSACE", "7b rue d'Alsace"),
        ("LIEU DIT LES PINS", "Lieu Dit les Pins"),
        ("3 rue Émile-Zola", "3 rue Émile-Zola"),
    ],
)
def test_a_street_is_written_as_on_an_envelope(written: str, read: str) -> None:
    assert street(written) == read
