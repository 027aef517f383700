"""French towns of the demo: name, postcode, weight (about the number of firms there).

Written by hand for the demo: about as many towns as a salesperson meets, each with a postcode that is
right for its centre. A postcode tells the department, and that the first digits of a landline.
"""

from typing import NamedTuple


class Town(NamedTuple):
    """A town; `area` is how its landlines begin (01 Île-de-France, 02 North-West, 03, 04, 05)."""

    name: str
    postcode: str
    weight: int

    @property
    def area(self) -> str:
        return _AREAS.get(self.postcode[:2], "04")


_TABLE = """
Paris 75002 14; Paris 75008 22; Paris 75009 18; Paris 75010 12; Paris 75011 18; Paris 75012 9; Paris
75013 8; Paris 75015 14; Paris 75016 14; Paris 75017 14; Paris 75018 9; Paris 75020 8;
Boulogne-Billancourt 92100 12; Neuilly-sur-Seine 92200 7; Levallois-Perret 92300 8; Issy-les-Moulineaux
92130 7; Nanterre 92000 7; Courbevoie 92400 7; Rueil-Malmaison 92500 5; Montreuil 93100 7; Saint-Denis
93200 6; Pantin 93500 4; Aubervilliers 93300 4; Créteil 94000 5; Vincennes 94300 4; Ivry-sur-Seine 94200
4; Versailles 78000 6; Saint-Germain-en-Laye 78100 4; Poissy 78300 2; Rambouillet 78120 2;
Évry-Courcouronnes 91000 4; Massy 91300 4; Étampes 91150 2; Cergy 95000 4; Pontoise 95300 2; Argenteuil
95100 4; Melun 77000 3; Meaux 77100 3; Fontainebleau 77300 2; Marseille 13001 9; Marseille 13006 9;
Marseille 13008 8; Aix-en-Provence 13100 9; Arles 13200 3; Aubagne 13400 4; Martigues 13500 3;
Salon-de-Provence 13300 3; Lyon 69002 11; Lyon 69003 12; Lyon 69006 9; Lyon 69007 9; Villeurbanne 69100
8; Vénissieux 69200 3; Villefranche-sur-Saône 69400 4; Toulouse 31000 15; Toulouse 31200 6; Toulouse
31400 6; Blagnac 31700 4; Colomiers 31770 3; Nice 06000 10; Nice 06300 5; Cannes 06400 5; Antibes 06600
5; Grasse 06130 3; Menton 06500 2; Nantes 44000 13; Nantes 44300 5; Saint-Nazaire 44600 4; Saint-Herblain
44800 4; Strasbourg 67000 11; Haguenau 67500 3; Colmar 68000 4; Mulhouse 68100 5; Montpellier 34000 11;
Montpellier 34070 4; Béziers 34500 4; Sète 34200 3; Bordeaux 33000 13; Bordeaux 33300 5; Mérignac 33700
5; Pessac 33600 3; Arcachon 33120 2; Libourne 33500 2; Lille 59000 11; Lille 59800 6; Roubaix 59100 4;
Tourcoing 59200 4; Villeneuve-d'Ascq 59650 4; Dunkerque 59140 4; Valenciennes 59300 4; Douai 59500 3;
Arras 62000 3; Calais 62100 3; Boulogne-sur-Mer 62200 2; Lens 62300 3; Rennes 35000 10; Rennes 35200 4;
Saint-Malo 35400 3; Fougères 35300 2; Brest 29200 6; Quimper 29000 4; Morlaix 29600 2; Lorient 56100 4;
Vannes 56000 4; Saint-Brieuc 22000 3; Dinan 22100 2; Lannion 22300 2; Reims 51100 6; Châlons-en-Champagne
51000 2; Épernay 51200 2; Troyes 10000 3; Le Havre 76600 5; Rouen 76000 6; Dieppe 76200 2; Caen 14000 5;
Lisieux 14100 2; Cherbourg-en-Cotentin 50100 3; Saint-Lô 50000 2; Alençon 61000 2; Évreux 27000 3; Angers
49000 6; Cholet 49300 3; Saumur 49400 2; Le Mans 72000 5; Laval 53000 3; La Roche-sur-Yon 85000 3; Les
Sables-d'Olonne 85100 3; Tours 37000 6; Orléans 45000 6; Blois 41000 2; Chartres 28000 3; Bourges 18000
3; Châteauroux 36000 2; Dijon 21000 6; Beaune 21200 2; Besançon 25000 5; Belfort 90000 2; Lons-le-Saunier
39000 2; Auxerre 89000 2; Chalon-sur-Saône 71100 3; Mâcon 71000 2; Nevers 58000 2; Metz 57000 5;
Thionville 57100 2; Nancy 54000 5; Épinal 88000 2; Charleville-Mézières 08000 2; Amiens 80000 5; Beauvais
60000 3; Compiègne 60200 2; Saint-Quentin 02100 2; Laon 02000 1; Grenoble 38000 8; Vienne 38200 2; Voiron
38500 2; Saint-Étienne 42000 6; Roanne 42300 2; Clermont-Ferrand 63000 6; Vichy 03200 2; Le Puy-en-Velay
43000 1; Aurillac 15000 1; Annecy 74000 6; Thonon-les-Bains 74200 3; Annemasse 74100 3; Évian-les-Bains
74500 2; Chamonix-Mont-Blanc 74400 2; Chambéry 73000 4; Aix-les-Bains 73100 2; Bourg-en-Bresse 01000 3;
Oyonnax 01100 2; Valence 26000 4; Montélimar 26200 2; Privas 07000 1; Avignon 84000 5; Carpentras 84200
2; Orange 84100 2; Toulon 83000 5; Fréjus 83600 3; Saint-Tropez 83990 2; Draguignan 83300 2; Gap 05000 2;
Digne-les-Bains 04000 1; Nîmes 30000 5; Alès 30100 2; Perpignan 66000 4; Narbonne 11100 3; Carcassonne
11000 2; Albi 81000 2; Castres 81100 2; Rodez 12000 2; Millau 12100 1; Cahors 46000 1; Auch 32000 1;
Montauban 82000 3; Agen 47000 2; Pau 64000 4; Bayonne 64100 4; Biarritz 64200 3; Tarbes 65000 2; Lourdes
65100 1; Mont-de-Marsan 40000 2; Dax 40100 2; Périgueux 24000 2; Bergerac 24100 2; Brive-la-Gaillarde
19100 3; Limoges 87000 4; Guéret 23000 1; Poitiers 86000 4; Châtellerault 86100 2; Niort 79000 4; La
Rochelle 17000 4; Rochefort 17300 1; Saintes 17100 2; Royan 17200 2; Angoulême 16000 3; Cognac 16100 2;
Mende 48000 1; Ajaccio 20000 2; Bastia 20200 2
"""

_DEPARTMENTS = {
    "01": "75 77 78 91 92 93 94 95",
    "02": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "03": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "05": "09 12 16 17 19 23 24 31 32 33 40 46 47 64 65 79 81 82 86 87",
}
_AREAS = {department: area for area, line in _DEPARTMENTS.items() for department in line.split()}


def _parse(table: str) -> tuple[Town, ...]:
    entries = [entry.split() for entry in table.replace("\n", " ").split(";")]
    return tuple(Town(" ".join(words[:-2]), words[-2], int(words[-1])) for words in entries)


TOWNS = _parse(_TABLE)
# How the landlines of an area begin that ARCEP keeps free for films and books; 06 39 98 are mobiles.
FICTION = {"01": "+3319900", "02": "+3326191", "03": "+3335301", "04": "+3346571", "05": "+3353649"}
FICTION_MOBILE = "+3363998"
STREETS = (
    "rue de la République", "avenue Jean-Jaurès", "rue Victor-Hugo", "place de la Mairie", "rue Pasteur",
    "boulevard Gambetta", "rue du Général-de-Gaulle", "avenue de la Gare", "rue des Écoles", "rue du Moulin",
    "chemin des Vignes", "rue Émile-Zola", "place du Marché", "rue Saint-Michel", "quai de la Rivière",
    "rue des Lilas", "allée des Tilleuls", "rue Louis-Braille", "rue Marie-Curie", "avenue de l’Europe",
    "rue de l’Industrie", "zone d’activité des Prés", "rue Nationale", "cours Lafayette", "impasse du Lavoir",
    "rue de Verdun", "boulevard de la Liberté", "rue du Faubourg", "rue Simone-Veil", "rue de la Fontaine",
)  # fmt: skip
