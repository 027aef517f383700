"""Verbs of bank statements: uploaded, read (each line once), dealt with line by line.

A line is held while somebody deals with it, and is dealt with once: two people who confirm the same one at
the same moment record one payment.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import create_record
from digiweb.jobs import Progress, enqueue, function_at
from digiweb.models import StaleVersion
from sales.models import Agency, BankLine, BankStatement, Contract, Invoice, Payment
from sales.services.payment import record_payment, return_payment
from sales.services.payment_rules import told_by_bank
from sales.statement_reading import (
    BankRow,
    Fault,
    Table,
    Unreadable,
    cut,
    guess,
    is_enough,
    keys_of,
    read_rows,
)

State = BankStatement.State
MAX_BYTES = 4_000_000
# More lines are read by a job.
AT_ONCE = 1_000
BATCH = 500
FAULTS_KEPT = 200
METHODS = (
    ("debit", ("prlv", "prelevement", "sdd")),
    ("cheque", ("chq", "cheque", "remise")),
    ("card", ("cb ", "carte", "stripe", "tpe")),
)


def upload_statement(*, user: Any, agency: Agency, name: str, content: bytes) -> BankStatement:
    """Keep a file of the bank, with its columns guessed: as the last file of the agency with the same header
    was read, or by words and values. Nothing is read yet.

    Raises ValidationError for a file that is too large, empty or no table.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError({"file": _("The file is larger than 4 MB.")})
    table = table_of(content)
    if not table.rows:
        raise ValidationError({"file": _("There is no line in this file.")})
    like = BankStatement.objects.filter(agency=agency, state=State.READ).order_by("-id").defer("content")
    before = next((one for one in like[:20] if table.header and one.header == list(table.header)), None)
    statement = BankStatement(
        agency=agency,
        name=name[-200:] or "statement.csv",
        content=content,
        header=list(table.header),
        columns=dict(before.columns) if before is not None else guess(table),
        added_by=user,
    )
    return create_record(user=user, obj=statement)


def table_of(content: bytes | memoryview) -> Table:
    """The cells of a file. Raises ValidationError."""
    try:
        return cut(bytes(content))
    except Unreadable as error:
        raise ValidationError({"file": _("This is no table in CSV: export the statement as CSV.")}) from error


@transaction.atomic
def start_reading(
    *, user: Any, statement: BankStatement, columns: Mapping[str, int], version: int | None = None
) -> BankStatement:
    """Read a statement by these columns ({part: place}): at once, or by a job where it is long.

    Raises ValidationError where columns lack or the statement was read already, StaleVersion.
    """
    held = BankStatement.objects.select_for_update().get(pk=statement.pk)
    if version is not None and held.version != version:
        raise StaleVersion(held)
    if held.state != State.UPLOADED:
        raise ValidationError(_("“%(statement)s” was read already.") % {"statement": held})
    given = {part: int(at) for part, at in columns.items()}
    if {"debit", "credit"} <= given.keys():
        given.pop("amount", None)
    if not is_enough(given):
        raise ValidationError(
            _("Say which columns are the day, the label, and the amount or debit and credit.")
        )
    if len(set(given.values())) < len(given):
        raise ValidationError(_("One column stands for two things."))
    held.columns, held.state = given, State.READING
    held.version += 1
    held.save(update_fields=["columns", "state", "version", "updated_at"])
    table = table_of(held.content or b"")
    if len(table.rows) > AT_ONCE:
        read = function_at("sales.jobs.read_statement")
        label = _("Bank statement “%(name)s”") % {"name": held}
        enqueue(read, user=user, label=label, key=f"statement-{held.pk}", statement_id=held.pk)
    else:
        read_statement(held.pk)
    statement.refresh_from_db()
    return statement


def read_statement(pk: int, progress: Progress | None = None) -> None:
    """Keep the lines of a statement that are not known yet. Killed and run again, it adds none twice."""
    statement = BankStatement.objects.select_related("agency", "added_by").get(pk=pk)
    if statement.state != State.READING or statement.content is None:
        return
    found = list(read_rows(table_of(statement.content), statement.columns))
    rows = [one for one in found if isinstance(one, BankRow)]
    faults = [one for one in found if isinstance(one, Fault)]
    keys = keys_of(rows, statement.agency_id)
    for start in range(0, len(rows), BATCH):
        with transaction.atomic():
            part = list(zip(rows[start : start + BATCH], keys[start : start + BATCH], strict=True))
            known = set(
                BankLine.objects.filter(key__in=[key for _row, key in part]).values_list("key", flat=True)
            )
            BankLine.objects.bulk_create(
                [
                    BankLine(
                        agency=statement.agency, statement=statement, number=row.number, day=row.day,
                        amount=row.amount, label=row.label, key=key,
                    )
                    for row, key in part
                    if key not in known
                ],
                # Another statement of the same days may be read at this moment.
                ignore_conflicts=True,
            )  # fmt: skip
            if progress is not None:
                progress.set(min(start + BATCH, len(rows)), len(rows))
    with transaction.atomic():
        held = BankStatement.objects.select_for_update().get(pk=pk)
        if held.state != State.READING:
            return
        held.state, held.content = State.READ, None
        held.lines_read, held.lines_new = len(rows), held.lines.count()
        held.fault_count = len(faults)
        held.faults = [[one.number, one.code, one.text] for one in faults[:FAULTS_KEPT]]
        held.version += 1
        held.save()
        data = {"lines": held.lines_read, "new": held.lines_new, "faults": held.fault_count}
        record(user=statement.added_by, action="statement_read", obj=held, data=data)


# --- Line by line


def hold_line(pk: int) -> BankLine:
    """The locked line, which waits. Raises ValidationError for one that somebody dealt with."""
    line = BankLine.objects.select_for_update().get(pk=pk)
    line.agency = Agency.objects.get(pk=line.agency_id)
    if line.state != BankLine.State.WAITING:
        raise ValidationError(_("Somebody dealt with this line meanwhile."), code="settled")
    return line


@transaction.atomic
def record_line(
    *,
    user: Any,
    line: BankLine,
    matches: Mapping[int, Decimal],
    client: Any = None,
    method: str = "",
    payer: str = "",
    reference: str = "",
    note: str = "",
) -> Payment:
    """A credit becomes a payment, set against invoices ({number: euros}); the rest stays as credit.

    Raises ValidationError for a debit, for a line that was dealt with, and as `record_payment` does.
    """
    held = hold_line(line.pk)
    if not held.is_credit:
        raise ValidationError(_("This went out: say what was returned or paid back."))
    if client is None and not matches:
        raise ValidationError(_("Say whose payment it is: a client or an invoice."))
    payment = record_payment(
        user=user, agency=held.agency, client=client, received_on=held.day, amount=held.amount,
        method=method or method_of(held.label), payer=payer, reference=reference or held.label[:140],
        note=note, matches=matches,
    )  # fmt: skip
    return _settle(user, held, payment)


@transaction.atomic
def link_line(*, user: Any, line: BankLine, payment: Payment) -> Payment:
    """The line is a payment that was recorded before (by hand, by a direct debit).

    Raises ValidationError where amount, agency or way differ, for a payment that has its line, and for one
    that was entered by mistake.
    """
    held = hold_line(line.pk)
    known = Payment.objects.select_for_update().get(pk=payment.pk)
    if (known.agency_id, known.sign * known.amount) != (held.agency_id, held.amount):
        raise ValidationError(_("This payment is another one: amount or agency differ."))
    if not told_by_bank(Payment.objects.filter(pk=known.pk)).exists():
        raise ValidationError(_("This payment was a mistake: the bank never had it."))
    if BankLine.objects.filter(payment=known).exists():
        raise ValidationError(_("This payment has its line of the bank already."))
    return _settle(user, held, known)


@transaction.atomic
def return_line(*, user: Any, line: BankLine, payment: Payment) -> Payment:
    """A debit by which the bank took a payment back. Raises as `return_payment` does."""
    held = hold_line(line.pk)
    if held.amount != -payment.amount or held.agency_id != payment.agency_id:
        raise ValidationError(_("This payment is another one: amount or agency differ."))
    reason = held.label[:300] or _("Returned by the bank")
    return _settle(
        user, held, return_payment(user=user, payment=payment, returned_on=held.day, reason=reason)
    )


@transaction.atomic
def refund_line(
    *, user: Any, line: BankLine, note: Invoice | None = None, payment: Payment | None = None
) -> Payment:
    """A debit by which a credit note (`note`) or an over-payment (`payment`) was paid back."""
    held = hold_line(line.pk)
    if held.is_credit:
        raise ValidationError(_("This came in: nothing was paid back by it."))
    made = record_payment(
        user=user, agency=held.agency, received_on=held.day, amount=-held.amount,
        method=method_of(held.label), kind=Payment.Kind.REFUND, reference=held.label[:140],
        matches={note.pk: -held.amount} if note is not None else None, refunds=payment,
    )  # fmt: skip
    return _settle(user, held, made)


@transaction.atomic
def ignore_line(*, user: Any, line: BankLine) -> BankLine:
    """It is none of what is followed here: salaries, rent, taxes. Raises ValidationError once dealt with."""
    held = hold_line(line.pk)
    return _keep(user, held, BankLine.State.IGNORED, None, "line_ignored")


@transaction.atomic
def reopen_line(*, user: Any, line: BankLine) -> BankLine:
    """It waits again: one that was ignored, or whose payment was undone. Raises ValidationError otherwise."""
    held = BankLine.objects.select_for_update().get(pk=line.pk)
    undone = held.payment_id is not None and Payment.objects.filter(undoes=held.payment_id).exists()
    if held.state != BankLine.State.IGNORED and not undone:
        raise ValidationError(_("Undo its payment first."))
    return _keep(user, held, BankLine.State.WAITING, None, "line_reopened")


@transaction.atomic
def remove_statement(*, user: Any, statement: BankStatement) -> None:
    """Take a file that should not be here away with its lines: that of another agency, say.

    Its agency's time line tells it. Raises ValidationError while it is read, or where a line of it is a
    payment.
    """
    held = BankStatement.objects.select_for_update().select_related("agency").get(pk=statement.pk)
    if held.state == State.READING:
        raise ValidationError(_("“%(statement)s” is being read.") % {"statement": held})
    lines = held.lines.select_for_update()
    if any(payment is not None for payment in lines.values_list("payment", flat=True)):
        raise ValidationError(
            _("Lines of “%(statement)s” are recorded as payments: undo these first.") % {"statement": held}
        )
    lines.delete()
    record(user=user, action="statement_removed", obj=held.agency, data={"removed": [held.name]})
    held.delete()


def method_of(label: str) -> str:
    """The payment method that the words of the bank tell."""
    plain = f"{label.casefold().replace('é', 'e').replace('è', 'e')} "
    for method, words in METHODS:
        if method in Contract.PaymentMethod.values and any(word in plain for word in words):
            return method
    return "transfer"


def _settle(user: Any, line: BankLine, payment: Payment) -> Payment:
    _keep(user, line, BankLine.State.MATCHED, payment, "line_recorded")
    return payment


def _keep(user: Any, line: BankLine, state: str, payment: Payment | None, action: str) -> BankLine:
    line.state, line.payment = state, payment
    waits = state == BankLine.State.WAITING
    line.settled_by, line.settled_at = (None, None) if waits else (user, timezone.now())
    line.save(update_fields=["state", "payment", "settled_by", "settled_at"])
    data = {"line": line.number, "label": line.label, "amount": f"{line.amount:.2f}"}
    also = [payment] if payment is not None else []
    record(user=user, action=action, obj=line.statement, data=data, also=also)
    return line
