"""Aircall's webhooks: proved by the token in the body, each about one call."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sync.aircall.mapping import ENDED, VOICEMAIL, moment, read_call
from sync.models import PhoneCall
from sync.services.call import record_call
from sync.webhooks import Malformed, same

NAME = "aircall"


def proved(connection: Any, payload: Mapping[str, Any], body: bytes, headers: Mapping[str, str]) -> bool:
    """Aircall signs nothing: each body bears the token of its webhook."""
    return same(payload.get("token"), connection.secret("webhook_token"))


def work(payload: Mapping[str, Any], connection: Any) -> PhoneCall:
    """Put what was heard together with what is known of the call."""
    heard_at = moment(payload.get("timestamp")) or timezone.now()
    try:
        data = read_call(payload.get("data"), heard_at)
    except Malformed:
        raise Malformed(_("The call has no number of its own.")) from None
    over = payload.get("event") in (ENDED, VOICEMAIL)
    return record_call(data=data, connection=connection, over=over)
