"""`verify_invoices`: what was tampered with is found, whoever did it and however."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from sales import triggers
from sales.models import BookEntry, Invoice, InvoiceLine, InvoiceRate, InvoiceSeal, SealChain, Series
from sales.services.invoice_credit import cancel_invoice
from sales.services.invoice_verify import verify, verify_and_tell
from tests.base import make_cast
from tests.sales.invoices import D, issued, line
from timeline.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def three() -> list[Invoice]:
    """Two invoices and a credit note, and nobody who guards them."""
    cast = make_cast()
    first = issued(
        cast["sales"], [line(), line("Hébergement", "9.99", 3, vat_rate=D("5.5"))], discount_percent=D(10)
    )
    second = issued(cast["sales"])
    note = cancel_invoice(user=cast["admin"], invoice=second, reason="Erreur de client")
    assert verify().problems == []
    return [first, second, note]


@pytest.fixture
def unguarded(transactional_db: None, three: list[Invoice]) -> Any:
    """As for somebody with the whole database in their hands. (Triggers end a transaction on MySQL.)"""
    triggers.remove(connection)
    yield three
    triggers.install(connection)


def told() -> str:
    return " / ".join(map(str, verify().problems))


def test_what_nobody_touched_is_as_it_was_issued(three: list[Invoice], capsys: Any) -> None:
    call_command("verify_invoices")
    assert "3 seals replayed" in capsys.readouterr().out
    call_command("verify_invoices", agency="DF")
    with pytest.raises(CommandError) as error:
        call_command("verify_invoices", agency="NO")
    assert error.value.returncode == 2


@pytest.mark.parametrize(
    ("model", "name", "value", "words"),
    [
        (Invoice, "gross", D("1.00"), "gross"),
        (Invoice, "subject", "refonte du site", "subject"),
        (Invoice, "facts", {"seller": {"name": "Autre"}}, "facts"),
        (InvoiceLine, "label", "Autre chose", "lines"),
        (InvoiceRate, "vat", D("1.00"), "rates"),
        (InvoiceSeal, "pdf_sha256", "0" * 64, "PDF"),
        (InvoiceSeal, "payload", "{}", "cannot be read"),
    ],
)
def test_a_changed_row_is_found(
    unguarded: list[Invoice], model: Any, name: str, value: Any, words: str
) -> None:
    key = "pk" if model is Invoice else "invoice_id"
    model.objects.filter(**{key: unguarded[0].pk}).update(**{name: value})
    assert words in told()


def test_a_seal_that_was_made_anew_without_the_key_is_found(unguarded: list[Invoice]) -> None:
    seal = InvoiceSeal.objects.get(invoice=unguarded[0])
    InvoiceSeal.objects.filter(pk=seal.pk).update(payload=seal.payload.replace('"gross":"', '"gross":"9'))
    assert "does not fit" in told()


def test_a_missing_seal_and_a_missing_invoice_are_found(unguarded: list[Invoice]) -> None:
    last = unguarded[2]
    InvoiceSeal.objects.filter(invoice=last)._raw_delete("default")
    assert "has no seal" in told()
    assert "2 seals, and 3 were given" in told()
    # Its entry goes too: the database lets no line of the books name what there is not.
    BookEntry.objects.filter(source=f"invoice:{last.pk}").delete()
    InvoiceLine.objects.filter(invoice=last)._raw_delete("default")
    InvoiceRate.objects.filter(invoice=last)._raw_delete("default")
    Invoice.objects.filter(pk=last.pk)._raw_delete("default")
    assert f"{last.number}: This number is missing" in told()


def test_a_seal_taken_out_of_the_middle_is_found(unguarded: list[Invoice]) -> None:
    InvoiceSeal.objects.filter(invoice=unguarded[1])._raw_delete("default")
    assert "no. 3 follows no. 1" in told()


def test_a_file_that_is_missing_or_another_is_found(three: list[Invoice]) -> None:
    path = Path(default_storage.path(InvoiceSeal.objects.get(invoice=three[0]).pdf.name))
    path.write_bytes(path.read_bytes() + b" ")
    assert "not the one that was issued" in told()
    path.unlink()
    assert "PDF is missing" in told()


def test_a_number_never_given_and_a_wrong_count_are_found(unguarded: list[Invoice]) -> None:
    Series.objects.filter(kind="invoice").update(last_number=1)
    assert "never given" in told()
    SealChain.objects.update(length=9)
    assert "3 seals, and 9 were given" in told()


def test_an_unknown_key_is_told_and_a_new_one_seals_on(three: list[Invoice], settings: Any) -> None:
    old = settings.SEAL_KEYS
    settings.SEAL_KEYS = ["new:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", *old]
    issued(three[0].owner)
    assert verify().problems == []
    settings.SEAL_KEYS = settings.SEAL_KEYS[:1]
    assert "SEAL_KEYS" in told()


def test_triggers_that_were_taken_away_are_told(unguarded: list[Invoice]) -> None:
    assert "sales_invoice_keep" in told()
    with pytest.raises(CommandError) as error:
        call_command("verify_invoices")
    assert error.value.returncode == 1


@pytest.mark.usefixtures("unguarded")
def test_administrators_are_told_by_night() -> None:
    verify_and_tell()
    assert Notification.objects.filter(kind="invoices.verified").exists()
