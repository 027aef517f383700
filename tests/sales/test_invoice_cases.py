"""Every case that the law knows, through the real path: proven, drawn, read back."""

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import translation

from people.models import User
from sales.facturx.reading import read_file
from sales.models import BankAccount, InvoiceSeal
from sales.services.invoice_verify import verify
from tests.base import make_cast, make_contact
from tests.sales.accounts import french_iban
from tests.sales.debits import make_mandate
from tests.sales.invoices import IBAN, D, agency_for_invoices, buyer_company, issued, line, make_buyer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def read(invoice: Any) -> Any:
    """What a stranger's program reads out of the PDF."""
    return read_file(default_storage.path(InvoiceSeal.objects.get(invoice=invoice).pdf.name)).invoice


def words(invoice: Any) -> str:
    document: Any = pypdfium2.PdfDocument(
        default_storage.path(InvoiceSeal.objects.get(invoice=invoice).pdf.name)
    )
    text = "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("\r", "")


def test_franchise(cast: dict[str, User]) -> None:
    agency = agency_for_invoices(
        code="MI", name="Micro", vat_regime="franchise", vat_number="", legal_form="EI"
    )
    invoice = issued(cast["sales"], agency=agency, treatment="franchise")
    assert (invoice.vat, invoice.gross) == (D(0), D(1000))
    assert read(invoice).vat[0].reason_code == "VATEX-FR-FRANCHISE"
    assert "293 B" in words(invoice)


def test_reverse_charge(cast: dict[str, User]) -> None:
    invoice = issued(cast["sales"], treatment="reverse")
    assert str(read(invoice).vat[0].vat.category) == "AE"
    assert "Autoliquidation" in words(invoice)


def test_a_firm_in_germany_and_one_in_canada(cast: dict[str, User]) -> None:
    berlin = buyer_company(
        owner=None, name="Müller & Söhne GmbH", siren="", vat_number="DE136695976", country="DE",
        address="Unter den Linden 1", postcode="10117", city="Berlin", email="rechnung@mueller.test",
    )  # fmt: skip
    invoice = issued(cast["sales"], company=berlin, treatment="intra", language="en")
    assert read(invoice).buyer.address.country == "DE"
    assert "Reverse charge" in words(invoice)
    montreal = buyer_company(
        owner=None, name="Érable Inc.", siren="", vat_number="", country="CA", address="1 rue Sherbrooke",
        postcode="H2X 1X1", city="Montréal", email="compta@erable.test",
    )  # fmt: skip
    assert issued(cast["sales"], company=montreal, treatment="export").vat == 0


def test_locam_buys_and_the_client_is_served(cast: dict[str, User]) -> None:
    locam = buyer_company(
        owner=None, name="LOCAM", siren="310880315", vat_number="FR71310880315", city="Saint-Étienne"
    )
    client = make_buyer(cast["sales"])
    invoice = issued(
        cast["sales"], client=client, company=locam, delivery=client.company, payment_method="lease"
    )
    found = read(invoice)
    assert (found.buyer.siren, found.delivery.party.name) == ("310880315", "Boulangerie Lefèvre")
    assert "Boulangerie Lefèvre" in words(invoice)


def test_vat_on_debits(cast: dict[str, User]) -> None:
    agency = agency_for_invoices(code="DB", name="Débits", vat_on_debits=True)
    invoice = issued(cast["sales"], agency=agency)
    assert read(invoice).vat_point == "invoice"
    assert "après les débits" in words(invoice).replace("d'après", "après").replace(
        "d’après", "après"
    ).replace("d'", "")


def test_a_direct_debit_names_its_mandate_and_hides_the_account(cast: dict[str, User]) -> None:
    agency = agency_for_invoices(code="DD", name="Prélèvements", ics="FR72ZZZ123456")
    client, iban = make_buyer(cast["sales"]), french_iban(7)
    account = BankAccount.objects.create(client=client, iban=iban, status="active")
    make_mandate(cast["sales"], client=client, account=account, agency=agency, rum="DD-RUM-7")
    invoice = issued(cast["sales"], client=client, agency=agency, payment_method="debit")
    assert read(invoice).payment.debited_iban == iban
    assert read(invoice).payment.mandate == "DD-RUM-7"
    assert iban not in str(invoice.facts)
    text = words(invoice).replace(" ", "")
    assert iban not in text
    assert iban[-4:] in text


def test_a_private_person(cast: dict[str, User]) -> None:
    person = make_contact(
        cast["sales"], first_name="Léa", last_name="Roux", email="lea@roux.test", address="1 rue X",
        postcode="75001", city="Paris",
    )  # fmt: skip
    invoice = issued(cast["sales"], contact=person)
    assert read(invoice).buyer.name == "Léa Roux"


def test_discounts_of_lines_and_of_the_whole_over_several_rates(cast: dict[str, User]) -> None:
    invoice = issued(
        cast["sales"],
        [
            line(price="99.99", quantity="1.5", discount_percent=D(10)),
            line(price="0.07", quantity=11, vat_rate=D("5.5")),
        ],
        discount_amount=D("13.37"),
    )
    assert read(invoice).totals.net == invoice.net


def test_three_hundred_lines_with_sections(cast: dict[str, User]) -> None:
    lines = [
        {**line(f"Lot {n}"), "kind": "section", "unit_price": D(0)}
        if n % 50 == 0
        else line(f"Ligne {n}", "19.99", n)
        for n in range(300)
    ]
    invoice = issued(cast["sales"], lines)
    assert len(read(invoice).lines) == 294
    assert "12 / 12" in words(invoice) or " / " in words(invoice)


def test_long_names_emoji_and_four_decimals(cast: dict[str, User]) -> None:
    company = buyer_company(owner=None, name=("Société anonyme " * 13)[:200])
    rows = [
        line("Site vitrine 🚀 👩‍💻 <b>&", "0.1234", "1234.5678"),
        line("0,1 + 0,2", "0.1"),
        line("x", "0.2"),
    ]
    invoice = issued(cast["sales"], rows, company=company)
    assert read(invoice).lines[0].quantity == D("1234.5678")
    assert "Site vitrine" in words(invoice)
    assert verify().problems == []


def test_an_empty_amount_is_an_invoice_too(cast: dict[str, User]) -> None:
    invoice = issued(cast["sales"], [line(price=0)])
    assert (invoice.gross, invoice.settlement) == (D(0), "none")
    with pytest.raises(ValidationError):
        issued(cast["sales"], [line(price=1), line(price=5, quantity=-1)])


def test_the_account_stands_on_the_paper(cast: dict[str, User]) -> None:
    assert IBAN in words(issued(cast["sales"])).replace(" ", "")
