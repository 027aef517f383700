"""What the bank answers: files of returns are taken once, bad ones told."""

import contextlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from people.models import User
from sales.models import Payment
from sales.services.debit import (
    collect_batch,
)
from sales.services.debit_answers import read_answers
from sales.services.debit_return import take_answers
from tests.base import make_cast
from tests.sales.debits import debit_invoice, sent_batch

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


# --- Files of the bank


def pain002(*lines: tuple[str, str], message: str = "PRLV", group: str = "") -> bytes:
    rows = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{ref}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for ref, code in lines
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr/>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{rows}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def camt054(ref: str, code: str, amount: str, day: date) -> bytes:
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn>'
        "<Ntry>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls>'
        f'<TxDtls><Refs><EndToEndId>{ref}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>'
        f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry></Ntfctn>"
        "</BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


@pytest.mark.parametrize(
    ("group", "payment", "told"), [("ACCP", "", 0), ("", "ACSP", 0), ("RJCT", "", 1), ("PART", "RJCT", 1)]
)
def test_what_says_nothing_of_itself_is_as_what_is_around_it(group: str, payment: str, told: int) -> None:
    file = pain002(("FA-1", "AC04"), group=f"<GrpSts>{group}</GrpSts>").replace(b"<TxSts>RJCT</TxSts>", b"")
    inner = f"<OrgnlPmtInfAndSts><PmtInfSts>{payment}</PmtInfSts>".encode()
    assert len(read_answers(file.replace(b"<OrgnlPmtInfAndSts>", inner))) == told


def test_a_part_that_is_refused_whole_is_not_taken_for_all() -> None:
    part = "<OrgnlPmtInfAndSts><PmtInfSts>{}</PmtInfSts></OrgnlPmtInfAndSts>"
    whole = pain002().replace(b"<OrgnlPmtInfAndSts></OrgnlPmtInfAndSts>", 2 * part.format("RJCT").encode())
    assert [answer.message for answer in read_answers(whole)] == ["PRLV"]
    mixed = (part.format("RJCT") + part.format("ACCP")).encode()
    with pytest.raises(ValidationError, match="by hand"):
        read_answers(pain002().replace(b"<OrgnlPmtInfAndSts></OrgnlPmtInfAndSts>", mixed))


def test_files_of_the_bank_are_taken_once(cast: dict[str, User]) -> None:
    first, second = (debit_invoice(cast["sales"]) for _turn in range(2))
    batch = sent_batch(None, [first, second])
    early = take_answers(user=cast["admin"], content=pain002((first.number, "AC04"), ("NONE-1", "AM04")))
    assert [debit.invoice_id for debit in early.returned] == [first.pk]
    assert early.unknown == ["NONE-1"]
    assert collect_batch(user=None, batch=batch) == 1
    file = camt054(second.number, "MD06", "120.00", timezone.localdate())
    assert [debit.reason for debit in take_answers(user=None, content=file).returned] == ["MD06"]
    again = take_answers(user=None, content=file)
    assert (again.returned, again.known) == ([], [second.number])
    second.refresh_from_db()
    assert second.balance == D(120)
    assert Payment.objects.filter(kind="return").count() == 1


def test_a_message_that_is_refused_whole(cast: dict[str, User]) -> None:
    batch = sent_batch(None, [debit_invoice(cast["sales"]), debit_invoice(cast["sales"])])
    file = pain002(message=batch.reference, group="<GrpSts>RJCT</GrpSts>")
    assert len(take_answers(user=None, content=file).returned) == 2


def test_another_amount_is_told_and_changes_nothing(cast: dict[str, User]) -> None:
    invoice = debit_invoice(cast["sales"])
    collect_batch(user=None, batch=sent_batch(None, [invoice]))
    report = take_answers(user=None, content=camt054(invoice.number, "AM04", "1.00", timezone.localdate()))
    assert (report.returned, len(report.refused)) == ([], 1)


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Document><CstmrPmtStsRpt>&b;</CstmrPmtStsRpt>'
    b"</Document>"
)


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b"<a><b/></a>", BOMB, b"<Document/>", b"\xff\xfe\x00", b"<a>" * 500 + b"</a>" * 500],
)
def test_bad_files_are_told(content: bytes) -> None:
    with pytest.raises(ValidationError):
        read_answers(content)


@given(st.binary(max_size=300))
def test_whatever_is_uploaded_it_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ValidationError):
        assert (
            read_answers(b"<Document><CstmrPmtStsRpt>" + content + b"</CstmrPmtStsRpt></Document>")
            is not None
        )
