"""Whole numbers in what arrives from outside: addresses, forms, headers."""

# More digits than these are no number of a record, and no version.
MAX_DIGITS = 18


def whole_number(text: object) -> int | None:
    """The number that a text of 1 to 18 plain digits says; None for anything else.

    `str.isdigit` alone says yes to « ² », which `int` refuses, and to more digits than a column takes.
    """
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS else None
