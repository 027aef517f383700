"""Mandates and direct debits for the tests, made by the services of the pages."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.test import override_settings
from django.utils import timezone

from people.models import User
from sales.models import BankAccount, BillingPlan, Debit, DebitBatch, Invoice, Mandate
from sales.services.billing_plan import create_plan
from sales.services.debit import approve_batch, create_batch, mark_sent
from sales.services.mandate import create_mandate
from sales.services.target_days import target_day
from tests.sales.accounts import french_iban, make_account
from tests.sales.invoices import agency_for_invoices, issued, line, make_buyer

ICS = "FR72ZZZ123456"
_sirens = iter(("443061841", "542065479", "775670417", "310880315", "552081317", "383474814") * 50)


def debiting_agency(**values: Any) -> Any:
    """An agency that may take direct debits."""
    agency = agency_for_invoices(**values)
    if not agency.ics:
        agency.ics = ICS
        agency.save(update_fields=["ics"])
    return agency


def make_mandate(user: User | None, **values: Any) -> Mandate:
    """A mandate of a client of `user`, who can be invoiced, with an account in use."""
    owner = values.pop("owner", user)
    if "client" not in values:
        values["client"] = make_buyer(owner, siren=next(_sirens))
    if "account" not in values:
        with override_settings(BANK_FOUR_EYES=False):
            values["account"] = make_account(None, client=values["client"], holder="SARL Lefèvre & Fils")
    values.setdefault("agency", debiting_agency())
    values.setdefault("signed_on", timezone.localdate() - timedelta(days=30))
    return create_mandate(user=None, mandate=Mandate(**values))


def debit_invoice(user: User, price: Any = 100, mandate: Mandate | None = None, **values: Any) -> Invoice:
    """An issued invoice of a client with a mandate, paid by direct debit."""
    mandate = mandate or make_mandate(user)
    return issued(
        user,
        [line(price=price)],
        client=mandate.client,
        agency=mandate.agency,
        payment_method="debit",
        **values,
    )


def day_after(days: int) -> date:
    return target_day(timezone.localdate() + timedelta(days=days))


def make_batch(user: User | None, invoices: list[Invoice], days: int = 20) -> DebitBatch:
    return create_batch(
        user=user,
        agency=invoices[0].agency,
        scheme="CORE",
        collect_on=day_after(days),
        invoices=[invoice.pk for invoice in invoices],
    )


def sent_batch(user: User | None, invoices: list[Invoice]) -> DebitBatch:
    """A batch that the bank has, to be collected today."""
    batch = make_batch(user, invoices)
    approve_batch(user=user, batch=batch)
    mark_sent(user=user, batch=batch)
    DebitBatch.objects.filter(pk=batch.pk).update(collect_on=timezone.localdate())
    batch.refresh_from_db()
    return batch


def debits_for(user: User, client: Any, subscription: Any, long: str) -> dict[str, Any]:
    """What addresses of these pages are made of, with long words."""
    agency = debiting_agency()
    number = iter(range(7000, 8000))
    account = BankAccount.objects.create(
        client=client, iban=french_iban(next(number)), holder=long[:160], status="active"
    )
    mandate = make_mandate(user, client=client, account=account, rum="RUM-2026-0123456789-0123456789-0123")
    plan = create_plan(
        user=None,
        plan=BillingPlan(subscription=subscription, agency=agency, starts_on=timezone.localdate()),
    )
    BillingPlan.objects.filter(pk=plan.pk).update(fault=long[:500])
    batch = DebitBatch.objects.create(
        agency=agency, collect_on=day_after(20), reference="PRLV-LONG-1", status="sent", file_sha256="f" * 64
    )
    invoice = issued(user, client=make_buyer(user, name=long[:200], siren=next(_sirens)))
    debit = Debit.objects.create(
        batch=batch, invoice=invoice, mandate=mandate, amount=Decimal("1234567.89"), sequence="FRST",
        reference="E2E-LONG", notice="refused", notice_error=long[:300],
    )  # fmt: skip
    debit_invoice(user)
    return {"plan": plan.pk, "mandate": mandate.pk, "batch": batch.pk, "debit": debit.pk}
