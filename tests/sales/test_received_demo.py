"""The received invoices of the demo are what suppliers may send: valid, but for the careless one."""

import random
from datetime import date

import pytest

from sales.demo.received import NOTES, SUPPLIERS, WITHOUT_DISCOUNT, Supplier, buyer_of, facts_of
from sales.facturx.reading import read_xml
from sales.facturx.validation import check
from sales.facturx.xml import write_xml


@pytest.mark.parametrize("supplier", SUPPLIERS, ids=lambda each: each.prefix)
def test_supplier_sends_valid_invoices(supplier: Supplier) -> None:
    die = random.Random(1)
    for number in (1, 2):
        facts = facts_of(supplier, buyer_of(None), date(2026, 9, supplier.day), number, die)
        xml = write_xml(facts)
        report = check(xml, national=bool(supplier.party.siren))
        assert [each.text for each in report.findings] == []
        assert read_xml(xml).invoice.totals == facts.totals


def test_what_the_careless_one_forgets_is_what_the_rules_say() -> None:
    careless = next(each for each in SUPPLIERS if each.is_careless)
    facts = facts_of(careless, buyer_of(None), date(2026, 9, 27), 4, random.Random(1))
    assert facts.notes == NOTES[:2]
    (finding,) = check(write_xml(facts)).findings
    told = {name: getattr(finding, name) for name in WITHOUT_DISCOUNT}
    assert told == WITHOUT_DISCOUNT
