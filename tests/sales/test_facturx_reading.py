"""Files from outside: every format that suppliers send, and everything that a file should not be."""

import io
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from facturx import generate_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from weasyprint import HTML

from digiweb.pdf import About
from sales.facturx.embed import write_pdf
from sales.facturx.facts import TypeCode
from sales.facturx.reading import Unreadable, read_file, read_xml
from sales.facturx.xml import _fields, write_xml
from tests.sales.invoice_facts import REDUCED, invoice, line
from tests.sales.test_facturx_cases import CASES, OF_FA_41, like

D = Decimal
GOOD = write_xml(invoice())
Keep = Callable[[bytes], Path]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    def kept(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return kept


def pdf_with(*attachments: tuple[str, bytes], password: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in attachments:
        writer.add_attachment(name, content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        read_file(path)
    assert str(caught.value)
    return caught.value.code


class TestFormats:
    def test_our_own_pdf(self, keep: Keep) -> None:
        about = About("Facture", "Nous", datetime(2026, 11, 21, tzinfo=UTC))
        read = read_file(keep(write_pdf(HTML(string="<p>x</p>"), GOOD, about)))
        assert (read.attachment, read.syntax, read.profile) == ("factur-x.xml", "cii", "en16931")
        assert like(read.invoice) == like(invoice())
        assert read.xml == GOOD

    @pytest.mark.parametrize(
        "name", ["zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "facture.xml"]
    )
    def test_pdf_with_another_name_of_the_xml(self, keep: Keep, name: str) -> None:
        path = keep(pdf_with(("conditions.txt", b"x"), ("autre.xml", b"<a/>"), (name, GOOD)))
        assert read_file(path).invoice.number == "FA-2026-0042"

    def test_pdf_without_any(self, keep: Keep) -> None:
        assert refused(keep(pdf_with())) == "no-xml"
        assert refused(keep(pdf_with(("autre.xml", b"<a/>")))) == "no-xml"

    def test_bare_cii(self, keep: Keep) -> None:
        assert read_file(keep(GOOD)).invoice.totals.gross == D("1200.00")

    def test_ubl(self, keep: Keep) -> None:
        facts = invoice(line(1, "1000"), line(2, "100", vat=REDUCED), order_number="BC-12")
        xml = generate_xml(_fields(facts), flavor="ubl-2.1", level="en16931", check_schematron=False)
        read = read_file(keep(xml))
        assert read.syntax == "ubl"
        assert read.invoice.seller.siren == "732829320"
        assert read.invoice.totals == facts.totals
        assert [each.base for each in read.invoice.vat] == [each.base for each in facts.vat]
        assert read.invoice.order_number == "BC-12"

    def test_ubl_credit_note(self, keep: Keep) -> None:
        facts = invoice(type_code=TypeCode.CREDIT_NOTE, preceding=OF_FA_41)
        xml = generate_xml(_fields(facts), flavor="ubl-2.1", level="en16931", check_schematron=False)
        read = read_file(keep(xml))
        assert read.invoice.is_credit_note
        assert read.invoice.preceding == OF_FA_41

    def test_profile_that_nobody_knows_is_read_all_the_same(self, keep: Keep) -> None:
        read = read_file(keep(GOOD.replace(b"urn:cen.eu:en16931:2017", b"urn:other:thing")))
        assert (read.profile, read.invoice.number) == ("", "FA-2026-0042")

    def test_price_of_a_hundred(self) -> None:
        priced = GOOD.replace(
            b"<ram:ChargeAmount>1000</ram:ChargeAmount>",
            b"<ram:ChargeAmount>1000</ram:ChargeAmount>"
            b'<ram:BasisQuantity unitCode="C62">100</ram:BasisQuantity>',
        )
        assert read_xml(priced).invoice.lines[0].price == D(10)

    def test_siren_of_a_vat_number(self) -> None:
        without = GOOD.replace(b'<ram:ID schemeID="0002">732829320</ram:ID>', b"")
        assert read_xml(without).invoice.seller.siren == "732829320"


class TestHostile:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"),
            (b"   \n", "empty"),
            (b"\x00\xff\x01", "xml"),
            (b"bonjour", "xml"),
            (b"<html><body/></html>", "format"),
            (b"<a>" * 500 + b"</a>" * 500, "large"),
            (b"<a>" + b"<b/>" * 400_001 + b"</a>", "large"),
            (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>', "dtd"),
            (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><Invoice/>', "dtd"),
            (b"%PDF-1.7\nrubbish", "damaged"),
            (b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", "content"),
            (b"<CrossIndustryDocument/>", "old"),
        ],
    )
    def test_it_is_refused_with_words(self, keep: Keep, content: bytes, code: str) -> None:
        assert refused(keep(content)) == code

    def test_billion_laughs(self, keep: Keep) -> None:
        entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><Invoice a="&l11;">&l11;</Invoice>'
        assert refused(keep(bomb.encode())) == "dtd"
        assert refused(keep(pdf_with(("factur-x.xml", bomb.encode())))) == "dtd"
        assert refused(keep(bomb.encode("utf-16"))) == "dtd"

    def test_too_large(self, keep: Keep) -> None:
        assert refused(keep(b"<Invoice>" + b"x" * (11 * 1024 * 1024) + b"</Invoice>")) == "large"

    def test_password(self, keep: Keep) -> None:
        assert refused(keep(pdf_with(("factur-x.xml", GOOD), password="secret"))) == "encrypted"

    def test_attachment_that_unpacks_to_gigabytes(self, keep: Keep) -> None:
        packed = zlib.compress(b"\0" * 300_000_000, 9)
        packed = zlib.compress(packed, 9)
        plain = pdf_with(("factur-x.xml", GOOD))
        start = plain.index(b"/Type /EmbeddedFile")
        head = plain.rindex(b"<<", 0, start)
        end = plain.index(b"endstream", start)
        bomb = (
            plain[:head]
            + b"<< /Type /EmbeddedFile /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n"
            % len(packed)
            + packed
            + b"\n"
            + plain[end:]
        )
        assert refused(keep(bomb)) in ("damaged", "no-xml", "slow")

    @pytest.mark.parametrize("amount", [b"1e400", b"NaN", b"Infinity", b"9" * 40, b"douze"])
    def test_amounts_that_are_none(self, amount: bytes) -> None:
        with pytest.raises(Unreadable) as caught:
            read_xml(GOOD.replace(b"<ram:GrandTotalAmount>1200.00", b"<ram:GrandTotalAmount>" + amount))
        assert caught.value.code == "incomplete"

    @pytest.mark.parametrize("day", [b"20261399", b"hier", b"00000000"])
    def test_dates_that_are_none(self, day: bytes) -> None:
        with pytest.raises(Unreadable):
            read_xml(GOOD.replace(b"20261121", day))

    @pytest.mark.parametrize(
        "piece",
        [b"<ram:ID>FA-2026-0042</ram:ID>", b"<ram:Name>Digiflow Agency</ram:Name>"],
    )
    def test_what_every_invoice_has_must_be_there(self, piece: bytes) -> None:
        with pytest.raises(Unreadable) as caught:
            read_xml(GOOD.replace(piece, b""))
        assert caught.value.code == "incomplete"

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_a_damaged_xml_is_read_or_refused_and_nothing_else(self, data: Any) -> None:
        place = data.draw(st.integers(0, len(GOOD) - 1))
        length = data.draw(st.integers(0, 60))
        other = data.draw(st.binary(max_size=30))
        with suppress(Unreadable):
            read_xml(GOOD[:place] + other + GOOD[place + length :])


def test_every_case_reads_from_its_pdf(keep: Keep) -> None:
    facts = CASES["LOCAM buys, the client is delivered"]
    about = About("Facture", "Nous", datetime(2026, 11, 21, tzinfo=UTC))
    read = read_file(keep(write_pdf(HTML(string="<p>x</p>"), write_xml(facts), about))).invoice
    assert read.delivery is not None
    assert read.delivery.party is not None
    assert (read.buyer.siren, read.delivery.party.name) == ("310880315", "Boulangerie Lefèvre")
    assert read.delivery.on == date(2026, 11, 20)
