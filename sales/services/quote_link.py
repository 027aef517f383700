"""The address of a quote's public page. No table has it: it follows from a counter and the house's secret.

Only its hash is kept, by which the quote is found.
"""

import base64
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from digiweb.changes import change_record
from digiweb.crypto import hash_secret
from sales.models import Quote

SALT = "sales.quote_link"
# 32 bytes in base64, without the sign at the end.
LENGTH = 43


def token_of(quote: Quote) -> str:
    """What stands in the address; "" for a quote that has none, or one made by another house's secret."""
    token = _token(quote.pk, quote.link_serial)
    return token if quote.token_hash == hash_secret(token) else ""


def _token(pk: int, serial: int) -> str:
    digest = salted_hmac(SALT, f"{pk}:{serial}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def fresh_link(quote: Quote) -> dict[str, Any]:
    """The columns of the next link; the one before leads nowhere once they are saved."""
    serial = quote.link_serial + 1
    return {"link_serial": serial, "token_hash": hash_secret(_token(quote.pk, serial))}


def link_of(quote: Quote) -> str:
    """The whole address, for the message and for whoever copies it; "" where there is none."""
    token = token_of(quote)
    return settings.SITE_URL + reverse("quote_public", args=[token]) if token else ""


def quote_by_token(token: str) -> Quote | None:
    """The quote of this address, with what its page shows; None for any other."""
    if len(token) != LENGTH or not token.isascii():
        return None
    around = ("agency", "company", "contact", "client", "deal", "owner", "replaced_by")
    found: Quote | None = Quote.objects.select_related(*around).filter(token_hash=hash_secret(token)).first()
    return found


@transaction.atomic
def renew_link(*, user: Any, quote: Quote) -> None:
    """A new link; the old one leads nowhere from now on. Raises ValidationError for a quote not sent."""
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    if held.sent_at is None:
        raise ValidationError(_("“%(quote)s” has not been sent."), params={"quote": held})
    values = fresh_link(held)
    change_record(user=user, obj=quote, values=values, action="link_renewed", unlogged=list(values))
