"""What providers answer, as documented, about a firm and about three."""

from typing import Any

SIREN, SIRET = "552100554", "55210055400013"
DIRECTORY: dict[str, Any] = {
    "results": [
        {
            "siren": SIREN,
            "nom_complet": "DUPONT BOULANGERIE (DUPONT)",
            "nom_raison_sociale": "DUPONT BOULANGERIE",
            "nature_juridique": "5710",
            "activite_principale": "10.71C",
            "tranche_effectif_salarie": "12",
            "etat_administratif": "A",
            "statut_diffusion": "O",
            "siege": {
                "siret": SIRET,
                "adresse": "12 RUE DE LA PAIX 69002 LYON",
                "code_postal": "69002",
                "libelle_commune": "LYON",
            },
            "dirigeants": [
                {"nom": "AUDIT SARL", "qualite": "Commissaire aux comptes", "denomination": "AUDIT SARL"},
                {"nom": "DUPONT", "prenoms": "JEAN PAUL", "qualite": "Président de SAS"},
            ],
            "finances": {"2023": {"ca": 900000}, "2024": {"ca": 1000000, "resultat_net": 12}},
        }
    ],
    "total_results": 1,
}
SIRENE_UNIT: dict[str, Any] = {
    "header": {"statut": 200, "message": "OK"},
    "uniteLegale": {"siren": SIREN, "periodesUniteLegale": [{"nicSiegeUniteLegale": "00013"}]},
}
SIRENE_PLACE: dict[str, Any] = {
    "header": {"statut": 200, "message": "OK"},
    "etablissement": {
        "siren": SIREN,
        "nic": "00013",
        "siret": SIRET,
        "etablissementSiege": True,
        "uniteLegale": {
            "denominationUniteLegale": "DUPONT BOULANGERIE",
            "categorieJuridiqueUniteLegale": "5710",
            "activitePrincipaleUniteLegale": "10.71C",
            "trancheEffectifsUniteLegale": "12",
            "etatAdministratifUniteLegale": "A",
            "statutDiffusionUniteLegale": "O",
        },
        "adresseEtablissement": {
            "numeroVoieEtablissement": "12",
            "typeVoieEtablissement": "RUE",
            "libelleVoieEtablissement": "DE LA PAIX",
            "codePostalEtablissement": "69002",
            "libelleCommuneEtablissement": "LYON",
        },
        "periodesEtablissement": [{"etatAdministratifEtablissement": "A", "dateDebut": "2015-01-01"}],
    },
}
PAPPERS: dict[str, Any] = {
    "siren": SIREN,
    "siren_formate": "552 100 554",
    "nom_entreprise": "DUPONT BOULANGERIE",
    "denomination": "DUPONT BOULANGERIE",
    "personne_morale": True,
    "forme_juridique": "SAS, société par actions simplifiée",
    "code_naf": "10.71C",
    "numero_tva_intracommunautaire": "FR96552100554",
    "entreprise_cessee": False,
    "effectif_min": 20,
    "effectif_max": 49,
    "siege": {
        "siret": SIRET,
        "adresse_ligne_1": "12 RUE DE LA PAIX",
        "adresse_ligne_2": None,
        "code_postal": "69002",
        "ville": "LYON",
    },
    "representants": [
        {"nom": "Dupont", "prenom": "Jean", "qualite": "Président", "personne_morale": False},
    ],
    "finances": [
        {"annee": 2023, "chiffre_affaires": 900000, "effectif": 21},
        {"annee": 2024, "chiffre_affaires": 1000000.5, "effectif": 23},
    ],
}
ORDER: dict[str, Any] = {
    "id": "4b3fb17a-5294-42e0-ac0e-f320d23207f8",
    "orderDate": "2026-11-21",
    "status": "in-preparation",
    "publications": [
        {
            "deliveryId": "4be67230-34ce-43a9-bda9-0e26b3ec0415",
            "href": "/publications/4be67230-34ce-43a9-bda9-0e26b3ec0415",
            "assessmentSlug": "debtor-risk-assessment-package",
            "status": "in-preparation",
        }
    ],
}
READY: dict[str, Any] = {
    **ORDER,
    "status": "ready",
    "publications": [{**ORDER["publications"][0], "status": "ready"}],
}
SCORES: list[dict[str, Any]] = [
    {
        "releaseDate": "2026-09-30",
        "isCurrent": True,
        "assessmentSlug": "debtor-risk-assessment-package",
        "companyId": "d560bd24",
        "debtorRiskValue": "7",
        "probabilityOfDefault": 0.8,
        "descriptions": [{"label": "DRA", "full": "Risque acceptable.", "language": "fr", "short": "DRA"}],
    },
    {
        "releaseDate": "2025-04-04",
        "isCurrent": False,
        "assessmentSlug": "debtor-risk-assessment-package",
        "companyId": "d560bd24",
        "debtorRiskValue": "6",
        "descriptions": [],
    },
]
