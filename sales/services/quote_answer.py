"""What the client says to a quote: opened it, refused it. A yes is in quote_accepted.py."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import change_record
from sales.models import Quote
from sales.services.quote import AROUND, also_of
from timeline.services.notification import notify

UNLOGGED = ("answered_at", "answer_ip", "opened_at")


@transaction.atomic
def note_opening(*, quote: Quote) -> bool:
    """The client's browser showed the page: noted once; returns whether it was the first time."""
    first = Quote.objects.filter(pk=quote.pk, opened_at=None, sent_at__isnull=False)
    if not first.update(opened_at=timezone.now()):
        return False
    quote.refresh_from_db(fields=["opened_at"])
    record(user=None, action="opened", obj=quote, also=also_of(quote))
    notify(
        people=[quote.owner],
        kind="quote.opened",
        text=_("%(client)s opened quote %(quote)s") % {"client": quote.addressee, "quote": quote},
        obj=quote,
        key=f"quote-opened-{quote.pk}",
    )
    return True


@transaction.atomic
def refuse_quote(
    *, user: Any, quote: Quote, reason: str, name: str = "", email: str = "", ip: str | None = None
) -> Quote:
    """The client says no, and perhaps why; said twice, it is said once. The deal stays open.

    `user` is who notes it by hand, None where the client did it. Raises ValidationError for a quote that is
    not open, and for one that was accepted.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    prefetch_related_objects([held], *AROUND)
    if held.status == Quote.Status.REFUSED:
        quote.__dict__.update(held.__dict__)
        return held
    check_open(held)
    now = timezone.now()
    values = {
        "status": Quote.Status.REFUSED,
        "answered_at": now,
        "opened_at": held.opened_at or (now if user is None else None),
        "answer_name": name[:160],
        "answer_email": email,
        "answer_ip": ip or None,
        "refusal_reason": reason.strip()[:500],
    }
    change_record(
        user=user, obj=quote, values=values, also=also_of(held), action="refused", unlogged=UNLOGGED
    )
    if user is None:
        text = _("%(client)s refused quote %(quote)s") % {"client": held.addressee, "quote": held}
        tell_owner(quote, "quote.refused", f"{text}: {reason.strip()}" if reason.strip() else text)
    return quote


def check_open(quote: Quote) -> None:
    """Raises ValidationError, with words for whoever answers, for a quote that waits for no answer."""
    if quote.is_open:
        return
    about = {"quote": quote, "status": str(quote.status_label).lower()}
    raise ValidationError(
        _("“%(quote)s” is %(status)s: it cannot be answered any more."), code="closed", params=about
    )


def tell_owner(quote: Quote, kind: str, text: str) -> None:
    """Notify the salesperson, in the page and by e-mail, once."""
    notify(people=[quote.owner], kind=kind, text=text, obj=quote, key=f"{kind}-{quote.pk}", mail=True)
