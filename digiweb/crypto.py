"""Encryption of columns at rest: AES-256-GCM with a key ring that is not SECRET_KEY.

A stored value is `v1:<key id>:<base64 of nonce + ciphertext>`; table and column are authenticated
with it, so a value copied into another column does not decrypt. The first key of FIELD_KEYS
encrypts, the others still decrypt: add a new key in front to rotate.
"""

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


def hash_secret(secret: str) -> str:
    """The form in which we keep secrets that we made (tokens, links): nobody can read them again.

    They are long and random: no salt, no slow hash; that is for passwords.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


class DecryptionError(Exception):
    """A stored value cannot be read: key missing, or the value was altered or moved."""


def _ring() -> dict[str, bytes]:
    pairs = (key.split(":", 1) for key in settings.FIELD_KEYS)
    return {key_id: base64.b64decode(encoded, validate=True) for key_id, encoded in pairs}


def encrypt(text: str, place: str) -> str:
    """Encrypt `text` for `place` (table.column) with the first key of the ring."""
    key_id, key = next(iter(_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())
    return f"v1:{key_id}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, place: str) -> str:
    """Read what `encrypt` wrote for the same place; raises DecryptionError on anything else."""
    try:
        version, key_id, encoded = stored.split(":", 2)
        if version != "v1":
            raise ValueError(version)
        sealed = base64.b64decode(encoded, validate=True)
        key = _ring()[key_id]
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise DecryptionError(place) from error


def blind_index(text: str) -> str:
    """A keyed hash by which an encrypted value is found again, blanks and case aside."""
    key = base64.b64decode(settings.BLIND_INDEX_KEY, validate=True)
    return hmac.new(key, text.replace(" ", "").upper().encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database; only `isnull` can be asked of it."""

    def _place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value, self._place()) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypt(value, self._place()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: search by its blind index, not by {lookup_name}")
        return super().get_lookup(lookup_name)
