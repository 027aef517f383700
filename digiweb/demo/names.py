# ruff: noqa: SIM905 (lists of names read better as text)
"""Names of the demo's people: of as many origins as those one meets in France."""

FEMALE = """
Camille Léa Manon Chloé Emma Inès Sarah Julie Marie Anne Sophie Nathalie Isabelle Catherine Sandrine
Céline Aurélie Émilie Élodie Laura Pauline Marion Mathilde Lucie Charlotte Clémence Juliette Alice Louise
Jeanne Margaux Océane Justine Amandine Stéphanie Valérie Véronique Christine Sylvie Martine Brigitte
Françoise Hélène Claire Agnès Florence Delphine Audrey Virginie Laetitia Karine Fatima Nadia Samira
Yasmine Leïla Khadija Amina Aïcha Nour Salma Mariam Aminata Fatou Awa Aïssatou Mai Linh Thi Mei Anh Maria
Ana Carla Lucia Rosa Elena Giulia Olga Irina Katarzyna Ewa Magdalena Sara Rachel Judith Esther Solène
Gwenaëlle Maëlle Enora Nolwenn Maialen
""".split()
MALE = """
Thomas Nicolas Julien Alexandre Antoine Maxime Pierre Paul Hugo Lucas Louis Jules Gabriel Arthur Adam
Raphaël Mathieu Guillaume Romain Benjamin Clément Florian Kévin Jérémy Damien Sébastien Christophe
Stéphane Frédéric Laurent Philippe Olivier Éric Pascal Thierry Bruno Didier Alain Gérard Michel
Jean-Pierre Jean-Luc Bernard François Vincent Fabrice David Cédric Arnaud Yann Erwan Loïc Gwendal Mehdi
Karim Mohamed Youssef Rachid Samir Ahmed Bilal Sofiane Ibrahim Mamadou Moussa Ousmane Cheikh Abdoulaye
Minh Duc Wei Jun Manuel José Carlos João Luis Marco Antonio Piotr Andrzej Ivan Dmitri Samuel Nathan Élie
Noé Théo Enzo Mathis Léo Timéo Rayan Xabi Ange
""".split()
# The head of the list is frequent, as in the telephone directory.
LAST = """
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux
David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure
André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément
Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer
Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard
Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix
Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Lopez Jean
Dupuy Guillot Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur Perez Boucher
Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard
Maillard Baron Bertin Bailly Hervé Schneider Fernandez Le Gall Collet Léger Bouvier Julien Prévost Millet
Perrot Daniel Cousin Germain Breton Besson Langlois Rémy Le Roux Pelletier Benali Haddad Bouzid Cherif
Mansouri Belkacem Zerouali Saïdi Khelifi Amrani Diallo Traoré Diop Ndiaye Koné Camara Keïta Sow Coulibaly
Bâ Nguyen Tran Pham Lê Hoang Chen Wang Zhang Liu Da Silva Ferreira Pereira Rodrigues Gonçalves Oliveira
Rossi Esposito Bianchi Ricci Kowalski Nowak Wiśniewski Popescu Ivanov Cohen Lévy Benhamou Attali Hayat
Etcheverry Iribarne Casanova Colonna Ferrandi Kerbrat Le Goff Quéméneur Tanguy Guivarch Weber Hoffmann
Schaeffer Zimmermann Vandamme Delattre Debruyne Lesage Toussaint Hoarau Grondin Marie-Rose Céleste
Ramassamy Öztürk Yılmaz
""".split()
# Names in two words, put together again.
_PARTICLES = {"Le", "Da"}


def _joined(words: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for word in words:
        if names and names[-1] in _PARTICLES:
            names[-1] = f"{names[-1]} {word}"
        else:
            names.append(word)
    return tuple(dict.fromkeys(names))


LAST_NAMES = _joined(LAST)
FIRST_NAMES = (*FEMALE, *MALE)
