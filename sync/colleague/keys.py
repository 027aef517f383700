"""By what the import knows things again: hashes of natural keys and of whole pieces.

Keys are hashed so that equal is what this says, not what a collation makes of it; pieces with a key of ours,
because bank numbers are among what they hold.
"""

import json
from functools import cache
from hashlib import blake2b, sha256
from typing import Any, NamedTuple

from django.conf import settings

from digiweb.fulltext import fold
from sync.colleague.shape import Prospect
from sync.colleague.values import Wrong, email, whole


def plain(text: str) -> str:
    """A name as it is compared: without case, accents, or spaces that tell nothing."""
    return " ".join(fold(text).split())


def key_of(*parts: Any) -> str:
    """The hash of a natural key."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=20).hexdigest()


class Element(NamedTuple):
    """A piece of the list as it was sent, with the hash by which it is known again."""

    raw: Any
    digest: str
    # Characters of its text: what is held in memory is limited by them.
    size: int


def element_of(raw: Any) -> Element:
    written = _written(raw)
    return Element(raw, _hash(written), len(written))


def digest_of(raw: Any) -> str:
    """The hash of a piece as it was sent, whatever the order of its keys."""
    return _hash(_written(raw))


def _written(raw: Any) -> str:
    return json.dumps(raw, sort_keys=True, default=str, separators=(",", ":"))


def _hash(written: str) -> str:
    return blake2b(written.encode(), digest_size=20, key=_secret()).hexdigest()


@cache
def _secret() -> bytes:
    return sha256(f"colleague {settings.BLIND_INDEX_KEY}".encode()).digest()


def chained(prefix: str, digest: str) -> str:
    """The hash of all pieces so far and one more."""
    return blake2b((prefix + digest).encode(), digest_size=20).hexdigest()


def number_of(raw: Any) -> int | None:
    """`idProspect`, read as `read_prospect` does, without reading the rest."""
    try:
        return whole(raw.get("idProspect"), 1, 2**63 - 1) if isinstance(raw, dict) else None
    except Wrong:
        return None


def has_email(raw: Any) -> bool:
    """Whether a piece holds an e-mail that can be read."""
    try:
        return isinstance(raw, dict) and bool(raw.get("email")) and bool(email(raw["email"]))
    except Wrong:
        return False


def prospect_key(number: int | None, prospect: Prospect | None = None) -> str:
    """By its number; one without is known by its e-mail, else by its phone. "" for nobody."""
    if number is not None:
        return key_of("number", number)
    if prospect is None:
        return ""
    return key_of("email", prospect.email) if prospect.email else key_of("phone", prospect.phone)


def contract_key(reference: str) -> str:
    return key_of("contract", plain(reference))
