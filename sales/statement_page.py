"""What the page of a bank statement shows of its lines."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from sales.models import BankLine, BankStatement, Invoice, Payment
from sales.services.statement_suggest import Proposal, open_book, suggest

REASONS = {
    "number": _("its number stands in the label"),
    "amount": _("exactly this amount"),
    "name": _("the name stands in the label"),
    "sum": _("together exactly this amount"),
    "recorded": _("recorded before, same amount"),
    "returned": _("the label says returned"),
    "over": _("exactly what was paid too much"),
}
VERBS = {
    "invoices": _("Pays"),
    "known": _("Is the payment"),
    "return": _("Takes back"),
    "credit_note": _("Pays back the credit note"),
    "over_payment": _("Pays back the over-payment"),
}
FAULTS = {
    "day": _("no day that can be read"),
    "amount": _("no amount that can be read"),
    "nought": _("an amount of nought"),
}


def described(user: Any, statement: BankStatement, lines: Sequence[BankLine]) -> list[dict[str, Any]]:
    """Lines with their proposals in words."""
    waiting = [line for line in lines if line.state == BankLine.State.WAITING]
    proposals: dict[int, list[Proposal]] = {}
    names: dict[str, dict[int, Any]] = {"invoices": {}, "payments": {}}
    if waiting:
        book = open_book(statement.agency, user)
        proposals = suggest(book, waiting, user)
        names["invoices"] = book.invoices
        wanted = {one.payment for found in proposals.values() for one in found if one.payment is not None}
        payments = Payment.objects.filter(pk__in=wanted).select_related("client__company", "client__contact")
        names["payments"] = {one.pk: one for one in payments}
    settled = {line.payment_id for line in lines if line.payment_id is not None}
    seen = set(Payment.objects.visible_to(user).filter(pk__in=settled).values_list("pk", flat=True))
    return [
        {
            "line": line,
            "proposals": [_told(one, names) for one in proposals.get(line.pk, ())],
            "payment": line.payment if line.payment_id in seen else None,
            "hidden": line.payment_id is not None and line.payment_id not in seen,
            "undone": line.payment is not None and hasattr(line.payment, "undone_by"),
        }
        for line in lines
    ]


def _told(proposal: Proposal, names: dict[str, dict[int, Any]]) -> dict[str, Any]:
    records: list[tuple[Any, Any]] = []
    if proposal.payment is not None:
        payment = names["payments"].get(proposal.payment)
        records = [(payment, payment.amount)] if payment is not None else []
    else:
        records = [(names["invoices"][pk], amount) for pk, amount in proposal.matches]
    return {
        "verb": VERBS[proposal.kind],
        "records": [
            {
                "label": str(record),
                "url": record.get_absolute_url(),
                "name": _name_of(record),
                "amount": amount,
                "part": isinstance(record, Invoice) and amount != record.balance,
            }
            for record, amount in records
        ],
        "reasons": [REASONS[reason] for reason in proposal.reasons],
        "score": min(proposal.score, 100),
        "certain": proposal.certain,
        "token": proposal.token,
    }


def _name_of(record: Any) -> str:
    if isinstance(record, Invoice):
        return str(record.addressee or "")
    return record.payer or str(record.client or "")


def fault_words(statement: BankStatement) -> list[dict[str, Any]]:
    """What could not be read, line by line."""
    return [
        {"line": number, "words": FAULTS.get(code, code), "text": text}
        for number, code, text in statement.faults
    ]
