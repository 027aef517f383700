"""Where an address is: postcodes and names of towns as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digiweb.demo.towns import TOWNS
from digiweb.geo.departments import DEPARTMENTS, OVERSEAS, REGIONS, department_name
from digiweb.geo.names import plain
from digiweb.geo.places import FILE, NOWHERE, clean_postcode, locate, place_named, towns_of, whole_name

HARD = [
    # postcode, town, country → place, department
    ("69003", "Lyon", "FR", "69383", "69"),
    ("69 003", "LYON 3EME", "FR", "69383", "69"),
    ("F-69003", "Lyon 3e arrondissement", "FR", "69383", "69"),
    ("75015", "Paris", "FR", "75115", "75"),
    ("75116", "Paris", "FR", "75116", "75"),
    ("75016", "PARIS 16", "FR", "75116", "75"),
    ("13008", "Marseille 08", "FR", "13208", "13"),
    # CEDEX: no commune has these postcodes
    ("69432", "LYON CEDEX 03", "FR", "69123", "69"),
    ("75755", "Paris Cedex 15", "FR", "75056", "75"),
    ("92974", "PARIS LA DEFENSE CEDEX", "FR", "", "92"),
    # as one writes them
    ("42000", "St-Etienne", "FR", "42218", "42"),
    ("42000", "ST ETIENNE", "FR", "42218", "42"),
    ("91000", "Evry", "FR", "91228", "91"),
    ("85100", "Sables d'Olonne (Les)", "FR", "85194", "85"),
    ("76600", "Havre", "FR", "76351", "76"),
    ("59650", "Villeneuve d Ascq", "FR", "59009", "59"),
    ("59650", "Villeneuve-d’Ascq", "FR", "59009", "59"),
    ("85000", "La Roche s/ Yon", "FR", "85191", "85"),
    ("71100", "Chalon s/Saône", "FR", "71076", "71"),
    ("50100", "Cherbourg", "FR", "50129", "50"),
    ("51120", "MOEURS VERDEY", "FR", "51369", "51"),
    ("69003", "BP 3124 Lyon", "FR", "69383", "69"),
    # a spreadsheet took the nought
    ("1000", "Bourg en Bresse", "FR", "01053", "01"),
    # Corsica and the departments overseas
    ("20000", "Ajaccio", "FR", "2A004", "2A"),
    ("20200", "Bastia", "FR", "2B033", "2B"),
    ("97110", "Pointe-à-Pitre", "GP", "97120", "971"),
    ("97200", "Fort de France", "MQ", "97209", "972"),
    ("97300", "Cayenne", "GF", "97302", "973"),
    ("97400", "Saint-Denis", "RE", "97411", "974"),
    ("97600", "Mamoudzou", "YT", "97611", "976"),
    # collectivities: counted, not drawn
    ("97133", "Saint-Barthélemy", "BL", "97701", "977"),
    ("97150", "Saint-Martin", "FR", "97801", "978"),
    ("97500", "St Pierre", "PM", "97502", "975"),
    ("98800", "Nouméa", "NC", "98818", "988"),
    # an unknown town: the middle of its postcode; one of a postcode alone: that town
    ("13100", "Les Zigomars", "FR", "P13100", "13"),
    ("33300", "", "FR", "33063", "33"),
    ("92800", "La Défense", "FR", "92062", "92"),
    # no postcode: only a name that no other town has
    ("", "Lyon", "FR", "69123", "69"),
    ("", "Saint-Denis", "FR", "", ""),
    ("", "", "FR", "", ""),
    # nowhere
    ("99999", "Lyon", "FR", "", ""),
    ("98000", "Monaco", "FR", "", ""),
    ("1000", "Bruxelles", "BE", "", ""),
    ("1000", "Bruxelles", "FR", "", ""),
    ("69003", "Lyon", "CH", "", ""),
    ("SW1A 1AA", "London", "GB", "", ""),
    ("69003 75015", "Lyon", "FR", "69123", "69"),
    ("<script>", "'; DROP TABLE", "FR", "", ""),
]


@pytest.mark.parametrize(("postcode", "town", "country", "place", "department"), HARD)
def test_an_address_is_found(postcode: str, town: str, country: str, place: str, department: str) -> None:
    assert locate(postcode, town, country) == (place, department)


@given(st.text(max_size=20), st.text(max_size=60), st.sampled_from(["FR", "", "fr ", "DE", "RE", "\x00"]))
def test_whatever_is_written_is_somewhere_or_nowhere(postcode: str, town: str, country: str) -> None:
    place, department = locate(postcode, town, country)
    assert len(place) <= 6
    assert department == "" or department in DEPARTMENTS or department in OVERSEAS
    if place:
        found = place_named(place)
        assert found is not None
        assert found.department == department


@given(st.from_regex(r"[0-9]{5}", fullmatch=True), st.text(max_size=30))
def test_a_postcode_never_leaves_its_corner_of_france(postcode: str, town: str) -> None:
    place, department = locate(postcode, town)
    if department:
        assert department[:2].replace("2A", "20").replace("2B", "20")[0] in "0123456789"
    if place.startswith("P"):
        assert place == f"P{postcode}"


def test_every_department_has_towns_that_lie_in_it() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    seen: dict[str, int] = {}
    for line in lines:
        code, name, postcodes, lat, lng, _ = line.split(";")
        department = code[:3] if code[:2] in ("97", "98") else code[:2]
        seen[department] = seen.get(department, 0) + 1
        if department in DEPARTMENTS and len(department) == 2:
            assert 41 < float(lat) < 51.5, name
            assert -5.5 < float(lng) < 10, name
        assert plain(name), name
        assert all(clean_postcode(one) == one for one in postcodes.split())
    assert set(seen) == set(DEPARTMENTS) | set(OVERSEAS)
    assert len(lines) > 34_900
    assert FILE.stat().st_size < 1_500_000


def test_every_town_of_the_demo_is_located() -> None:
    found = {town: locate(town.postcode, town.name) for town in TOWNS}
    assert [town for town, where in found.items() if not where.place or where.place.startswith("P")] == []


def test_regions_and_departments_are_those_of_insee() -> None:
    assert (len(REGIONS), len(DEPARTMENTS)) == (18, 101)
    assert sum(len(region.departments) for region in REGIONS.values()) == 101
    assert (department_name("2A"), department_name("988"), department_name("??")) == (
        "Corse-du-Sud",
        "Nouvelle-Calédonie",
        "??",
    )


def test_a_postcode_names_its_towns() -> None:
    assert towns_of("69003") == ["Lyon"]
    assert towns_of("59 650") == ["Villeneuve-d'Ascq"]
    assert len(towns_of("01200")) > 3
    assert towns_of("69003", "CH") == towns_of("") == towns_of("99999") == []


def test_several_arrondissements_are_called_by_their_town() -> None:
    lyon = [place for code in ("69383", "69387") if (place := place_named(code))]
    assert whole_name(lyon) == "Lyon"
    assert whole_name(lyon[:1]) == "Lyon 3e"
    assert place_named("00000") is None
    assert place_named("P00000") is None
    assert locate("", "") == NOWHERE
