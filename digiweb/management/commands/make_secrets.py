"""Prints fresh secrets for `.env`. manage.py lets this one command start without any (MAKING_SECRETS)."""

import base64
import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone


class Command(BaseCommand):
    help = (
        "Print a fresh SECRET_KEY, FIELD_KEYS, BLIND_INDEX_KEY and SEAL_KEYS, ready for .env. Changes "
        "nothing. Lost FIELD_KEYS or SEAL_KEYS cannot be replaced: what they encrypted stays unreadable, "
        "what they sealed cannot be verified. Exit code 0."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        key_id = f"k{timezone.now():%Y%m%d}"
        self.stdout.write(f"SECRET_KEY={secrets.token_urlsafe(50)}")
        self.stdout.write(f"FIELD_KEYS={key_id}:{_key()}")
        self.stdout.write(f"BLIND_INDEX_KEY={_key()}")
        self.stdout.write(f"SEAL_KEYS={key_id}:{_key()}")


def _key() -> str:
    """256 bits, as the key ring reads them (digiweb/crypto.py)."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
