"""Every case that we issue comes out valid by the official rules, and reads back as it was written."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales import amounts
from sales.facturx.facts import (
    Address,
    Delivery,
    Discount,
    Invoice,
    Means,
    Party,
    Payment,
    Preceding,
    Process,
    Treatment,
    TypeCode,
    VatPoint,
)
from sales.facturx.reading import read_xml
from sales.facturx.validation import check
from sales.facturx.xml import NotWritable, money, number, treatment_of, write_xml
from tests.sales.invoice_facts import (
    AGENCY,
    CLIENT,
    EXPORT,
    FRANCHISE,
    INTRA,
    LOCAM,
    LOW,
    NOTES,
    OUTSIDE,
    REDUCED,
    REVERSE,
    STANDARD,
    invoice,
    line,
    of_sums,
)

D = Decimal
BERLIN = Party(
    "Müller & Söhne GmbH", Address(("Unter den Linden 1",), "10117", "Berlin", "DE"),
    register_number="HRB 12345", vat_number="DE136695976", email="rechnung@mueller.test",
)  # fmt: skip
MONTREAL = Party(
    "Érable Inc.", Address(("1 rue Sherbrooke",), "H2X 1X1", "Montréal", "CA"), email="compta@erable.test"
)
WITHOUT_VAT = replace(AGENCY, vat_number="")
OF_FA_41 = (Preceding("FA-2026-0041", date(2026, 10, 2)),)
DEBIT = Payment(
    Means.SEPA_DIRECT_DEBIT,
    mandate="RUM-2026-0042",
    creditor_id="FR72ZZZ123456",
    debited_iban="FR1420041010050500013M02606",
)
LINE_OFF = Discount(D("100.00"), "Remise commerciale", D(10), D("1000.00"))


def off(amount: str, vat: Any = STANDARD) -> Discount:
    return Discount(D(amount), "Remise de fin d’année", vat=vat)


CASES: dict[str, Invoice] = {
    "plain": invoice(),
    "several rates": invoice(line(1, "1000"), line(2, "333.33", 3, REDUCED), line(3, "0.07", 11, LOW)),
    "franchise 293 B": invoice(line(1, "500", vat=FRANCHISE), seller=WITHOUT_VAT),
    "reverse charge": invoice(line(1, "500", vat=REVERSE)),
    "discount of a line": invoice(line(1, "1000", discounts=(LINE_OFF,)), line(2, "50")),
    "discount of the whole": invoice(line(1, "1000"), line(2, "50"), discounts=(off("105.00"),)),
    "discount of the whole, two rates": invoice(
        line(1, "1000"), line(2, "500", vat=REDUCED), discounts=(off("66.67"), off("33.33", REDUCED))
    ),
    "VAT on debits": invoice(vat_point=VatPoint.INVOICE),
    "deposit": invoice(line(1, "300", name="Acompte de 30 %"), type_code=TypeCode.DEPOSIT),
    "interim": invoice(line(1, "1000", "0.35", name="Situation n° 2 : 35 %"), order_number="BC-778"),
    "final, deposits as prepaid": invoice(
        line(1, "1000"), prepaid="360.00", process=Process.SERVICES_FINAL, preceding=OF_FA_41
    ),
    "final, deposits as lines": invoice(
        line(1, "1000"),
        line(2, "300", -1, name="Acompte FA-2026-0041 du 02/10/2026"),
        process=Process.SERVICES_FINAL,
        preceding=OF_FA_41,
    ),
    "credit note, whole": invoice(
        number="AV-2026-0001", type_code=TypeCode.CREDIT_NOTE, preceding=OF_FA_41, due_on=date(2026, 11, 21)
    ),
    "credit note, part": invoice(
        line(1, "12.50"), number="AV-2026-0002", type_code=TypeCode.CREDIT_NOTE, preceding=OF_FA_41
    ),
    "corrected invoice": invoice(type_code=TypeCode.CORRECTED, preceding=OF_FA_41),
    "direct debit": invoice(payment=DEBIT),
    "LOCAM buys, the client is delivered": invoice(
        buyer=LOCAM, delivery=Delivery(CLIENT, date(2026, 11, 20))
    ),
    "client in Germany": invoice(
        line(1, "500", vat=REVERSE), buyer=BERLIN, treatment=Treatment.B2B_ABROAD
    ),
    "goods to Germany": invoice(
        line(1, "500", vat=INTRA),
        buyer=BERLIN,
        treatment=Treatment.B2B_ABROAD,
        process=Process.GOODS,
        delivery=Delivery(replace(BERLIN, siret=""), date(2026, 11, 20)),
    ),
    "services to Canada": invoice(
        line(1, "500", vat=OUTSIDE),
        buyer=MONTREAL,
        seller=replace(AGENCY, vat_number=""),
        treatment=Treatment.B2B_ABROAD,
    ),
    "goods to Canada": invoice(
        line(1, "500", vat=EXPORT), buyer=MONTREAL, treatment=Treatment.B2B_ABROAD, process=Process.GOODS
    ),
    "consumer": invoice(
        buyer=Party("Mme Léa Roux", Address(("1 rue X",), "75001", "Paris"), email="lea@roux.test"),
        treatment=Treatment.B2C,
    ),
    "paid already": invoice(prepaid="1200.00", process=Process.SERVICES_PAID, due_on=date(2026, 11, 2)),
    "300 lines": invoice(*(line(n, "19.99", n, (STANDARD, REDUCED, LOW)[n % 3]) for n in range(1, 301))),
    "a name of 200 characters": invoice(
        line(1, "1000", name="Création " * 22 + "ab"),
        buyer=replace(CLIENT, name="Boulangerie " * 16 + "Lefèvre!"),
    ),
    "emoji": invoice(
        line(1, "1000", name="Site vitrine 🚀 👩‍💻", description="Avec <b>balises</b> & « guillemets »")
    ),
    "four decimals": invoice(line(1, "0.123456", "1234.5678")),
    "zero price": invoice(line(1, "1000"), line(2, "0", name="Hébergement offert")),
    "a period": invoice(start=date(2026, 11, 1), end=date(2026, 11, 30)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_case_is_valid_and_reads_back_as_it_was_written(name: str) -> None:
    facts = CASES[name]
    xml = write_xml(facts)
    report = check(xml)
    assert [(each.rule, each.text) for each in report.findings] == []
    assert report.level == "en16931"
    assert report.fired > 100
    assert like(read_xml(xml).invoice) == like(facts)


def like(facts: Invoice) -> Invoice:
    """Without what writing fills in: the note of the treatment, the place of delivery."""
    notes = tuple(note for note in facts.notes if note.subject != "BAR")
    delivery = facts.delivery
    if delivery is not None and delivery.party is not None:
        party = Party(delivery.party.name, delivery.party.address)
        delivery = (
            None if delivery.on is None and party.name == facts.buyer.name else replace(delivery, party=party)
        )
    discounts = tuple(replace(each, reason=each.reason or "Remise") for each in facts.discounts)
    return replace(facts, notes=notes, delivery=delivery, discounts=discounts, payment=facts.payment or None)


def test_same_facts_give_the_same_bytes() -> None:
    assert write_xml(CASES["several rates"]) == write_xml(CASES["several rates"])


LINES = st.lists(
    st.tuples(
        st.builds(
            amounts.Line,
            quantity=st.decimals("-999", "999", places=4),
            unit_price=st.decimals("0", "99999", places=4),
            vat_rate=st.sampled_from((D(20), D(10), D("5.5"), D("2.1"))),
            discount_percent=st.one_of(st.just(D(0)), st.decimals("0", "100", places=2)),
        ),
        st.text(max_size=40),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=LINES, percent=st.decimals("0", "100", places=2), prepaid=st.decimals("0", "1000", places=2))
def test_whatever_is_sold_comes_out_valid(rows: list[Any], percent: Decimal, prepaid: Decimal) -> None:
    """Any prices, quantities (taken back ones too), rates, discounts, labels, with the sums of the house."""
    lines = [row for row, _label in rows]
    whole = amounts.Discount(percent) if amounts.sums_of(lines).subtotal > 0 else None
    made = of_sums(lines, whole, prepaid=prepaid, labels=[label for _row, label in rows])
    xml = write_xml(made)
    assert [(each.rule, each.text) for each in check(xml).findings] == []
    assert like(read_xml(xml).invoice) == like(made)


class TestTheBroken:
    """A wrong invoice is refused, and the rule is named."""

    def rules(self, facts: Invoice) -> set[str]:
        return {each.rule for each in check(write_xml(facts)).errors}

    def test_without_the_compulsory_mentions(self) -> None:
        assert "BR-FR-05" in self.rules(invoice(notes=NOTES[:2]))
        assert "BR-FR-06" in self.rules(invoice(notes=(*NOTES, NOTES[0])))

    def test_wrong_sums(self) -> None:
        good = invoice()
        assert "BR-CO-15" in self.rules(replace(good, totals=replace(good.totals, gross=D("1200.01"))))
        assert "BR-CO-10" in self.rules(replace(good, totals=replace(good.totals, lines=D("999.00"))))
        assert "BR-CO-16" in self.rules(replace(good, totals=replace(good.totals, due=D("1.00"))))
        wrong = replace(good.vat[0], amount=D("201.50"))
        assert {"BR-CO-14", "BR-S-09"} & self.rules(replace(good, vat=(wrong,)))

    def test_credit_note_of_nothing(self) -> None:
        assert "BR-FR-CO-05" in self.rules(invoice(type_code=TypeCode.CREDIT_NOTE))

    def test_corrected_invoice_of_two(self) -> None:
        two = (*OF_FA_41, Preceding("FA-2026-0040", date(2026, 9, 2)))
        assert "BR-FR-CO-04" in self.rules(invoice(type_code=TypeCode.CORRECTED, preceding=two))

    def test_identities(self) -> None:
        assert "BR-FR-10" in self.rules(
            invoice(seller=replace(AGENCY, siren="", siret="", electronic_address="x"))
        )
        nobody = replace(CLIENT, siren="", electronic_address="")
        assert {"BR-FR-11", "BR-FR-12"} <= self.rules(invoice(buyer=nobody))
        assert "BR-FR-09" in self.rules(invoice(seller=replace(AGENCY, siret="55210055400013")))

    def test_numbers_and_dates(self) -> None:
        assert "BR-FR-01" in self.rules(invoice(number="F" * 36))
        assert "BR-FR-02" in self.rules(invoice(number="FA 2026.1é"))
        assert "BR-FR-CO-07" in self.rules(invoice(due_on=date(2026, 11, 20)))

    def test_rates(self) -> None:
        strange = replace(STANDARD, rate=D(19))
        assert "BR-FR-16" in self.rules(invoice(line(1, "100", vat=strange)))
        without_why = invoice(line(1, "100", vat=FRANCHISE))
        assert "BR-E-10" in self.rules(
            replace(without_why, vat=(replace(without_why.vat[0], reason="", reason_code=""),))
        )

    def test_final_deposit(self) -> None:
        assert "BR-FR-CO-08" in self.rules(
            invoice(type_code=TypeCode.DEPOSIT, process=Process.SERVICES_FINAL, preceding=OF_FA_41)
        )

    def test_paid_process_that_is_not_paid(self) -> None:
        assert "BR-FR-CO-09" in self.rules(invoice(process=Process.SERVICES_PAID))

    def test_transfer_without_account(self) -> None:
        assert {"CII-SR-470"} <= self.rules(invoice(payment=Payment()))

    def test_negative_price_names_its_line(self) -> None:
        good = invoice(line(1, "10"), line(2, "20"))
        bad = replace(good, lines=(good.lines[0], replace(good.lines[1], price=D(-20))))
        finding = next(each for each in check(write_xml(bad)).errors if each.rule == "BR-27")
        assert finding.line == 2
        assert finding.words != finding.text

    def test_parts_of_a_cent_are_not_even_written(self) -> None:
        good = invoice()
        with pytest.raises(NotWritable):
            write_xml(replace(good, totals=replace(good.totals, net=D("1000.001"))))
        with pytest.raises(NotWritable):
            number(D("1.23456"), 4)

    def test_what_is_empty_is_named(self) -> None:
        for empty in (invoice(number=" "), invoice(line(1, "10", name="\x07"))):
            with pytest.raises(NotWritable):
                write_xml(empty)
        assert "BR-07" in self.rules(invoice(buyer=Party("")))
        assert "BR-16" in self.rules(replace(invoice(), lines=()))
        nowhere = replace(CLIENT, address=Address(country=""))
        assert {"BR-10", "BR-11"} <= self.rules(invoice(buyer=nowhere))
        without_siren = replace(AGENCY, siren="", siret="", vat_number="")
        assert {"BR-FR-10", "BR-CO-26"} <= self.rules(invoice(seller=without_siren))


def test_numbers_are_written_plainly() -> None:
    assert [money(D(each)) for each in ("1E+3", "-0.00", "12.5")] == ["1000.00", "0.00", "12.50"]
    assert [number(D(each), 4) for each in ("1E+3", "-0.0", "0.5000", "20")] == ["1000", "0", "0.5", "20"]


def test_treatment_follows_the_buyer() -> None:
    assert treatment_of(CLIENT) == Treatment.B2B
    assert treatment_of(BERLIN) == Treatment.B2B_ABROAD
    assert treatment_of(MONTREAL, is_consumer=True) == Treatment.B2C
