import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from digiweb.phones import format_phone, normalise_phone, phone_suffixes


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "text",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06\u00a012\u202f34 56 78",
        "612345678",  # Excel took it for a number
        "612345678.0",
        "33612345678",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "(+33) 6 12 34 56 78",
        "0033 6 12 34 56 78",
        "'0612345678",
        "tel:+33-6-12-34-56-78",
        "Tél. : 06 12 34 56 78",
        "06 12 34 56 78 poste 12",
        "\u202a+33 6 12 34 56 78\u202c",  # copied from Outlook
        "٠٦١٢٣٤٥٦٧٨",
    ],
)
def test_every_french_way_to_write_a_number_gives_the_same_number(text):
    assert normalise_phone(text) == "+33612345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+32 470 12 34 56", "+32470123456"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+1 (555) 555-0100", "+15555550100"),
        ("0692 12 34 56", "+262692123456"),  # La Réunion
        ("0590 12 34 56", "+590590123456"),  # Guadeloupe
        ("06 39 98 12 34", "+33639981234"),  # kept for fiction, and not of Mayotte
    ],
)
def test_numbers_from_elsewhere_keep_their_country(text, expected):
    assert normalise_phone(text) == expected


@pytest.mark.parametrize("text", ["3,36E+10", "3.36E+10", "3,36123e+10", " 6E8 "])
def test_a_number_whose_digits_excel_lost_is_refused_with_its_own_reason(text):
    with pytest.raises(ValidationError) as raised:
        normalise_phone(text)
    assert raised.value.code == "exponent"
    assert "Format the column as text" in raised.value.messages[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("06 12", "too_short"),
        ("061234567890", "too_long"),
        ("bonjour", "invalid"),
        ("06 12 ABC 78", "invalid"),
        ("", "invalid"),
        ("+", "invalid"),
        ("+999 1234567", "invalid"),
        ("1" * 5000, "invalid"),
        (" " * 5000 + "x", "invalid"),
    ],
)
def test_what_is_not_a_number_is_refused(text, code):
    with pytest.raises(ValidationError) as raised:
        normalise_phone(text)
    assert raised.value.code == code
    assert raised.value.messages[0]


def test_french_numbers_are_shown_in_pairs_and_others_internationally():
    assert format_phone("+33612345678") == "06 12 34 56 78"
    assert format_phone("+32470123456") == "+32 470 12 34 56"
    assert format_phone("not a number") == "not a number"


def test_a_number_is_found_by_any_ending_of_four_digits_or_more():
    assert phone_suffixes("+33612345678") == [
        "0612345678",
        "612345678",
        "12345678",
        "2345678",
        "345678",
        "45678",
        "5678",
    ]
    assert phone_suffixes("+32470123456")[0] == "470123456"
    assert phone_suffixes("+262692123456")[0] == "0692123456"
    assert phone_suffixes("") == []


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[+0-9 ().\-]{1,20}", fullmatch=True)))
@example("+33 692 12 34 56")
@example("69212345" + "6")
def test_normalising_twice_changes_nothing_and_only_validation_errors_come_out(text):
    try:
        once = normalise_phone(text)
    except ValidationError:
        return
    assert normalise_phone(once) == once
    assert once.startswith("+")
    assert once[1:].isascii()
    assert once[1:].isdigit()
    assert len(once) <= 20
    assert format_phone(once)
    assert all(len(suffix) >= 4 for suffix in phone_suffixes(once))


@given(
    st.integers(100_000_000, 999_999_999),
    st.sampled_from(["0{}", "{}", "+33{}", "0033{}", "+33 (0){}", "33{}"]),
)
def test_the_quick_way_accepts_any_french_number_however_prefixed(national, shape):
    digits = str(national)
    result = normalise_phone(shape.format(digits))
    if "33" in shape:
        assert result == "+33" + digits
    else:
        assert result.endswith(digits)
        assert result[1:-9] in ("33", "262", "590", "594", "596")
