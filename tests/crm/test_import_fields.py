import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.importing.fields import FIELDS, Mapping, clean_row
from crm.importing.names import split_name
from digiweb.countries import COUNTRIES, country_code, country_name
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

# --- rows ---


def test_a_row_of_the_given_file_becomes_a_contact():
    row = imported(
        GIVEN,
        " Élodie ",
        "Dupont\u00a0Martin",
        "Elodie.Dupont@Exemple.FR",
        "612345678",
        "Agence Exemple",
        "Gérante",
        "Lille",
        "france",
        "Client",
        "Salon",
    )
    assert row.errors == []
    assert row.data == {
        "first_name": "Élodie",
        "last_name": "Dupont Martin",
        "email": "elodie.dupont@exemple.fr",
        "phone": "+33612345678",
        "company": "Agence Exemple",
        "job_title": "Gérante",
        "city": "Lille",
        "country": "FR",
        "status": "client",
        "source": "Salon",
    }


def test_an_empty_cell_says_nothing_and_leaves_room_for_the_default():
    row = imported(GIVEN, "Zoé", "", " ", "", "", "", "", "", "", "", status="prospect", source="Import")
    assert row.data == {"first_name": "Zoé", "status": "prospect", "source": "Import"}


def test_every_wrong_cell_is_named_with_its_field():
    row = imported(
        GIVEN, "x" * 81, "", "pas une adresse", "3,36E+10", "", "", "", "Narnia", "Peut-être", "s" * 61
    )
    assert [name for name, _message in row.errors] == [
        "first_name",
        "email",
        "phone",
        "country",
        "status",
        "source",
    ]
    messages = dict(row.errors)
    assert messages["first_name"] == "At most 80 characters: 81 were given."
    assert "lost digits" in messages["phone"]


def test_messages_are_in_the_language_of_the_person():
    with translation.override("fr"):
        row = imported(GIVEN, "x" * 81, *[""] * 9)
    assert all(isinstance(message, str) for _name, message in row.errors)


@pytest.mark.parametrize(
    ("values", "fine"),
    [
        (["A"], True),
        (["", "B"], True),
        (["", "", "a@exemple.fr"], True),
        (["", "", "", "0612345678"], True),
        (["", "", "", "", "Agence"], False),
        ([], False),
    ],
)
def test_a_row_needs_a_name_or_an_address_or_a_phone(values, fine):
    row = imported(GIVEN, *values, country="FR")
    assert (row.errors == []) == fine
    if not fine:
        assert row.errors == [("", "This row has no name, no e-mail and no phone.")]


def test_of_several_values_in_a_google_cell_the_first_counts_and_a_second_phone_is_the_mobile():
    row = clean_row(
        [
            "Jean",
            "a@exemple.fr ::: b@exemple.fr",
            "01 23 45 67 89 ::: 06 12 34 56 78",
            "* myContacts ::: Clients ::: VIP",
        ],
        Mapping("google", {0: "first_name", 1: "email", 2: "phone", 3: "tags"}),
        {},
    )
    assert row.errors == []
    assert row.data["email"] == "a@exemple.fr"
    assert (row.data["phone"], row.data["mobile"]) == ("+33123456789", "+33612345678")
    assert row.tags == ["Clients", "VIP"]


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78 / 01 23 45 67 89",
        "0612345678;0123456789",
        "06.12.34.56.78 ou 01.23.45.67.89",
        "+33 6 12 34 56 78\n+33 1 23 45 67 89",
    ],
)
def test_two_numbers_in_one_cell_are_two_numbers(text):
    row = clean_row([text], Mapping("", {0: "phone"}), {})
    assert row.data == {"phone": "+33612345678", "mobile": "+33123456789"}


def test_the_first_filled_column_of_several_wins_and_addresses_and_notes_add_up():
    row = clean_row(
        ["", "b@exemple.fr", "1 rue A", "Bât. B", "un", "deux", "x, y", "Y;z"],
        Mapping(
            "",
            {0: "email", 1: "email", 2: "address", 3: "address", 4: "note", 5: "note", 6: "tags", 7: "tags"},
        ),
        {},
    )
    assert row.data == {"email": "b@exemple.fr", "address": "1 rue A, Bât. B"}
    assert row.note == "un\ndeux"
    assert [tag.lower() for tag in row.tags] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jean Dupont", ("Jean", "Dupont")),
        ("Jean de La Tour", ("Jean", "de La Tour")),
        ("DE LA TOUR Jean", ("Jean", "DE LA TOUR")),
        ("Jean-Pierre DUPONT", ("Jean-Pierre", "DUPONT")),
        ("Dupont, Jean", ("Jean", "Dupont")),
        ("Mme Élodie Dupré", ("Élodie", "Dupré")),
        ("M. Dupont", ("", "Dupont")),
        ("JEAN DUPONT", ("JEAN", "DUPONT")),
        ("Cher", ("", "Cher")),
        ("محمد علي", ("محمد", "علي")),
    ],
)
def test_a_name_in_one_cell_is_split(text, expected):
    assert split_name(text) == expected
    row = clean_row([text], Mapping("", {0: "full_name"}), {})
    assert (row.data.get("first_name", ""), row.data.get("last_name", "")) == expected
    assert "full_name" not in row.data


def test_a_name_of_its_own_columns_wins_over_the_full_name():
    row = clean_row(
        ["X Y", "Jean", "Dupont"], Mapping("", {0: "full_name", 1: "first_name", 2: "last_name"}), {}
    )
    assert row.data == {"first_name": "Jean", "last_name": "Dupont"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prospect", "prospect"),
        ("CLIENT", "client"),
        ("Piste", "lead"),
        ("Lead", "lead"),
        ("customer", "client"),
        ("Marketing Qualified Lead", "lead"),
        ("opportunité", "prospect"),
    ],
)
def test_statuses_are_read_in_french_and_english(text, expected):
    assert FIELDS["status"].clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("France", "FR"),
        ("fr", "FR"),
        ("FRA", "FR"),
        ("Belgique", "BE"),
        ("Germany", "DE"),
        ("ETATS UNIS", "US"),
        ("U.S.A.", "US"),
        ("Côte d’Ivoire", "CI"),
        ("royaume-uni", "GB"),
        ("La Réunion", "RE"),
    ],
)
def test_countries_are_read_by_name_and_by_code(text, expected):
    assert FIELDS["country"].clean(text) == expected


def test_every_country_is_found_by_its_own_names():
    assert len(COUNTRIES) == 250
    for code, names in COUNTRIES.items():
        assert {country_code(code), *(country_code(name) for name in names)} == {code}
    with translation.override("fr"):
        assert country_name("DE") == "Allemagne"
    assert country_name("DE") == "Germany"
    assert country_name("??") == "??"


def test_a_french_postcode_gets_back_the_zero_that_excel_took():
    mapping = Mapping("", {0: "last_name", 1: "postcode", 2: "country"})
    assert clean_row(["A", "1000", "France"], mapping, {}).data["postcode"] == "01000"
    assert clean_row(["A", "1000", ""], mapping, {"country": "FR"}).data["postcode"] == "01000"
    assert clean_row(["A", "1000", "Belgique"], mapping, {}).data["postcode"] == "1000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jean\u202eDupont", "JeanDupont"),
        ("a\x07b\x1b[0m", "ab[0m"),
        ("deux\nlignes\t et  plus", "deux lignes et plus"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("👩‍👩‍👧 🏴‍☠️", "👩‍👩‍👧 🏴‍☠️"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("<b>gras</b>", "<b>gras</b>"),
        ("x\ud800y", "xy"),
    ],
)
def test_what_cannot_be_seen_is_removed_and_letters_and_emoji_stay(text, expected):
    assert FIELDS["company"].clean(text) == expected


def test_a_note_keeps_its_lines():
    assert FIELDS["note"].clean("un\r\ndeux\r\n\r\ntrois\x00".rstrip("\0")) == "un\ndeux\n\ntrois"


@pytest.mark.parametrize("name", ["first_name", "note", "tags", "email", "phone"])
def test_a_nul_byte_is_refused(name):
    with pytest.raises(ValidationError):
        FIELDS[name].clean("a\0b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Élodie <elodie@exemple.fr>", "elodie@exemple.fr"),
        ("mailto:a@exemple.fr", "a@exemple.fr"),
        ("a@exemple.fr; b@exemple.fr", "a@exemple.fr"),
        ("o'neil@exemple.fr", "o'neil@exemple.fr"),
        ("\u200ba@exemple.fr\u00a0", "a@exemple.fr"),
    ],
)
def test_addresses_are_taken_from_what_is_around_them(text, expected):
    assert FIELDS["email"].clean(text) == expected


@pytest.mark.parametrize(
    "text", ["a@", "a b@exemple.fr", "a@exemple", "é@exemple.fr", "a@b@c.fr", "a" * 250 + "@b.fr"]
)
def test_wrong_addresses_are_refused(text):
    with pytest.raises(ValidationError):
        FIELDS["email"].clean(text)


def test_a_tag_too_long_and_a_siret_too_short_are_refused():
    with pytest.raises(ValidationError, match="40"):
        FIELDS["tags"].clean("court, " + "x" * 41)
    with pytest.raises(ValidationError, match="14 digits"):
        FIELDS["siret"].clean("123")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=len(FIELDS)))
def test_any_row_gives_values_that_fit_their_columns(values):
    row = clean_row(values, Mapping("", dict(enumerate(FIELDS))), {})
    for name, value in row.data.items():
        assert 0 < len(value) <= FIELDS[name].max_length
        assert "\0" not in value
        value.encode()
        assert FIELDS[name].clean(value) == value
    assert all(name == "" or name in FIELDS for name, _message in row.errors)
    assert all(0 < len(tag) <= 40 for tag in row.tags)
