import csv

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.importing.fields import FIELDS
from crm.importing.headers import detect_mapping
from digiweb.tabular.vcard import HEADER as VCARD_HEADER
from tests.crm.import_samples import (  # noqa: F401
    GIVEN,
    GOOGLE,
    GOOGLE_OLD,
    HUBSPOT,
    LINKEDIN,
    MAILCHIMP,
    OUTLOOK,
    OUTLOOK_FR,
    english,
    imported,
    mapped,
)


def test_the_fields_are_those_of_the_specification_in_their_order():
    assert list(FIELDS) == [
        "first_name",
        "last_name",
        "full_name",
        "email",
        "phone",
        "mobile",
        "company",
        "siret",
        "job_title",
        "address",
        "postcode",
        "city",
        "country",
        "status",
        "source",
        "tags",
        "note",
    ]


# --- headers ---


def test_the_given_french_header_is_known_whole():
    preset, columns = mapped(GIVEN)
    assert preset == "french"
    assert columns == {
        "prenom": "first_name",
        "nom": "last_name",
        "email": "email",
        "telephone": "phone",
        "entreprise": "company",
        "poste": "job_title",
        "ville": "city",
        "pays": "country",
        "statut": "status",
        "source": "source",
    }


@pytest.mark.parametrize(
    ("header", "preset", "some"),
    [
        (
            GOOGLE,
            "google",
            {"E-mail 1 - Value": "email", "Organization Title": "job_title", "Labels": "tags"},
        ),
        (GOOGLE_OLD, "google_old", {"Family Name": "last_name", "Organization 1 - Name": "company"}),
        (OUTLOOK, "outlook", {"Business City": "city", "Mobile Phone": "mobile", "Job Title": "job_title"}),
        (OUTLOOK_FR, "outlook_fr", {"Titre1": "job_title", "Tél. mobile": "mobile", "Société": "company"}),
        (LINKEDIN, "linkedin", {"Position": "job_title", "Email Address": "email"}),
        (HUBSPOT, "hubspot", {"Associated Company": "company", "Lifecycle Stage": "status"}),
        (MAILCHIMP, "mailchimp", {"Email Address": "email", "TAGS": "tags"}),
    ],
)
def test_the_files_of_other_programs_are_known(header, preset, some):
    found, columns = mapped(header)
    assert found == preset
    assert some.items() <= columns.items()
    for ignored in (
        "Title",
        "Titre",
        "Photo",
        "URL",
        "Connected On",
        "Contact owner",
        "Home City",
        "Lead Status",
    ):
        assert ignored not in columns


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_export_comes_back_to_every_field(language):
    with translation.override(language):
        titles = [str(field.label) for field in FIELDS.values() if field.name != "full_name"]
    mapping = detect_mapping(titles)
    names = [name for name in FIELDS if name != "full_name"]
    assert [mapping.columns.get(column) for column in range(len(titles))] == names


def test_our_french_labels_are_known_as_our_own():
    header = (
        "Prénom,Nom,E-mail,Téléphone,Mobile,Entreprise,SIRET de l'entreprise,Poste,"
        "Adresse,Code postal,Ville,Pays,"
        "Statut,Source,Étiquettes,Note"
    )
    preset, columns = mapped(header)
    assert preset == "digiweb"
    assert list(columns.values()) == [name for name in FIELDS if name != "full_name"]


def test_the_columns_of_a_vcard_are_known():
    mapping = detect_mapping(VCARD_HEADER)
    assert len(mapping.columns) == len(VCARD_HEADER)


def test_outlooks_titre_after_the_company_is_the_job():
    _preset, columns = mapped(
        "Prénom,Deuxième prénom,Nom,Suffixe,Société,Service,Titre,Adresse de messagerie"
    )
    assert columns["Titre"] == "job_title"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "NOM DE FAMILLE,Prénom *,Courriel,Tél. portable,Raison sociale,Fonction,CP,Commune",
            ["last_name", "first_name", "email", "mobile", "company", "job_title", "postcode", "city"],
        ),
        (
            "Full name,E-Mail,Cell phone,Company name,Zip Code",
            ["full_name", "email", "mobile", "company", "postcode"],
        ),
        ("Nom,Mail", ["full_name", "email"]),
        ("prénom,nom,adresse,adresse email", ["first_name", "last_name", "address", "email"]),
        ("first_name,last-name,e_mail", ["first_name", "last_name", "email"]),
        ("prennom,nom,telehpone", ["first_name", "last_name", "phone"]),  # typing slips
        ("zzz,prénom,42", [None, "first_name", None]),
        ("email,email", ["email", None]),
    ],
)
def test_other_headers_are_read_by_their_words(header, expected):
    mapping = detect_mapping(next(csv.reader([header])))
    assert [mapping.columns.get(column) for column in range(len(expected))] == expected
    assert mapping.preset == ""


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_header_is_mapped_within_its_columns(header):
    mapping = detect_mapping(header)
    assert set(mapping.columns) <= set(range(len(header)))
    assert set(mapping.columns.values()) <= set(FIELDS)
