"""How suppliers' files come in: received, read by a worker, checked by the rules, filed, or kept out.

A file is kept under a random name as soon as it is received; `read_in` may be killed at any line and called
again. What cannot be read, has a virus, or is here already leaves no bytes, only a line that says so.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Company
from digiweb.audit import record
from digiweb.changes import change_record, create_record
from digiweb.clamd import NotScanned, ScannerDown, find_virus
from digiweb.filenames import clean_file_name, shorten
from digiweb.jobs import TryAgain, enqueue, function_at
from sales.facturx.facts import Invoice as Facts
from sales.facturx.facts import TypeCode
from sales.facturx.reading import Reading, Unreadable, read_file
from sales.facturx.validation import NotChecked, Report, check
from sales.models import ReceivedFile, ReceivedInvoice, ReceivedInvoiceRate
from timeline.models import BinFile

logger = logging.getLogger(__name__)

State, Status, Rules, Kind = (
    ReceivedFile.State,
    ReceivedInvoice.Status,
    ReceivedInvoice.Rules,
    ReceivedInvoice.Kind,
)
BLOCK = 1024 * 1024
CENT = Decimal("0.01")
# No more findings are kept of an invoice: they say the same again and again.
MOST_FINDINGS = 60
# A line about a file is shown, and kept, so long.
INBOX_DAYS = 7
# The largest amount that a column holds.
LARGEST = Decimal(10) ** 12


class KeptOut(Exception):
    """A file does not become an invoice; `str()` says why, `invoice` is the one that is here already."""

    def __init__(self, text: str, invoice: ReceivedInvoice | None = None) -> None:
        super().__init__(text)
        self.invoice = invoice


# --- Received


def receive_file(*, user: Any, file: Any, name: str = "", now: bool = False) -> ReceivedFile:
    """Keep an uploaded file and have a worker read it; `now`: read it here, before this returns.

    Raises ValidationError, and keeps nothing, for what is empty, too large, or neither PDF nor XML.
    """
    name = shorten(clean_file_name(name or file.name or "", fallback="facture"))
    _look(file, name)
    received = ReceivedFile(name=name, size=file.size, sha256=_digest(file), added_by=user)
    twin = ReceivedInvoice.objects.filter(sha256=received.sha256).first()
    if twin is not None:
        received.state, received.invoice, received.reason = State.OUT, twin, _same_file(twin)
        received.save()
        return received
    file.seek(0)
    received.file.save("", File(file), save=False)
    try:
        with transaction.atomic():
            received.save()
            if not now:
                enqueue(
                    function_at("sales.jobs.read_received_file"),
                    user=user,
                    label=_("Reading of “%(file)s”") % {"file": name},
                    key=f"received-{received.pk}",
                    file_id=received.pk,
                )
    except BaseException:
        default_storage.delete(str(received.file.name))
        raise
    if now:
        read_in(received)
    return received


def _look(file: Any, name: str) -> None:
    about = {"name": name, "limit": filesizeformat(settings.DOCUMENT_MAX_BYTES)}
    if not file.size:
        raise ValidationError(_("“%(name)s” is empty.") % about, code="empty")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        raise ValidationError(_("“%(name)s” is larger than %(limit)s.") % about, code="size")
    file.seek(0)
    head = file.read(1024)
    # Any encoding of XML begins with "<", but for a mark of the byte order.
    if b"%PDF-" not in head and not head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        text = _("“%(name)s” is neither a PDF nor XML: an electronic invoice is one of the two.")
        raise ValidationError(text % about, code="type")


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def inbox(days: int = INBOX_DAYS) -> QuerySet[ReceivedFile]:
    """The files of the past days, the latest first."""
    since = timezone.now() - timedelta(days=days)
    files = ReceivedFile.objects.filter(created_at__gte=since).select_related("invoice", "added_by")
    return files.order_by("-id")


def purge_inbox() -> int:
    """Forget lines about files older than a week, and files without a row; returns how many lines."""
    before = timezone.now() - timedelta(days=INBOX_DAYS)
    old = ReceivedFile.objects.filter(created_at__lt=before).exclude(state=State.WAITING)
    gone = int(old.delete()[0])
    root = Path(settings.MEDIA_ROOT)
    yesterday = time.time() - 24 * 3600
    for path in (root / "received").rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and path.stat().st_mtime < yesterday and not _is_needed(name):
            default_storage.delete(name)
    return gone


def _is_needed(name: str) -> bool:
    return any(
        rows.exists()
        for rows in (
            ReceivedInvoice.objects.filter(file=name),
            ReceivedFile.objects.filter(file=name),
            BinFile.objects.filter(name=name),
        )
    )


# --- Read


def read_in(received: ReceivedFile) -> None:
    """Read a file, ask the rules, file it as an invoice; or keep it out, with the reason.

    Raises TryAgain when the virus scanner is down.
    """
    if received.state != State.WAITING:
        return
    try:
        _check_for_virus(received)
        reading = _read(received)
        _file(received, reading, *_ask_the_rules(reading))
    except KeptOut as error:
        _keep_out(received, str(error), error.invoice)


def _check_for_virus(received: ReceivedFile) -> None:
    if not settings.CLAMD_SOCKET:
        return
    try:
        with received.file.open("rb") as file:
            virus = find_virus(file, settings.CLAMD_SOCKET)
    except ScannerDown as error:
        raise TryAgain(_("The virus scanner does not answer."), seconds=60) from error
    except NotScanned:
        raise KeptOut(_("The virus scanner could not look at this file.")) from None
    if virus:
        raise KeptOut(_("This file contains a virus (%(virus)s).") % {"virus": virus})


def _read(received: ReceivedFile) -> Reading:
    try:
        return read_file(received.file.path)
    except FileNotFoundError:
        raise KeptOut(_("The file was lost on its way: send it again.")) from None
    except Unreadable as error:
        raise KeptOut(str(error)) from error


def _ask_the_rules(reading: Reading) -> tuple[Report | None, str]:
    """What the rules say; None and why, where they could not be asked. Those of France bind the French."""
    seller = reading.invoice.seller
    try:
        return check(reading.xml, national=seller.address.country == "FR" or bool(seller.siren)), ""
    except NotChecked as error:
        return None, str(error)


@transaction.atomic
def _file(received: ReceivedFile, reading: Reading, report: Report | None, unasked: str) -> None:
    current = ReceivedFile.objects.select_for_update().filter(pk=received.pk).first()
    if current is None or current.state != State.WAITING:
        return
    invoice = as_invoice(reading)
    invoice.name, invoice.size, invoice.sha256 = current.name, current.size, current.sha256
    invoice.file, invoice.added_by, invoice.is_pdf = (
        current.file.name,
        current.added_by,
        bool(reading.attachment),
    )
    _tell_rules(invoice, report, unasked)
    _refuse_twin(invoice)
    try:
        with transaction.atomic():
            create_record(user=current.added_by, obj=invoice, also=invoice.also_on)
    except IntegrityError:
        # Another worker filed the same one between our look and our write.
        _refuse_twin(invoice)
        raise
    ReceivedInvoiceRate.objects.bulk_create(rates_of(invoice, reading.invoice))
    current.state, current.invoice, current.file = State.FILED, invoice, ""
    current.save(update_fields=["state", "invoice", "file"])
    received.__dict__.update(current.__dict__)


def as_invoice(reading: Reading) -> ReceivedInvoice:
    """What was read as a row, not yet saved and without its file. Raises KeptOut for what no column holds."""
    facts = reading.invoice
    sign = -1 if facts.is_credit_note else 1
    totals = facts.totals
    kind = Kind.CREDIT_NOTE if facts.is_credit_note else Kind.INVOICE
    payment = facts.payment
    return ReceivedInvoice(
        number=facts.number,
        kind=Kind.DEPOSIT if facts.type_code == TypeCode.DEPOSIT else kind,
        type_code=facts.type_code,
        supplier_name=facts.seller.name,
        supplier_siren=facts.seller.siren,
        supplier_vat_number=facts.seller.vat_number,
        company=company_of(facts.seller.siren),
        order_number=facts.order_number,
        issued_on=facts.issued_on,
        due_on=facts.due_on,
        currency=facts.currency.upper(),
        net=_cents(sign * totals.net),
        vat=_cents(sign * totals.vat),
        gross=_cents(sign * totals.gross),
        due=_cents(sign * totals.due),
        iban=payment.iban if payment else "",
        facts=as_json(facts),
        syntax=reading.syntax,
        profile=reading.profile,
    )


def as_json(facts: Facts) -> dict[str, Any]:
    """Facts as JSON keeps them, without account numbers: these are kept encrypted."""
    said: dict[str, Any] = json.loads(json.dumps(asdict(facts), default=str))
    for name in ("iban", "debited_iban"):
        if said.get("payment"):
            said["payment"].pop(name)
    return said


def _cents(amount: Decimal) -> Decimal:
    if abs(amount) >= LARGEST:
        raise KeptOut(_("An amount of this invoice is too large."))
    return amount.quantize(CENT, ROUND_HALF_UP)


def rates_of(invoice: ReceivedInvoice, facts: Facts) -> list[ReceivedInvoiceRate]:
    """What the invoice comes to at each rate, as rows."""
    sign = -1 if facts.is_credit_note else 1
    return [
        ReceivedInvoiceRate(
            invoice=invoice,
            category=each.vat.category,
            rate=min(each.vat.rate, Decimal(999)).quantize(CENT),
            base=_cents(sign * each.base),
            amount=_cents(sign * each.amount),
        )
        for each in facts.vat
    ]


def company_of(siren: str) -> Company | None:
    """The company of ours with this SIREN; the oldest where there are several."""
    return Company.objects.filter(siren=siren).order_by("pk").first() if siren else None


def _tell_rules(invoice: ReceivedInvoice, report: Report | None, unasked: str) -> None:
    if report is None:
        invoice.rules, invoice.unasked, invoice.findings = Rules.UNASKED, unasked[:200], []
        return
    invoice.rules = Rules.KEPT if report.is_valid else Rules.BROKEN
    invoice.findings = [asdict(each) for each in report.findings[:MOST_FINDINGS]]
    invoice.unasked = ""
    if invoice.status == Status.RECEIVED:
        invoice.status = Status.CHECKED


def _refuse_twin(invoice: ReceivedInvoice) -> None:
    """Raise KeptOut when this file, or this number of this supplier, is here already."""
    same = ReceivedInvoice.objects.filter(sha256=invoice.sha256).first()
    if same is not None:
        raise KeptOut(_same_file(same), same)
    keys = {"supplier_key": invoice.derive_supplier_key(), "number_key": invoice.derive_number_key()}
    twin = ReceivedInvoice.objects.filter(**keys).first()
    if twin is not None:
        about = {"number": twin.number, "supplier": twin.supplier_name}
        raise KeptOut(_("Invoice %(number)s of %(supplier)s is here already.") % about, twin)


def _same_file(twin: ReceivedInvoice) -> str:
    about = {"number": twin.number, "supplier": twin.supplier_name}
    return _("The same file is here already: invoice %(number)s of %(supplier)s.") % about


def _keep_out(received: ReceivedFile, reason: str, invoice: ReceivedInvoice | None) -> None:
    """Say why, and let the bytes go once that is committed."""
    name = str(received.file.name or "")
    received.state, received.reason, received.invoice, received.file = State.OUT, reason[:400], invoice, ""
    with transaction.atomic():
        received.save(update_fields=["state", "reason", "invoice", "file"])
        if name:
            drop: Callable[[], None] = lambda: default_storage.delete(name)  # noqa: E731
            transaction.on_commit(drop)


# --- Checked again


@transaction.atomic
def ask_again(*, user: Any, receivedinvoice: ReceivedInvoice) -> None:
    """Have a worker ask the rules about an invoice again."""
    enqueue(
        function_at("sales.jobs.check_received_invoice"),
        user=user,
        label=_("Check of “%(invoice)s”") % {"invoice": receivedinvoice},
        key=f"received-check-{receivedinvoice.pk}",
        url=receivedinvoice.get_absolute_url(),
        invoice_id=receivedinvoice.pk,
    )


def check_again(invoice: ReceivedInvoice, *, user: Any = None) -> None:
    """Ask the rules about an invoice again, from its file as it came."""
    try:
        reading = read_file(invoice.file.path)
    except (Unreadable, FileNotFoundError) as error:
        logger.warning("Received invoice %s cannot be read any more: %s", invoice.pk, error)
        report, unasked = None, _("The file cannot be read any more.")
    else:
        report, unasked = _ask_the_rules(reading)
    with transaction.atomic():
        current = ReceivedInvoice.objects.select_for_update().get(pk=invoice.pk)
        _tell_rules(current, report, unasked)
        names = ("rules", "findings", "unasked", "status")
        values = {name: getattr(current, name) for name in names}
        changed = change_record(
            user=user,
            obj=invoice,
            values=values,
            action="received_checked",
            unlogged=("findings", "unasked"),
        )
        if not changed:
            record(user=user, action="received_checked", obj=invoice)
