"""What the bank says of direct debits, read without trust: pain.002 (refused) and camt.054 (given back).

Any version of both is read by the names of its elements. A file with declarations (DTD, entities), one that
is too large or too deep, and one that is neither of the two is refused in words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sales.facturx.reading import Unreadable, parse
from sales.services.debit_reasons import UNKNOWN

MOST_BYTES = 5 * 1024 * 1024
TOO_LARGE = gettext_lazy("The file is too large: 5 MB at the most.")
_CODE = re.compile(r"[A-Z0-9]{4}")
# Given to a whole message or group: everything in it was refused.
REFUSED = "RJCT"


@dataclass(frozen=True)
class Answer:
    """One collection that came back. `reference` is its EndToEndId; empty where `message` came back whole."""

    reference: str
    reason: str
    on: date | None = None
    amount: Decimal | None = None
    message: str = ""


def read_answers(content: bytes) -> list[Answer]:
    """What came back, by this file. Raises ValidationError for one that cannot be read."""
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        root = parse(content)
    except Unreadable as error:
        raise ValidationError(_("The file cannot be read: %(why)s") % {"why": error}) from None
    body = next((child for child in root if isinstance(child.tag, str)), None)
    kind = _name(body) if body is not None else ""
    if kind == "CstmrPmtStsRpt":
        return list(_of_status(body))
    if kind == "BkToCstmrDbtCdtNtfctn":
        return list(_of_notice(body))
    raise ValidationError(_("The file is neither a pain.002 nor a camt.054 of a bank."))


def _of_status(body: Any) -> Iterator[Answer]:
    """pain.002: transactions by their own status, or a message that was refused whole. Raises ValidationError
    for a part that was refused whole: which collections those are is not said.
    """
    group = _first(body, "OrgnlGrpInfAndSts")
    message = _text(group, "OrgnlMsgId")
    transactions = _states(body, group)
    for one, state in transactions.items():
        if state in ("", REFUSED):
            yield Answer(
                _text(one, "OrgnlEndToEndId"),
                _reason(one),
                amount=_amount(_first(one, "InstdAmt")),
                message=message,
            )
    parts = list(_all(body, "OrgnlPmtInfAndSts"))
    refused = [part for part in parts if _text(part, "PmtInfSts") == REFUSED]
    silent = [part for part in refused if _first(part, "TxInfAndSts") is None]
    if _text(group, "GrpSts") == REFUSED or (refused and len(silent) == len(parts)):
        if not transactions:
            yield Answer("", _reason(body), message=message)
    elif silent:
        text = _("The bank refused a part without naming its collections: note each of them by hand.")
        raise ValidationError(text)


def _states(body: Any, group: Any) -> dict[Any, str]:
    """{transaction: its own status, else that of the collections around it, else that of the message}."""
    whole = _text(group, "GrpSts")
    found = {one: _text(one, "TxSts") or whole for one in _all(body, "TxInfAndSts")}
    for around in _all(body, "OrgnlPmtInfAndSts"):
        outer = _text(around, "PmtInfSts") or whole
        found |= {one: _text(one, "TxSts") or outer for one in _all(around, "TxInfAndSts")}
    return found


def _of_notice(body: Any) -> Iterator[Answer]:
    """camt.054: entries that take money away and say why."""
    for entry in _all(body, "Ntry"):
        day = _day(_first(entry, "BookgDt")) or _day(_first(entry, "ValDt"))
        for one in _all(entry, "TxDtls"):
            back = _first(one, "RtrInf")
            if back is None or _text(one, "CdtDbtInd") == "CRDT":
                continue
            found = _first(one, "Amt")
            yield Answer(_text(one, "EndToEndId"), _reason(back), day, _amount(found))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Any, name: str) -> Iterator[Any]:
    return (each for each in element.iter() if isinstance(each.tag, str) and _name(each) == name)


def _first(element: Any, name: str) -> Any:
    return None if element is None else next(_all(element, name), None)


def _text(element: Any, name: str) -> str:
    found = _first(element, name)
    return "" if found is None else str(found.text or "").strip()[:140]


def _reason(element: Any) -> str:
    code = _text(_first(element, "Rsn"), "Cd").upper()
    return code if _CODE.fullmatch(code) else UNKNOWN


def _day(element: Any) -> date | None:
    text = _text(element, "Dt") or _text(element, "DtTm")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _amount(element: Any) -> Decimal | None:
    try:
        return None if element is None else Decimal(str(element.text).strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
