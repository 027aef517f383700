"""Quotes that leave the house: frozen, drawn once, sent by a job to each recipient."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import change_record
from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from digiweb.mail import MailRefused, MailServerDown, send
from digiweb.models import StaleVersion
from digiweb.templatetags.digiweb import money
from sales.models import Quote, QuoteLine, QuoteMessage
from sales.services.quote import AROUND, also_of
from sales.services.quote_facts import fresh_facts
from sales.services.quote_link import fresh_link, link_of
from sales.services.quote_pdf import draw_quote, file_name, keep_pdf, pdf_of

# Recipients of one sending.
MOST_RECIPIENTS = 10
# What becomes known of a sent quote, but is no change that anybody reads.
UNLOGGED = ("facts", "pdf", "pdf_sha256", "sent_at", "link_serial", "token_hash")
# A message that no job has taken so long is asked for again.
WAITS = timedelta(minutes=5)


@transaction.atomic
def send_quote(
    *,
    user: Any,
    quote: Quote,
    to: Sequence[str],
    subject: str,
    body: str,
    version: int | None = None,
) -> list[QuoteMessage]:
    """Send a quote to addresses; a draft is frozen first, one that is open is sent again as it is.

    Raises ValidationError where something lacks, StaleVersion when somebody changed the draft meanwhile.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    if version is not None and held.version != version:
        raise StaleVersion(held)
    prefetch_related_objects([held], *AROUND)
    addresses = list(dict.fromkeys(to))
    if held.is_draft:
        _freeze(user, held, "sent", {"added": addresses})
    elif not held.is_open:
        raise ValidationError(
            _("“%(quote)s” is %(status)s: it is not sent any more."),
            params={"quote": held, "status": str(held.status_label).lower()},
        )
    else:
        record(user=user, action="sent", obj=held, data={"added": addresses}, also=also_of(held))
    quote.__dict__.update(held.__dict__)
    return [
        ask_for_message(
            quote=held, kind=QuoteMessage.Kind.QUOTE, to=each, subject=subject, body=body, user=user
        )
        for each in addresses
    ]


@transaction.atomic
def freeze_quote(*, user: Any, quote: Quote) -> None:
    """Freeze a draft without a message: it is handed over otherwise. Raises as `send_quote`."""
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    prefetch_related_objects([held], *AROUND)
    if not held.is_draft:
        raise ValidationError(_("“%(quote)s” was sent already."), params={"quote": held})
    _freeze(user, held, "handed_over", {})
    quote.__dict__.update(held.__dict__)


def _freeze(user: Any, quote: Quote, action: str, data: dict[str, Any]) -> None:
    """Words, sums and PDF as they are now, for good; told as `action`."""
    _check_ready(quote)
    now = timezone.now()
    quote.quoted_on = timezone.localdate(now)
    facts = fresh_facts(quote)
    keep_pdf(quote, draw_quote(facts, moment=now))
    try:
        with transaction.atomic():
            values = {
                "status": Quote.Status.SENT,
                "quoted_on": quote.quoted_on,
                "sent_at": now,
                "facts": facts,
                "pdf": quote.pdf.name,
                "pdf_sha256": quote.pdf_sha256,
                **fresh_link(quote),
            }
            change_record(
                user=user,
                obj=quote,
                values=values,
                also=also_of(quote),
                action=action,
                data=data,
                unlogged=UNLOGGED,
            )
    except BaseException:
        default_storage.delete(str(quote.pdf.name))
        raise
    prefetch_related_objects([quote], *AROUND)


def _check_ready(quote: Quote) -> None:
    if not quote.lines.filter(kind=QuoteLine.Kind.ITEM).exists():
        raise ValidationError(_("The quote has no line: there is nothing to send."))
    if quote.valid_until < timezone.localdate():
        raise ValidationError({"valid_until": _("Its last day has passed: choose a later one.")})
    lacking = quote.agency.what_lacks()
    if lacking:
        columns: list[Any] = [quote.agency._meta.get_field(name) for name in lacking]
        names = ", ".join(str(column.verbose_name) for column in columns)
        text = _("%(agency)s makes no quotes yet: what the law asks for is missing (%(names)s).")
        raise ValidationError({"agency": text % {"agency": quote.agency, "names": names}})


def proposed_message(quote: Quote) -> dict[str, str]:
    """Recipient, subject and body as they usually are, in the quote's language; people change them."""
    party = quote.contact or quote.company
    to = (quote.contact.email if quote.contact else "") or (quote.company.email if quote.company else "")
    with translation.override(quote.language):
        about = {
            "name": quote.contact.full_name if quote.contact else str(party or ""),
            "number": quote.number,
            "subject": quote.subject,
            "amount": money(quote.gross or quote.monthly_net or quote.yearly_net),
            "day": date_format(quote.valid_until, "DATE_FORMAT"),
            "seller": quote.owner.full_name,
            "agency": str(quote.agency),
        }
        return {
            "to": to,
            "subject": _("Our quote %(number)s: %(subject)s") % about,
            "body": _(
                "Hello %(name)s,\n\nplease find our quote %(number)s, “%(subject)s”. You can read it on "
                "line, ask us what is not clear, and accept it until %(day)s.\n\n"
                "Kind regards,\n%(seller)s\n%(agency)s"
            )
            % about,
        }


# --- Messages


def ask_for_message(
    *, quote: Quote, kind: str, to: str, subject: str, body: str, user: Any = None
) -> QuoteMessage:
    """Keep a message to one address, and have a job send it once this is committed."""
    message = QuoteMessage.objects.create(
        quote=quote, kind=kind, to=to, subject=subject[:200], body=body[:4000], sender=user
    )
    _enqueue(message)
    return message


def _enqueue(message: QuoteMessage) -> None:
    enqueue(
        function_at("sales.jobs.send_quote_message"),
        user=message.sender,
        label=_("Message about quote %(quote)s") % {"quote": message.quote},
        key=f"quote-message-{message.pk}",
        url=message.quote.get_absolute_url(),
        message_id=message.pk,
    )


def deliver_message(pk: int) -> None:
    """Send one, unless it was sent; its row is held while the server takes it, so that no two send it.

    Raises JobError where the server refuses the address, TryAgain where it does not answer.
    """
    with transaction.atomic():
        waiting = QuoteMessage.objects.select_for_update().filter(pk=pk, state=QuoteMessage.State.WAITING)
        message = waiting.first()
        if message is None:
            return
        try:
            _send(message)
        except MailServerDown as error:
            text = _("The mail server does not answer; the message is tried again by itself.")
            raise TryAgain(text) from error
        except MailRefused as error:
            message.state, message.error = QuoteMessage.State.REFUSED, str(error)[:300]
            data = {"added": [message.to], "remark": message.error}
            record(user=None, action="message_refused", obj=message.quote, data=data)
        else:
            message.state, message.sent_at = QuoteMessage.State.SENT, timezone.now()
        message.save(update_fields=["state", "error", "sent_at"])
    if message.state == QuoteMessage.State.REFUSED:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": message.error})


def _send(message: QuoteMessage) -> None:
    quote = message.quote
    sender = message.sender or quote.owner
    open_still = quote.status in Quote.AWAITED and message.kind == QuoteMessage.Kind.QUOTE
    send(
        "sales/quote",
        to=message.to,
        language=quote.language,
        context={
            "agency_name": str(quote.agency),
            "message": message,
            "quote": quote,
            "seller": sender,
            "action_url": link_of(quote) if open_still or message.kind != "quote" else "",
            "is_confirmation": message.kind == QuoteMessage.Kind.CONFIRMATION,
        },
        reply_to=sender.email,
        attachments=[(file_name(quote), pdf_of(quote), "application/pdf")],
        sender=str(quote.agency),
        key=f"quote-message-{message.pk}",
    )


def send_waiting() -> int:
    """Ask again for messages that no job has taken or that the server did not take; returns how many."""
    old = QuoteMessage.objects.filter(state=QuoteMessage.State.WAITING, created_at__lt=timezone.now() - WAITS)
    waiting = list(old.select_related("quote", "sender").order_by("pk")[:500])
    for message in waiting:
        _enqueue(message)
    return len(waiting)


# --- The night


def expire_quotes() -> int:
    """Say of sent quotes whose last day has passed that they expired; returns how many."""
    today, count = timezone.localdate(), 0
    while True:
        with transaction.atomic():
            due = Quote.objects.select_for_update().filter(status=Quote.Status.SENT, valid_until__lt=today)
            quotes = list(due.order_by("pk")[:200])
            for quote in quotes:
                prefetch_related_objects([quote], *AROUND)
                values = {"status": Quote.Status.EXPIRED}
                change_record(user=None, obj=quote, values=values, also=also_of(quote), action="expired")
        count += len(quotes)
        if not quotes:
            return count
