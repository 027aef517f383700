# ruff: noqa: E501, SIM905 (a table: one trade a line)
"""Lines of business of the demo's companies: how such firms are called, coded, manned and run."""

from typing import NamedTuple


class Trade(NamedTuple):
    """A line of business.

    `names` are patterns: {last}, {last2}, {first}, {town}, {word}; `forms` the legal forms that are
    usual; `heads` the range of the headcount; `per_head` the turnover a head in thousands of euros.
    """

    industry: str
    naf: str
    weight: int
    names: tuple[str, ...]
    forms: tuple[str, ...]
    heads: tuple[int, int]
    per_head: int
    jobs: tuple[str, ...]


SARL, SAS, EI, SELARL, SCI, ASSO, SA = (
    "SARL",
    "SAS",
    "Entreprise individuelle",
    "SELARL",
    "SCEA",
    "Association loi 1901",
    "SA à conseil d’administration",
)
SMALL, MIDDLE = (EI, SARL, SARL, SAS), (SARL, SAS, SAS)
BOSS = ("Gérant", "Co-gérant")
OFFICE = ("Assistant de direction", "Responsable administratif", "Comptable")
SALES = ("Directeur commercial", "Responsable marketing", "Chargé de communication")
HEAD = ("Directeur général", "Président", "Directeur des opérations")

TRADES = (
    Trade("commerce", "10.71C", 8, ("Boulangerie {last}", "Au Fournil de {town}", "La Mie de {first}"), SMALL, (2, 14), 75, (*BOSS, "Responsable de boutique")),
    Trade("commerce", "10.71D", 3, ("Pâtisserie {last}", "Les Gourmandises de {first}"), SMALL, (2, 10), 80, BOSS),
    Trade("commerce", "47.22Z", 3, ("Boucherie {last} et Fils", "Boucherie des Halles {last}"), SMALL, (2, 8), 110, BOSS),
    Trade("commerce", "47.76Z", 4, ("Fleurs de {word}", "{first} Fleuriste", "L’Atelier floral {last}"), SMALL, (1, 6), 70, BOSS),
    Trade("commerce", "47.71Z", 5, ("Boutique {word}", "Maison {last}", "Prêt-à-porter {last}"), SMALL, (1, 12), 95, (*BOSS, "Responsable de boutique")),
    Trade("commerce", "47.59A", 4, ("Meubles {last}", "Literie {town}", "Cuisines {last}"), MIDDLE, (3, 40), 160, (*BOSS, *SALES)),
    Trade("commerce", "47.61Z", 2, ("Librairie {word}", "Librairie {last}"), SMALL, (1, 8), 120, BOSS),
    Trade("commerce", "47.91B", 6, ("{word} Shop", "La Boutique {word}", "{word} & Co"), MIDDLE, (2, 35), 190, (*SALES, "Responsable e-commerce", "Président")),
    Trade("commerce", "45.11Z", 5, ("Garage {last}", "{last} Automobiles", "Auto {town}"), MIDDLE, (3, 45), 230, (*BOSS, *SALES)),
    Trade("restaurant", "56.10A", 9, ("Restaurant {word}", "Chez {first}", "Le Bistrot de {town}", "La Table {last}"), SMALL, (3, 22), 65, (*BOSS, "Responsable de salle")),
    Trade("restaurant", "56.10C", 3, ("Pizzeria {last}", "{word} Burger"), SMALL, (2, 12), 60, BOSS),
    Trade("restaurant", "55.10Z", 6, ("Hôtel {word}", "Hôtel de {town}", "Auberge {last}"), MIDDLE, (4, 60), 90, (*BOSS, "Directeur d’hôtel", "Responsable des réservations")),
    Trade("restaurant", "55.20Z", 2, ("Gîtes {word}", "Domaine de {word}"), SMALL, (1, 6), 60, BOSS),
    Trade("construction", "43.91B", 7, ("SARL Toitures {last}", "Toitures {word}", "Couverture {last}"), MIDDLE, (2, 30), 110, (*BOSS, "Conducteur de travaux")),
    Trade("construction", "43.21A", 6, ("{last} Électricité", "Élec {town}"), MIDDLE, (2, 25), 100, (*BOSS, "Conducteur de travaux")),
    Trade("construction", "43.22A", 7, ("Plomberie {last}", "{last} Chauffage", "Chauffage {town}"), MIDDLE, (2, 25), 105, (*BOSS, *OFFICE)),
    Trade("construction", "43.32A", 6, ("Menuiserie {last}", "Ébénisterie {last} & {last2}", "Fermetures {town}"), MIDDLE, (2, 35), 115, (*BOSS, "Chargé d’affaires")),
    Trade("construction", "43.34Z", 4, ("{last} Peinture", "Couleurs {word}"), SMALL, (1, 18), 80, BOSS),
    Trade("construction", "81.30Z", 4, ("Jardins {last}", "Paysages {word}", "{last} Espaces verts"), SMALL, (1, 20), 75, BOSS),
    Trade("construction", "41.20A", 4, ("Maisons {word}", "{last} Construction", "Bâtisseurs de {town}"), MIDDLE, (5, 60), 220, (*BOSS, *SALES, "Chargé d’affaires")),
    Trade("health", "86.23Z", 5, ("Cabinet dentaire {last}", "Dentistes {town} Centre"), (SELARL, SELARL, EI), (2, 12), 130, ("Chirurgien-dentiste", "Assistant de cabinet")),
    Trade("health", "47.73Z", 4, ("Pharmacie {last}", "Pharmacie {word}"), (SELARL, EI), (3, 14), 240, ("Pharmacien titulaire", "Préparateur")),
    Trade("health", "47.78A", 4, ("Optique {last}", "Les Lunettes de {first}"), MIDDLE, (2, 10), 150, (*BOSS, "Opticien")),
    Trade("health", "86.90E", 3, ("Cabinet de kinésithérapie {last}", "Ostéopathie {town}"), (SELARL, EI), (1, 8), 75, ("Kinésithérapeute", "Secrétaire médical")),
    Trade("legal", "69.10Z", 6, ("Cabinet {last} & Associés", "{last} Avocats", "Étude {last}"), (SELARL, SELARL, SAS), (2, 40), 140, ("Avocat associé", "Office manager", "Clerc")),
    Trade("legal", "69.20Z", 6, ("Cabinet {last} Expertise", "{last} & {last2} Experts-comptables", "Fiduciaire {town}"), (SARL, SAS), (3, 60), 95, ("Expert-comptable", "Associé", "Responsable administratif")),
    Trade("real_estate", "68.31Z", 8, ("{last} Immobilier", "Agence {word}", "Immobilière de {town}"), MIDDLE, (2, 25), 95, ("Directeur d’agence", "Négociateur", *BOSS)),
    Trade("real_estate", "68.32A", 3, ("Gestion {last}", "Syndic {town}"), MIDDLE, (3, 30), 80, ("Gestionnaire", "Directeur d’agence")),
    Trade("industry", "25.62B", 5, ("Mécanique {last}", "Usinage {town}", "{last} Précision"), (SAS, SAS, SA), (8, 140), 130, (*HEAD, "Responsable de production", "Responsable achats")),
    Trade("industry", "22.22Z", 3, ("Emballages {last}", "Plastiques {town}"), (SAS, SA), (12, 180), 170, (*HEAD, "Responsable achats", *OFFICE)),
    Trade("industry", "10.51C", 3, ("Fromagerie {last}", "Laiterie de {town}"), (SAS, SA), (6, 90), 210, (*HEAD, "Responsable qualité", *SALES)),
    Trade("industry", "18.12Z", 3, ("Imprimerie {last}", "{town} Impressions"), MIDDLE, (4, 40), 120, (*BOSS, "Responsable de fabrication")),
    Trade("transport", "49.41A", 5, ("Transports {last}", "{last} Logistique", "Messageries de {town}"), (SARL, SAS, SAS), (5, 160), 120, (*HEAD, "Responsable d’exploitation", *OFFICE)),
    Trade("transport", "49.42Z", 3, ("Déménagements {last}", "Déménageurs de {town}"), MIDDLE, (3, 30), 85, BOSS),
    Trade("education", "85.59A", 5, ("{word} Formation", "Institut {last}", "Campus {town}"), (SARL, SAS, ASSO), (3, 50), 90, ("Directeur pédagogique", *SALES, *OFFICE)),
    Trade("education", "85.53Z", 3, ("Auto-école {last}", "Permis {town}"), SMALL, (2, 12), 60, BOSS),
    Trade("technology", "62.01Z", 6, ("{word} Software", "{last} Systèmes", "Studio {word}"), (SAS, SAS, SARL), (3, 90), 115, ("Directeur technique", "Président", *SALES)),
    Trade("technology", "62.02A", 4, ("{word} Conseil", "{last} Informatique", "{town} Infogérance"), (SAS, SARL), (3, 60), 110, ("Président", "Responsable informatique", *SALES)),
    Trade("technology", "71.12B", 4, ("Bureau d’études {last}", "{word} Ingénierie"), (SAS, SARL), (4, 80), 105, (*HEAD, "Chargé d’affaires")),
    Trade("beauty", "96.02A", 6, ("Coiffure {first}", "Salon {word}", "L’Atelier de {first}"), SMALL, (1, 9), 50, BOSS),
    Trade("beauty", "96.02B", 3, ("Institut {word}", "Beauté {first}"), SMALL, (1, 7), 50, BOSS),
    Trade("beauty", "93.13Z", 3, ("{word} Fitness", "Forme {town}"), MIDDLE, (2, 16), 70, (*BOSS, "Responsable de club")),
    Trade("agriculture", "01.21Z", 5, ("Domaine {last}", "Château {word}", "Vignobles {last}"), (SCI, SARL, EI), (2, 25), 130, ("Vigneron", "Responsable export", "Maître de chai")),
    Trade("agriculture", "01.13Z", 2, ("Maraîchers de {town}", "Ferme {last}"), (SCI, EI), (1, 12), 70, ("Exploitant",)),
    Trade("association", "94.99Z", 4, ("Association {word}", "Maison des Associations de {town}", "Club sportif de {town}"), (ASSO,), (1, 25), 45, ("Président", "Trésorier", "Coordinateur")),
    Trade("other", "82.30Z", 3, ("{word} Événements", "{last} Réceptions"), MIDDLE, (2, 20), 120, (*BOSS, "Chef de projet")),
    Trade("other", "81.21Z", 4, ("{last} Propreté", "Net {town}"), MIDDLE, (4, 120), 40, (*BOSS, *OFFICE)),
)  # fmt: skip

WORDS = """
Horizon Azur Soleil Étoile Océan Lavande Mistral Belvédère Léman Vercors Garonne Armor Aurore Boréal Cèdre Colibri
Corail Cristal Émeraude Équinoxe Galerne Halles Jasmin Lumière Magnolia Mélodie Nacre Olivier Opale Orchidée
Panorama Pivoine Pont-Neuf Printemps Prisme Quartz Rivage Romarin Saphir Sésame Tilleul Tramontane Verveine Zénith
Alizé Ambre Ancre Ardoise Bastide Bohème Cigale Clairière Cobalt Comète Écume Estuaire Falaise Granit Hirondelle
""".split()

SOURCES = (
    ("Site web", 24), ("Recommandation", 18), ("Prospection", 16), ("Google Ads", 11), ("LinkedIn", 10),
    ("Salon", 8), ("Appel entrant", 6), ("Partenaire", 4), ("Facebook", 3),
)  # fmt: skip
