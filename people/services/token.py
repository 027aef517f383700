"""Tokens of the API: made by their owner, shown once, found by their hash."""

import secrets
import string
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import Change, record, record_many
from digiweb.crypto import hash_secret
from people.models import APIToken, User

MARK = "dw_"
LENGTH = 40
SHOWN = 9
ALPHABET = string.ascii_letters + string.digits
MAX_LIVE = 50
# A token that works all day writes its last use once a minute, not at each call.
USE_STEP = timedelta(minutes=1)


@transaction.atomic
def make_token(
    *, user: Any, name: str, expires_at: datetime | None = None, read_only: bool = False
) -> tuple[APIToken, str]:
    """A new token of `user` and its secret, which nobody can read again."""
    live = APIToken.objects.filter(user=user, revoked_at=None)
    if live.count() >= MAX_LIVE:
        raise ValidationError(_("Fifty tokens are enough: revoke one that is no longer used."))
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError(_("The token would be expired already."))
    secret = MARK + "".join(secrets.choice(ALPHABET) for _number in range(LENGTH))
    token = APIToken.objects.create(
        user=user,
        name=" ".join(name.split())[:60],
        token_hash=hash_secret(secret),
        prefix=secret[:SHOWN],
        read_only=read_only,
        expires_at=expires_at,
    )
    record(user=user, action="token_made", obj=user, data={"token": token.name, "prefix": token.prefix})
    return token, secret


def find_token(secret: str) -> APIToken | None:
    """The live token of this secret, its active owner loaded; None for anything else.

    The lookup is by hash, so that its time says nothing about how much of a guess was right.
    """
    if not secret.startswith(MARK) or len(secret) != len(MARK) + LENGTH:
        return None
    token = APIToken.objects.select_related("user__role").filter(token_hash=hash_secret(secret)).first()
    if token is None or not token.is_live or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= USE_STEP:
        token.last_used_at = now
        APIToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def revoke_token(*, user: Any, token: APIToken) -> None:
    """The token stops working at once; a second time changes nothing."""
    if APIToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(
            user=user,
            action="token_revoked",
            obj=token.user,
            data={"token": token.name, "prefix": token.prefix},
        )


@transaction.atomic
def revoke_tokens(*, user: Any, person: User) -> int:
    """All tokens of a person stop working at once; returns how many did."""
    live = list(APIToken.objects.select_for_update().filter(user=person, revoked_at=None))
    APIToken.objects.filter(pk__in=[token.pk for token in live]).update(revoked_at=timezone.now())
    record_many(
        user=user,
        changes=[
            Change("token_revoked", person, data={"token": token.name, "prefix": token.prefix})
            for token in live
        ],
    )
    return len(live)
