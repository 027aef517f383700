"""What a program may send that no person would."""

from typing import Any

JSON = "application/json"
# What somebody may put into the key of a page, whatever the column of the sort.
ODD_KEYS = (
    1e400, -1e400, float("nan"), 1.5, 1e300, True, 2**63, -(2**63) - 1, 10**400, "", "x", "é", "\0", "\ud800",
    "NaN", "Infinity", "1e999999", "x" * 3000, "2026-01-01", "0001-01-01", "9999-12-31", "2026-02-30",
    "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "24:00",
)  # fmt: skip
# Bodies, their kind, and how they are refused.
UNREADABLE: list[tuple[Any, str, int]] = [
    ("{", JSON, 400),
    ("[]", JSON, 400),
    ('"x"', JSON, 400),
    ("null", JSON, 422),
    ("NaN", JSON, 400),
    ("{} {}", JSON, 400),
    ('{"version": NaN}', JSON, 400),
    ('{"version": ' + "9" * 5000 + "}", JSON, 400),
    ("[" * 100_000, JSON, 400),
    ('{"a":' * 50_000, JSON, 400),
    (b"\xff\xfe{\0}\0", JSON, 400),
    (b'{"q": "\xe9"}', JSON, 400),
    ("a=b", "application/x-www-form-urlencoded", 415),
    ("<a/>", "application/xml", 415),
    ("{}", "text/plain", 415),
    ("{}", "nonsense", 415),
    ('{"a": "' + "x" * 10_000_000 + '"}', JSON, 413),
]
