"""Regions and departments of France by their INSEE codes (Code officiel géographique 2026).

The collectivities overseas that are no department (`OVERSEAS`) have postcodes too: their companies are
counted and listed, but the map does not draw them.
"""

from collections.abc import Iterator
from typing import NamedTuple

# Region: its departments, as INSEE writes them.
_TABLE = """
84 Auvergne-Rhône-Alpes: 01 Ain; 03 Allier; 07 Ardèche; 15 Cantal; 26 Drôme; 38 Isère; 42 Loire; 43
Haute-Loire; 63 Puy-de-Dôme; 69 Rhône; 73 Savoie; 74 Haute-Savoie.
27 Bourgogne-Franche-Comté: 21 Côte-d’Or; 25 Doubs; 39 Jura; 58 Nièvre; 70 Haute-Saône; 71 Saône-et-Loire;
89 Yonne; 90 Territoire de Belfort.
53 Bretagne: 22 Côtes-d’Armor; 29 Finistère; 35 Ille-et-Vilaine; 56 Morbihan.
24 Centre-Val de Loire: 18 Cher; 28 Eure-et-Loir; 36 Indre; 37 Indre-et-Loire; 41 Loir-et-Cher; 45 Loiret.
94 Corse: 2A Corse-du-Sud; 2B Haute-Corse.
44 Grand Est: 08 Ardennes; 10 Aube; 51 Marne; 52 Haute-Marne; 54 Meurthe-et-Moselle; 55 Meuse; 57 Moselle;
67 Bas-Rhin; 68 Haut-Rhin; 88 Vosges.
01 Guadeloupe: 971 Guadeloupe.
03 Guyane: 973 Guyane.
32 Hauts-de-France: 02 Aisne; 59 Nord; 60 Oise; 62 Pas-de-Calais; 80 Somme.
11 Île-de-France: 75 Paris; 77 Seine-et-Marne; 78 Yvelines; 91 Essonne; 92 Hauts-de-Seine; 93
Seine-Saint-Denis; 94 Val-de-Marne; 95 Val-d’Oise.
04 La Réunion: 974 La Réunion.
02 Martinique: 972 Martinique.
06 Mayotte: 976 Mayotte.
28 Normandie: 14 Calvados; 27 Eure; 50 Manche; 61 Orne; 76 Seine-Maritime.
75 Nouvelle-Aquitaine: 16 Charente; 17 Charente-Maritime; 19 Corrèze; 23 Creuse; 24 Dordogne; 33 Gironde; 40
Landes; 47 Lot-et-Garonne; 64 Pyrénées-Atlantiques; 79 Deux-Sèvres; 86 Vienne; 87 Haute-Vienne.
76 Occitanie: 09 Ariège; 11 Aude; 12 Aveyron; 30 Gard; 31 Haute-Garonne; 32 Gers; 34 Hérault; 46 Lot; 48
Lozère; 65 Hautes-Pyrénées; 66 Pyrénées-Orientales; 81 Tarn; 82 Tarn-et-Garonne.
52 Pays de la Loire: 44 Loire-Atlantique; 49 Maine-et-Loire; 53 Mayenne; 72 Sarthe; 85 Vendée.
93 Provence-Alpes-Côte d’Azur: 04 Alpes-de-Haute-Provence; 05 Hautes-Alpes; 06 Alpes-Maritimes; 13
Bouches-du-Rhône; 83 Var; 84 Vaucluse.
"""
OVERSEAS = {
    "975": "Saint-Pierre-et-Miquelon",
    "977": "Saint-Barthélemy",
    "978": "Saint-Martin",
    "986": "Wallis-et-Futuna",
    "987": "Polynésie française",
    "988": "Nouvelle-Calédonie",
}
# Departments of Paris and around it, which a map of the whole country shows larger beside it.
AROUND_PARIS = ("75", "92", "93", "94")
DROM = ("971", "972", "973", "974", "976")


class Department(NamedTuple):
    """A department and the code of its region."""

    code: str
    name: str
    region: str


class Region(NamedTuple):
    """A region with the codes of its departments."""

    code: str
    name: str
    departments: tuple[str, ...]


def _read() -> Iterator[tuple[Region, list[Department]]]:
    for text in " ".join(_TABLE.split()).rstrip(".").split(". "):
        head, _, rest = text.partition(": ")
        code, _, name = head.partition(" ")
        pairs = [part.partition(" ") for part in rest.split("; ")]
        departments = [Department(one, label, code) for one, _, label in pairs]
        yield Region(code, name, tuple(one.code for one in departments)), departments


_READ = list(_read())
REGIONS = {region.code: region for region, _ in _READ}
DEPARTMENTS = {one.code: one for _, departments in _READ for one in departments}


def department_name(code: str) -> str:
    """The name of a department or collectivity; the code itself where it is neither."""
    known = DEPARTMENTS.get(code)
    return known.name if known else OVERSEAS.get(code, code)


def department_of_postcode(postcode: str) -> str:
    """What the first digits of a French postcode say; "" where they say nothing.

    Right but for a few towns that are served from across the border; `places` knows these.
    """
    if postcode[:2] in ("97", "98"):
        code = postcode[:3]
    elif postcode[:2] == "20":
        code = "2A" if postcode < "20200" else "2B"
    else:
        code = postcode[:2]
    return code if code in DEPARTMENTS or code in OVERSEAS else ""


def department_choices() -> list[tuple[str, str]]:
    """For a filter: by code, the mainland first."""
    order = sorted(DEPARTMENTS.values(), key=lambda one: (len(one.code), one.code))
    return [(one.code, f"{one.code} {one.name}") for one in order] + [
        (code, f"{code} {name}") for code, name in OVERSEAS.items()
    ]


def region_choices() -> list[tuple[str, str]]:
    """For a filter: by name."""
    return [(region.code, region.name) for region in REGIONS.values()]
