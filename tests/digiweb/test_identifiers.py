import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as iban_rules

from digiweb.identifiers import clean_bic, clean_iban, clean_siren, clean_siret, clean_vat, vat_of_siren


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def luhn_holds(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@pytest.mark.parametrize(
    "text", ["732829320", "732 829 320", "732.829.320", " 732\u00a0829\u202f320 ", "732-829-320"]
)
def test_a_siren_is_read_however_it_is_spaced(text):
    assert clean_siren(text) == "732829320"


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_a_siren_is_accepted_exactly_when_its_key_holds(digits):
    if luhn_holds(digits):
        assert clean_siren(digits) == digits
    else:
        with pytest.raises(ValidationError) as raised:
            clean_siren(digits)
        assert raised.value.code == "checksum"


@given(st.text(max_size=30))
def test_any_text_gives_an_identifier_or_a_validation_error(text):
    for clean in (clean_siren, clean_siret, clean_vat, clean_iban, clean_bic):
        try:
            value = clean(text)
        except ValidationError:
            continue
        assert clean(value) == value


@pytest.mark.parametrize(
    ("clean", "text", "message"),
    [
        (clean_siret, "73282932000", "A SIRET has 14 digits: 11 were given."),
        (clean_siren, "7328293200", "A SIREN has 9 digits: 10 were given."),
        (clean_siren, "73282932A", "A SIREN has digits only: “73282932A” was given."),
        (clean_siren, "732829321", "This SIREN isn't right: 732829321. One of its digits is wrong."),
        (clean_vat, "FR4473282932", "A French VAT number has FR and 11 characters: 10 were given."),
        (clean_vat, "XX123456789", "“XX” isn't a country whose VAT numbers are known here."),
    ],
)
def test_the_message_says_what_is_wrong(clean, text, message):
    with pytest.raises(ValidationError) as raised:
        clean(text)
    assert raised.value.messages == [message]


def test_a_siret_that_excel_turned_into_an_exponent_has_its_own_reason():
    with pytest.raises(ValidationError) as raised:
        clean_siret("7,32829E+13")
    assert raised.value.code == "exponent"


def test_a_siret_may_be_of_la_poste_whose_key_is_another():
    assert clean_siret("732 829 320 00074") == "73282932000074"
    assert clean_siret("356 000 000 49837") == "35600000049837"
    with pytest.raises(ValidationError):
        clean_siret("35600000049838")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fr 44 732 829 320", "FR44732829320"),
        ("44732829320", "FR44732829320"),
        ("BE 0697.449.992", "BE0697449992"),
        ("EL 094259216", "EL094259216"),
        ("GB 980 7806 84", "GB980780684"),
        ("CHE-116.281.710 TVA", "CHE116281710"),
        ("CHE-116.281.710", "CHE116281710"),
        ("NO 995 525 828 MVA", "NO995525828MVA"),
    ],
)
def test_vat_numbers_of_the_neighbours_are_read(text, expected):
    assert clean_vat(text) == expected
    assert clean_vat(expected) == expected
    assert len(expected) <= 14  # the column's width


@given(st.integers(0, 99_999_999))
def test_the_vat_number_of_a_siren_is_valid(number):
    siren = next(f"{number:08d}{key}" for key in range(10) if luhn_holds(f"{number:08d}{key}"))
    vat = vat_of_siren(siren)
    assert vat.endswith(siren)
    assert clean_vat(vat) == vat


# --- Bank accounts


@pytest.mark.parametrize(
    "text",
    [
        "FR1420041010050500013M02606",
        "fr14 2004 1010 0505 0001 3m02 606",
        "FR14\u00a02004\u202f1010.0505-0001_3M02\u200b606",
        "IBAN : FR14 2004 1010 0505 0001 3M02 606",
        "iban FR1420041010050500013M02606",
    ],
)
def test_an_iban_is_read_however_it_is_written(text):
    assert clean_iban(text) == "FR1420041010050500013M02606"


@pytest.mark.parametrize(
    "number",
    [
        "DE89370400440532013000",
        "BE68539007547034",
        "BE83138811735115",
        "GB82WEST12345698765432",
        "MC5811222000010123456789030",
    ],
)
def test_ibans_of_other_countries(number):
    assert clean_iban(number) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "format"),
        ("20041010050500013M02606", "format"),
        ("FR1420041010050500013M0260", "length"),
        ("FR1420041010050500013M026066", "length"),
        ("FR1420041010050500013M02607", "checksum"),
        ("FR1420041010050500013M02660", "checksum"),
        ("XX1420041010050500013M02606", "country"),
        ("US1420041010050500013M02606", "country"),
        ("FR14２0041010050500013M02606", "format"),
        ("FR14 2004 1010 0505 0001 3M02 6Ø6", "format"),
        # Its check digits were worked out anew: only the French key tells.
        ("FR8420041010050500013M02607", "account"),
        ("BE41539007547035", "account"),
    ],
)
def test_a_wrong_iban_says_what_is_wrong_and_never_which_it_was(text, code):
    with pytest.raises(ValidationError) as raised:
        clean_iban(text)
    assert raised.value.code == code
    compact = "".join(text.split())
    for message in raised.value.messages:
        assert not compact or compact[4:] not in "".join(message.split())
        assert "02606" not in message


def test_check_digits_that_no_bank_gives_are_refused():
    """97 less than they should be: divided, the number leaves the right rest all the same."""
    accounts = (f"37040044{number:010d}" for number in range(1000))
    right = next(
        digits + account
        for account in accounts
        if (digits := iban_rules.calc_check_digits(f"DE00{account}")) in ("97", "98")
    )
    assert clean_iban(f"DE{right}")
    with pytest.raises(ValidationError) as raised:
        clean_iban(f"DE{int(right[:2]) - 97:02d}{right[2:]}")
    assert raised.value.code == "checksum"


@pytest.mark.parametrize("text", ["AGRIFRPP882", "agri frpp 882", "BIC : AGRIFRPP882", "AGRI-FR-PP-882"])
def test_a_bic_is_read_however_it_is_written(text):
    assert clean_bic(text) == "AGRIFRPP882"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AGRIFRPP8", "length"),
        ("", "length"),
        ("AGR1FRPP", "format"),
        ("AGRIF2PP", "format"),
        ("AGRIQQPP", "format"),
        ("ÀGRIFRPP", "format"),
    ],
)
def test_a_wrong_bic(text, code):
    with pytest.raises(ValidationError) as raised:
        clean_bic(text)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("bic", "iban", "fits"),
    [
        ("AGRIFRPP", "FR1420041010050500013M02606", True),
        ("BNPAGPGX", "FR1420041010050500013M02606", True),
        ("DEUTDEFF", "FR1420041010050500013M02606", False),
        ("DEUTDEFF", "DE89370400440532013000", True),
        ("CMCIMCM1", "MC5811222000010123456789030", True),
    ],
)
def test_a_bic_belongs_to_the_country_of_the_iban(bic, iban, fits):
    if fits:
        assert clean_bic(bic, iban) == bic
    else:
        with pytest.raises(ValidationError) as raised:
            clean_bic(bic, iban)
        assert raised.value.code == "country"
