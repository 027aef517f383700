"""The lists of clients and sales: whatever index is named, the same rows in the same order and number."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q, Sum
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Client, Company, Deal
from crm.views.client import ClientListView
from digiweb import hints
from digiweb.paging import Sort, capped_count, keyset_page
from people.models import User
from sales.models import Agency, Contract, Invoice, Offer, PaymentRecord, Quote, Subscription
from sales.services.invoice_totals import totals_of
from sales.services.payment_record import sums_of
from sales.views.contract import ContractListView
from sales.views.invoice import InvoiceListView
from sales.views.payment_record import PaymentRecordListView
from sales.views.quote import QuoteListView
from sales.views.subscription import SubscriptionListView
from tests.bench.cases import (
    CLIENT_FILTERS,
    CONTRACT_FILTERS,
    INVOICE_FILTERS,
    PAYMENT_FILTERS,
    QUOTE_FILTERS,
    SUBSCRIPTION_FILTERS,
)

mariadb_only = pytest.mark.skipif("sqlite" in str(connection.vendor), reason="MariaDB's optimiser")
LISTS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (ClientListView, CLIENT_FILTERS),
    (ContractListView, {**CONTRACT_FILTERS, "several": {"status": ["signed", "ended", "unknown"]}}),
    (PaymentRecordListView, {**PAYMENT_FILTERS, "several": {"status": ["paid", "rejected"]}}),
    (SubscriptionListView, SUBSCRIPTION_FILTERS),
    (QuoteListView, {**QUOTE_FILTERS, "several": {"status": ["sent", "accepted"]}}),
    (InvoiceListView, {**INVOICE_FILTERS, "several": {"settlement": ["paid", "partly"], "kind": "deposit"}}),
)


def _of_one_quote(user: User) -> dict[str, str]:
    """The places of the filters that hold a list to one company, deal or quote in sight."""
    seen = Quote.objects.visible_to(user).exclude(company=None, deal=None)
    quote = seen.filter(
        company__in=Company.objects.visible_to(user), deal__in=Deal.objects.visible_to(user)
    ).first()
    places = {"client_company": "", "client_deal": "", "client_quote": ""}
    if quote is not None:
        places = {
            "client_company": str(quote.company_id),
            "client_deal": str(quote.deal_id),
            "client_quote": str(quote.pk),
        }
    return places


def filtersets(user: User, view: Any, filters: dict[str, Any]) -> Iterator[Any]:
    """The list without a filter, and with each."""
    places = {
        "owner": "me",
        "client": str(Client.objects.visible_to(user).order_by("pk")[0].pk),
        "offer": str(Offer.objects.order_by("pk")[0].pk),
        "month": f"{timezone.localdate():%Y-%m}",
        "agency": str(Agency.objects.order_by("-pk")[0].pk),
        **_of_one_quote(user),
        "first_day": "2025-01-01",
        "last_day": f"{timezone.localdate():%Y-%m-%d}",
    }
    for query in ({}, *filters.values()):
        filled = {
            name: [each.format(**places) for each in ([value] if isinstance(value, str) else value)]
            for name, value in query.items()
        }
        data = QueryDict(urlencode(filled, doseq=True))
        visible = view.model.objects.visible_to(user)
        yield view.filterset_class(data, queryset=visible, request=SimpleNamespace(user=user))


@pytest.mark.django_db(transaction=True)
def test_rows_order_and_counts_are_those_of_the_plain_query(monkeypatch: Any) -> None:
    call_command(
        "seed_scale", contacts=240, deals=240, contracts=240, invoices=240, verbosity=0, stdout=StringIO()
    )
    for who in ("admin", "few", "many", "manager"):
        user = User.objects.get(email=f"bench-{who}@digiweb.test")
        for view, filters in LISTS:
            for filterset in filtersets(user, view, filters):
                assert filterset.is_valid(), (filterset.data, filterset.form.errors)
                model = view.model
                plain, visible = filterset.qs, model.objects.visible_to(user)
                portions = filterset.filter_portions(model.objects.scope_portions(user), visible)
                assert capped_count(portions) == (plain.count(), False), (who, view, filterset.data)
                branches = filterset.filter_branches(model.objects.scope_branches(user), visible)
                for sort in view.sorts:
                    wanted = list(plain.order_by(*sort.order_by).values_list("pk", flat=True)[:20])
                    for limit in (0, 10**9):  # walked, and sorted
                        monkeypatch.setattr(hints, "FREQUENT", limit)
                        monkeypatch.setattr(hints, "COVERED", limit)
                        found = keyset_page(branches, sort, size=20, rows=5).ids
                        assert found == wanted, (who, view, filterset.data, sort.name, limit)


@pytest.mark.django_db(transaction=True)
def test_payments_are_added_up_over_all_portions() -> None:
    call_command("seed_scale", contacts=240, contracts=240, verbosity=0, stdout=StringIO())
    for who in ("admin", "few", "many", "manager"):
        user = User.objects.get(email=f"bench-{who}@digiweb.test")
        for narrowed in ({}, {"method": "debit"}, {"status": "paid"}, {"amount__gte": 500}, {"pk__in": []}):
            portions = [each.filter(**narrowed) for each in PaymentRecord.objects.scope_portions(user)]
            plain = PaymentRecord.objects.visible_to(user).filter(**narrowed)
            sums = sums_of(portions)
            assert (sums.number, sums.capped) == (plain.count(), False)
            for status in PaymentRecord.Status.values:
                amount = plain.filter(status=status).aggregate(found=Sum("amount"))["found"]
                assert getattr(sums, status) == (amount or Decimal(0)), (who, narrowed, status)
            if sums.number > 3:
                assert sums_of(portions, 3)[::6] == (3, True)


@pytest.mark.django_db(transaction=True)
def test_what_follows_from_days_leaves_no_document_out(monkeypatch: Any) -> None:
    monkeypatch.setattr("sales.views.document_list.FREQUENT", 0)  # as if there were many
    call_command(
        "seed_scale", contacts=240, deals=240, contracts=24, invoices=240, verbosity=0, stdout=StringIO()
    )
    draft = Invoice.objects.filter(status="draft").first()
    assert draft is not None
    draft.due_on = timezone.localdate() - timedelta(days=100)
    draft.save()
    for who in ("admin", "many", "manager"):
        user = User.objects.get(email=f"bench-{who}@digiweb.test")
        for view_class, filters in ((QuoteListView, QUOTE_FILTERS), (InvoiceListView, INVOICE_FILTERS)):
            for filterset in filtersets(user, view_class, filters):
                for sort in view_class.sorts:
                    view = view_class()
                    view.request = SimpleNamespace(user=user, GET=QueryDict(), htmx=False)
                    view.filterset, view.sort = filterset, sort
                    rows = set()
                    for branch in view.filtered_branches():
                        rows |= set(branch.values_list("pk", flat=True))
                    wanted = set(filterset.qs.values_list("pk", flat=True))
                    assert rows == wanted, (who, view_class, filterset.data, sort.name)


@pytest.mark.django_db(transaction=True)
def test_invoices_are_added_up_over_all_portions() -> None:
    call_command("seed_scale", contacts=240, invoices=240, verbosity=0, stdout=StringIO())
    for who in ("admin", "few", "many", "manager"):
        user = User.objects.get(email=f"bench-{who}@digiweb.test")
        for narrowed in (
            {},
            {"settlement": "paid"},
            {"kind": "credit_note"},
            {"status": "draft"},
            {"pk__in": []},
        ):
            portions = [each.filter(**narrowed) for each in Invoice.objects.scope_portions(user)]
            plain = Invoice.objects.visible_to(user).filter(**narrowed)
            issued = list(plain.filter(status="issued"))
            assert totals_of(portions) == (
                sum(each.sign * each.net for each in issued),
                sum(each.sign * each.gross for each in issued),
                sum(each.balance for each in issued if not each.is_credit_note),
                len(issued),
            ), (who, narrowed)


NEWEST = Sort("newest", "", ("id",), descending=True)
LATE = Q(status="pending", paid_key__lt="2026-01-01")
MANY, SOME, FEW = 50_000, 8_000, 100


@mariadb_only
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "condition", "fields", "rows", "index"),
    [
        (PaymentRecord, Q(owner_id=7, method="debit"), ("paid_key", "id"), MANY, "sales_payment_o_paid"),
        (PaymentRecord, Q(owner_id=7, method="debit"), ("paid_key", "id"), FEW, "sales_payment_o_method"),
        (PaymentRecord, Q(owner_id=7, method="debit"), ("id",), MANY, "sales_payment_o_method"),
        (PaymentRecord, Q(owner_id=None, status="paid"), ("amount", "id"), MANY, "sales_payment_os_amount"),
        (PaymentRecord, LATE, ("amount", "id"), MANY, "sales_payment_s_amount"),
        (PaymentRecord, Q(amount__gte=800), ("paid_key", "id"), MANY, "sales_payment_paid"),
        (PaymentRecord, Q(amount__gte=800), ("id",), SOME, "sales_payment_amount"),
        (Contract, Q(absent_since__isnull=False), ("amount", "id"), MANY, "sales_contract_amount"),
        (Contract, Q(absent_since__isnull=False), ("amount", "id"), FEW, "sales_contract_absent"),
        (Contract, Q(owner=7, offer=3), ("sort_name", "id"), MANY, "sales_contract_o_name"),
        (Contract, Q(owner=7, offer=3), ("id",), MANY, "sales_contract_o_offer"),
        (Contract, Q(ends_on__lte="2026-01-01"), ("signed_key", "id"), MANY, "sales_contract_signed"),
        (Subscription, Q(owner_id=7, offer=3), ("id",), MANY, "sales_subscription_o_offer"),
        (Client, Q(next_activity_at=None), ("sort_name", "id"), MANY, "crm_client_name"),
        (Client, Q(next_activity_at=None), ("sort_name", "id"), FEW, "crm_client_next"),
        (Client, Q(owner=7, health__lte=39), ("renewal_key", "id"), MANY, "crm_client_o_renewal"),
    ],
)  # fmt: skip
def test_the_index_of_a_filter_and_a_sort_is_named(
    model: Any, condition: Q, fields: tuple[str, ...], rows: int, index: str
) -> None:
    with CaptureQueriesContext(connection) as queries:
        keyset_page([model.objects.filter(condition)], Sort("", "", fields, descending=True), rows=rows)
    assert len(queries) == 1
    assert f"FORCE INDEX (`{index}`)" in queries.captured_queries[0]["sql"]


@mariadb_only
@pytest.mark.django_db
def test_what_no_index_covers_is_left_to_the_optimiser_unless_it_is_little() -> None:
    by_id = PaymentRecord.objects.filter(paid_key__gte="2026-01-01")
    with CaptureQueriesContext(connection) as queries:
        keyset_page([by_id], NEWEST, rows=MANY)
        keyset_page([by_id], NEWEST)
    assert all("INDEX" not in query["sql"] for query in queries.captured_queries)
