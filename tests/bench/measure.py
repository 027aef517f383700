"""The measurer: a process on one database that answers commands by JSON lines, one a line.

The parent has one on each database and asks them in turn, so that whatever else the machine does
disturbs both alike.
"""

import gc
import json
import sys
import time
from datetime import date
from functools import cached_property
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from crm.models import Client as ErpClient  # noqa: E402
from crm.models import Company, Contact, Tag  # noqa: E402
from crm.views.client import ClientListView  # noqa: E402
from crm.views.company import CompanyListView  # noqa: E402
from crm.views.contact import ContactListView  # noqa: E402
from crm.views.deal import DealListView  # noqa: E402
from digiweb.demo.scale import RARE_NAME  # noqa: E402
from digiweb.paging import encode_key  # noqa: E402
from people.models import User  # noqa: E402
from sales.models import Agency, Invoice, Offer, Quote  # noqa: E402
from sales.views.contract import ContractListView  # noqa: E402
from sales.views.invoice import InvoiceListView  # noqa: E402
from sales.views.payment_record import PaymentRecordListView  # noqa: E402
from sales.views.quote import QuoteListView  # noqa: E402
from sales.views.subscription import SubscriptionListView  # noqa: E402
from tests.bench.cases import (  # noqa: E402
    CLIENTS,
    COMPANIES,
    CONTRACTS,
    DEALS,
    INVOICES,
    PAYMENTS,
    QUOTES,
    SUBSCRIPTIONS,
    Case,
    cases,
)

VIEWS = {
    COMPANIES: CompanyListView,
    DEALS: DealListView,
    CLIENTS: ClientListView,
    CONTRACTS: ContractListView,
    QUOTES: QuoteListView,
    INVOICES: InvoiceListView,
    PAYMENTS: PaymentRecordListView,
    SUBSCRIPTIONS: SubscriptionListView,
}


class Measurer:
    """Signs everybody in once, then times requests through the whole WSGI stack, middleware included."""

    def __init__(self) -> None:
        self.cases = {case.name: case for case in cases()}
        self.users: dict[str, Any] = {}
        self.clients: dict[str, Client] = {}
        self.urls: dict[str, str] = {}
        for who in ("admin", "few", "many", "manager", "marketing", "am"):
            self.users[who] = User.objects.get(email=f"bench-{who}@digiweb.test")
            self.clients[who] = Client()
            self.clients[who].force_login(self.users[who], backend=settings.AUTHENTICATION_BACKENDS[0])

    @cached_property
    def places(self) -> dict[str, str]:
        """What stands for {…} in the cases."""
        tags = dict(Tag.objects.values_list("name", "pk"))
        first = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
        own = Contact.objects.filter(owner=self.users["many"]).exclude(phone="").order_by("pk").first()
        company = Company.objects.order_by("-contact_count").first()
        assert own is not None
        assert company is not None
        count = Contact.objects.count()
        days = [
            timezone.localdate(Contact.objects.get(pk=first + count * part // 100).created_at)
            for part in (40, 45)
        ]
        client = ErpClient.objects.order_by("pk")[0]
        invoice = Invoice.objects.filter(status="issued").order_by("-pk").first()
        quote = Quote.objects.filter(client=client, status="accepted").order_by("-pk").first()
        assert invoice is not None
        frequent = str(Invoice.objects.order_by("-pk")[0].search_text).split()[4]
        return {
            "client_company": str(client.company_id),
            "client_deal": str(quote.deal_id if quote else 0),
            "client_quote": str(quote.pk if quote else 0),
            # The smaller one.
            "agency": str(Agency.objects.order_by("-pk").values_list("pk", flat=True)[0]),
            "number": str(invoice.number),
            "rare_word": frequent,
            "broad_word": "site",
            "busy": str(first + count // 2),
            "own": str(own.pk),
            "client": str(ErpClient.objects.order_by("pk").values_list("pk", flat=True)[0]),
            "company": str(company.pk),
            "offer": str(Offer.objects.order_by("pk").values_list("pk", flat=True)[0]),
            "month": f"{timezone.localdate():%Y-%m}",
            "large_town": "Paris",
            "middling_town": "Annecy",
            "frequent_tag": str(tags["Bench fréquent"]),
            "middling_tag": str(tags["Bench moyen"]),
            "rare_name": RARE_NAME,
            "phone_piece": own.phone[-6:],
            "first_day": min(days).isoformat(),
            "last_day": max(days).isoformat(),
        }

    def url(self, case: Case) -> str:
        if case.name not in self.urls:
            places = {**self.places, "owner": str(self.users["many"].pk) if case.who == "admin" else "me"}
            query = {name: value.format(**places) for name, value in case.query.items()}
            path = case.path.format(**places)
            made = Case(case.name, case.who, path, query)
            self.urls[case.name] = made.url(**self.key(case))
        return self.urls[case.name]

    def key(self, case: Case) -> dict[str, str]:
        if case.page is None:
            return {}
        side, name = case.page
        view: Any = VIEWS.get(case.path, ContactListView)
        sort = next(each for each in view.sorts if each.name == name)
        if side == "before":
            ends = {"id": 0 if sort.descending else 2**62, "sort_name": "zzzzzz", "score": 0}
            ends |= {
                name: date(1900, 1, 1) for name in ("signed_key", "paid_key", "issued_key", "quoted_key")
            }
            return {"before": encode_key([ends[each] for each in sort.fields])}
        rows = view.model.objects.visible_to(self.users[case.who])
        middle = rows.count() // 2
        return {"after": encode_key(rows.order_by(*sort.order_by).values_list(*sort.fields)[middle])}

    # --- Commands

    def run(self, case: str, times: int, warm: int = 2) -> dict[str, Any]:
        """Milliseconds of each of `times` requests, after `warm` that are not counted."""
        about = self.cases[case]
        client, url = self.clients[about.who], self.url(about)
        for _ in range(warm):
            response = client.get(url)
        taken, worked = [], []
        gc.collect()
        gc.disable()
        for _ in range(times):
            cpu, started = time.process_time(), time.perf_counter()
            response = client.get(url)
            taken.append((time.perf_counter() - started) * 1000)
            worked.append((time.process_time() - cpu) * 1000)
        gc.enable()
        return {
            "ms": taken,
            "cpu": worked,
            "status": response.status_code,
            # Payments, which nobody changes, have nothing to tick.
            "rows": max(response.content.count(mark) for mark in (b'name="pk"', b"<tr data-url")),
            "bytes": len(response.content),
        }

    def count(self, case: str) -> dict[str, Any]:
        """The queries of one request, with what each took."""
        about = self.cases[case]
        log: list[tuple[float, str]] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            started = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                log.append(((time.perf_counter() - started) * 1000, sql))

        with connection.execute_wrapper(note):
            self.clients[about.who].get(self.url(about))
        return {"queries": len(log), "log": log, "url": self.url(about)}

    def cookie(self, who: str) -> dict[str, Any]:
        """The session of somebody, for requests from outside."""
        return {"cookie": self.clients[who].cookies["sessionid"].value}

    def export(self) -> dict[str, Any]:
        """All contacts as CSV: time to the first byte, rows a second, and by how much memory grew."""
        before, peak, rows = resident(), 0.0, 0
        started = time.perf_counter()
        response: Any = self.clients["admin"].get("/crm/contacts/?export=csv&all=1")
        first = 0.0
        for number, chunk in enumerate(response.streaming_content):
            first = first or time.perf_counter() - started
            rows += chunk.count(b"\n")
            if number % 20 == 0:
                peak = max(peak, resident())
        seconds = time.perf_counter() - started
        growth = max(peak, resident()) - before
        return {"first_ms": first * 1000, "rows": rows - 1, "per_second": rows / seconds, "growth_mb": growth}


def resident() -> float:
    """Megabytes of memory that this process has now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def main() -> None:
    measurer = Measurer()
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever prints must not disturb the answers
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(measurer, order.pop("do"))(**order)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
