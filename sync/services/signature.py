"""Quotes signed by Yousign: asked for, sent step by step, heard of, papers kept."""

from collections.abc import Collection
from contextlib import suppress

import pypdfium2
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from sales.models import Quote
from sales.services.quote import also_of
from sales.services.quote_accepted import accept_quote
from sales.services.quote_answer import check_open, refuse_quote
from sales.services.quote_pdf import ensure_pdf, file_name, pdf_of
from sync.errors import Down, ProviderError, Quota
from sync.models import Connection, SignatureRequest
from sync.services.connection import connection_of
from sync.yousign.client import YousignApi
from sync.yousign.mapping import request_body, signer_body
from timeline.services.document import add_document

State = SignatureRequest.State
AROUND = ("quote__agency", "quote__owner", "quote__company", "quote__contact", "quote__client", "quote__deal")


def yousign_ready() -> bool:
    """Whether quotes are signed there: connected, with a key and the secret of its messages."""
    connection: Connection = connection_of("yousign")
    if connection.pk is None or not connection.active:
        return False
    keys = connection.secrets()
    return bool(keys.get("api_key") and keys.get("webhook_secret"))


def waiting_for(quote: Quote) -> SignatureRequest | None:
    """The request that waits for the client, if any."""
    live = SignatureRequest.objects.filter(quote=quote, state__in=SignatureRequest.LIVE)
    return live.order_by("-pk").first()


@transaction.atomic
def ask_signature(*, quote: Quote, name: str, email: str, chosen: Collection[int] = ()) -> SignatureRequest:
    """Have Yousign write to the client; asked twice, it is one request.

    Raises ValidationError for a quote that is not open.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    check_open(held)
    ensure_pdf(held)
    present = waiting_for(held)
    if present is not None:
        return present
    made = SignatureRequest.objects.create(
        quote=held, name=name.strip()[:160], email=email, chosen=sorted(chosen), sha256=held.pdf_sha256
    )
    data = {"added": [email]}
    record(user=None, action="signature_asked", obj=held, data=data, also=also_of(held))
    enqueue(
        function_at("sync.yousign.jobs.start_signature"),
        user=None,
        label=_("Signature of quote %(quote)s") % {"quote": held},
        key=f"signature-{made.pk}",
        url=held.get_absolute_url(),
        signature_id=made.pk,
    )
    return made


def start(signature_id: int) -> None:
    """Request, document, signer, activation: each kept as it is done, so that a job that died goes on there.

    Raises TryAgain for a passing trouble, JobError where the service refuses.
    """
    row = (
        SignatureRequest.objects.select_related(*AROUND).filter(pk=signature_id, state=State.WAITING).first()
    )
    if row is None:
        return
    api = YousignApi(connection_of("yousign"))
    try:
        _steps(api, row)
    except (Quota, Down) as error:
        if getattr(error, "final", False):
            _fail(row, error)
        raise TryAgain(str(error.text)) from error
    except ProviderError as error:
        _fail(row, error)


def _steps(api: YousignApi, row: SignatureRequest) -> None:
    quote, content = row.quote, pdf_of(row.quote)
    if not row.request_id:
        name = _("Quote %(number)s") % {"number": quote.number}
        body = request_body(name=name, external_id=row.external_id, valid_until=quote.valid_until)
        _keep(row, request_id=api.create(body))
    number = str(row.request_id)
    if not row.document_id:
        _keep(row, document_id=api.add_document(number, name=file_name(quote), content=content))
    if not row.signer_id:
        body = signer_body(
            name=row.name,
            email=row.email,
            language=quote.language,
            document_id=row.document_id,
            page=pages_of(content),
        )
        _keep(row, signer_id=api.add_signer(number, body))
    if api.status(number) == "draft":
        api.activate(number)
    # Its message that it is done may have come first.
    SignatureRequest.objects.filter(pk=row.pk, state=State.WAITING).update(state=State.ONGOING)


def pages_of(content: bytes) -> int:
    """How many pages a PDF of ours has: one signs on the last."""
    document = pypdfium2.PdfDocument(content)
    try:
        return len(document)
    finally:
        document.close()


def _keep(row: SignatureRequest, **values: str) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _fail(row: SignatureRequest, error: ProviderError) -> None:
    row.state, row.error, row.ended_at = State.FAILED, str(error.text)[:300], timezone.now()
    row.save(update_fields=["state", "error", "ended_at"])
    record(user=None, action="signature_failed", obj=row.quote, data={"remark": row.error})
    raise JobError(str(error.text)) from error


def find_request(number: str, external_id: str) -> SignatureRequest | None:
    """By the service's number, else by ours: its message may come before we noted the number."""
    rows = SignatureRequest.objects.select_for_update()
    found = rows.filter(request_id=number).first() if number else None
    own = external_id.removeprefix("signature-")
    if found is None and external_id.startswith("signature-") and own.isascii() and own.isdecimal():
        found = rows.filter(pk=int(own[:18]), request_id=None).first()
    return found


def finish(row: SignatureRequest) -> Quote:
    """Signed: the quote is accepted, once; a job fetches the papers."""
    if row.state != State.DONE:
        row.state, row.ended_at = State.DONE, timezone.now()
        row.save(update_fields=["state", "ended_at"])
    quote = Quote.objects.select_related("deal", "company", "contact", "client").get(pk=row.quote_id)
    options = quote.lines.filter(is_optional=True, pk__in=row.chosen).values_list("pk", flat=True)
    accept_quote(
        user=None, quote=quote, name=row.name, email=row.email, chosen=list(options), sha256=row.sha256
    )
    enqueue(
        function_at("sync.yousign.jobs.fetch_signed"),
        user=None,
        label=_("Signed papers of quote %(quote)s") % {"quote": quote},
        key=f"signed-{row.pk}",
        url=quote.get_absolute_url(),
        signature_id=row.pk,
    )
    return quote


def end(row: SignatureRequest, state: str, reason: str = "") -> Quote:
    """Declined, expired or taken back; after a signature nothing of it counts. Declined is refused."""
    quote = Quote.objects.get(pk=row.quote_id)
    if row.state not in SignatureRequest.LIVE:
        return quote
    row.state, row.ended_at = state, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    if state == State.DECLINED:
        with suppress(ValidationError):  # answered otherwise meanwhile
            refuse_quote(user=None, quote=quote, reason=reason, name=row.name, email=row.email)
    return quote


def fetch_signed(signature_id: int) -> None:
    """Keep the signed PDF and the audit trail as documents of the quote; done twice, they are there once.

    Raises TryAgain for a passing trouble, JobError where the service refuses.
    """
    row = SignatureRequest.objects.select_related("quote").filter(pk=signature_id, kept_at=None).first()
    if row is None or not row.request_id:
        return
    api = YousignApi(connection_of("yousign"))
    try:
        papers = {
            _("%(number)s signed.pdf") % {"number": row.quote.number}: api.signed_pdf(row.request_id),
            _("%(number)s audit trail.pdf") % {"number": row.quote.number}: api.audit_trail(
                row.request_id, row.signer_id
            ),
        }
    except (Quota, Down) as error:
        raise TryAgain(str(error.text)) from error
    except ProviderError as error:
        raise JobError(str(error.text)) from error
    with transaction.atomic():
        held = SignatureRequest.objects.select_for_update().get(pk=row.pk)
        if held.kept_at is not None:
            return
        for name, content in papers.items():
            add_document(user=None, obj=row.quote, file=ContentFile(content, name=name), name=name)
        held.kept_at = timezone.now()
        held.save(update_fields=["kept_at"])
