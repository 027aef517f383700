"""What a French web agency offers: the catalogue of the demo."""

from datetime import timedelta
from decimal import Decimal

from digiweb.changes import initial_values
from digiweb.demo import Demo
from sales.models import Offer

WEB, MARKETING = Offer.Category.WEB, Offer.Category.MARKETING
# Name, category, price, monthly price, popular, description, features.
CATALOGUE = (
    (
        "Site vitrine",
        WEB,
        2900,
        0,
        True,
        "Un site clair et rapide qui présente l’entreprise et la fait trouver.",
        (
            "Jusqu’à 8 pages",
            "Textes relus, photos retouchées",
            "Formulaire de contact",
            "Mise en ligne comprise",
        ),
    ),
    (
        "Boutique en ligne",
        WEB,
        6900,
        0,
        True,
        "Vendre en ligne, se faire payer, livrer : tout est prêt le premier jour.",
        ("Jusqu’à 200 produits", "Paiement par carte", "Suivi des commandes", "Formation d’une demi-journée"),
    ),
    (
        "Refonte de site",
        WEB,
        4200,
        0,
        False,
        "Un site existant remis au goût du jour sans perdre son référencement.",
        ("Audit de l’existant", "Reprise des contenus", "Redirections", "Nouvelle charte graphique"),
    ),
    (
        "Application de réservation",
        WEB,
        8900,
        0,
        False,
        "Les clients prennent rendez-vous eux-mêmes, jour et nuit.",
        ("Agenda par salarié", "Rappels par SMS", "Acomptes en ligne"),
    ),
    (
        "Identité visuelle",
        WEB,
        1800,
        0,
        False,
        "Un logo et une charte que l’on reconnaît.",
        ("Trois pistes de logo", "Charte graphique", "Cartes de visite et papier à en-tête"),
    ),
    (
        "Formation à la mise à jour",
        WEB,
        690,
        0,
        False,
        "Une demi-journée pour mettre son site à jour soi-même.",
        ("Sur place ou à distance", "Support remis en PDF"),
    ),
    (
        "Hébergement",
        WEB,
        0,
        29,
        True,
        "Un hébergement en France, sauvegardé chaque nuit.",
        ("Serveurs en France", "Certificat TLS", "Sauvegarde chaque nuit", "5 adresses de courriel"),
    ),
    (
        "Maintenance",
        WEB,
        0,
        59,
        True,
        "Le site reste à jour, surveillé et réparé.",
        ("Mises à jour de sécurité", "Surveillance toutes les 5 minutes", "Une heure de retouches par mois"),
    ),
    (
        "Maintenance Premium",
        WEB,
        0,
        149,
        False,
        "La maintenance avec un interlocuteur et une réponse dans l’heure.",
        ("Tout de la Maintenance", "Réponse dans l’heure ouvrée", "Quatre heures de retouches par mois"),
    ),
    (
        "SEO – Référencement naturel",
        MARKETING,
        490,
        390,
        True,
        "Monter dans les résultats de recherche, mois après mois.",
        ("Étude de mots-clés", "Deux articles par mois", "Rapport mensuel de positions"),
    ),
    (
        "SEO local",
        MARKETING,
        290,
        190,
        False,
        "Être trouvé par les clients du quartier.",
        ("Fiche d’établissement tenue à jour", "Réponses aux avis", "Rapport mensuel"),
    ),
    (
        "SEA – Campagnes Google Ads",
        MARKETING,
        350,
        290,
        False,
        "Des annonces qui rapportent plus qu’elles ne coûtent.",
        ("Création des campagnes", "Suivi des conversions", "Budget publicitaire non compris"),
    ),
    (
        "Réseaux sociaux",
        MARKETING,
        0,
        340,
        False,
        "Une présence régulière sans y passer ses soirées.",
        ("Huit publications par mois", "Deux réseaux au choix", "Modération"),
    ),
    (
        "Reportage photo et vidéo",
        MARKETING,
        1200,
        0,
        False,
        "Une journée sur place, des images pour un an.",
        ("Trente photos retouchées", "Une vidéo d’une minute", "Droits de diffusion compris"),
    ),
)
FORMER = (
    "Pack Essentiel",
    WEB,
    990,
    0,
    False,
    "L’ancien forfait des débuts, remplacé par le Site vitrine.",
    ("Une page",),
)


def build_offers(demo: Demo) -> dict[str, Offer]:
    """The offers by name; they stood there before the year began."""
    at = demo.start - timedelta(days=2, hours=-9)
    offers = []
    for name, category, price, monthly, popular, description, features in (*CATALOGUE, FORMER):
        offers.append(
            Offer(
                pk=demo.number(Offer),
                name=name,
                category=category,
                price=Decimal(price),
                monthly_price=Decimal(monthly),
                is_popular=popular,
                is_active=name != FORMER[0],
                description=description,
                features=list(features),
                created_at=at,
                updated_at=at,
            )
        )
    demo.insert(offers)
    for offer in offers:
        demo.happened(at, demo.people.get("admin"), "created", offer, changes=initial_values(offer))
    return {offer.name: offer for offer in offers}
