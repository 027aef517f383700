"""What an invoice on paper costs: drawn with its XML beside WeasyPrint's bare time of the same page.

`python -m tests.bench.papers` (a process on the large database) prints one JSON line; nothing of it stays.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.report import Line

MUST = 1.5
# Lines of the invoice → how often it is drawn.
SIZES = {5: 12, 300: 4}
ISSUED = 30


def measure_papers(env: dict[str, str]) -> list[Line]:
    """Small and long invoices, and how many a worker issues in a second."""
    with tempfile.TemporaryDirectory(prefix="digiweb-bench-media-") as media:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.papers"],
            cwd=Path(__file__).resolve().parents[2],
            env={**env, "MEDIA_ROOT": media},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return [Line("invoice PDF with Factur-X", ok=False, note=done.stderr.strip()[-200:])]
    found = json.loads(done.stdout.splitlines()[-1])
    lines = []
    for size in SIZES:
        one = found[str(size)]
        ratio = one["ours"] / one["bare"]
        note = f"of which XML {one['xml']:.0f} ms; rules apart: {one['rules']:.0f} ms; {one['kb']:.0f} kB"
        lines.append(
            Line(
                f"invoice of {size} lines as PDF/A-3b with Factur-X, beside bare WeasyPrint",
                small=one["bare"],
                large=one["ours"],
                must=f"≤ {MUST} × bare",
                ok=ratio <= MUST,
                ratio=ratio,
                note=note,
            )
        )
    rate, bare = found["issued"], 1000 / found["5"]["bare"]
    note = f"WeasyPrint alone draws {bare:.1f} a second"
    lines.append(Line(f"invoices issued: {rate:.1f} a second by one worker", note=note))
    return lines


# --- In the process on the database


def main() -> None:
    import django

    django.setup()
    found: dict[str, Any] = {str(size): _of_size(size, times) for size, times in SIZES.items()}
    found["issued"] = _issue()
    print(json.dumps(found))  # noqa: T201


def _of_size(size: int, times: int) -> dict[str, float]:
    from django.utils import timezone
    from weasyprint import HTML

    from digiweb.pdf import BASE, About, Files
    from sales.facturx.embed import write_pdf
    from sales.facturx.validation import check
    from sales.facturx.xml import write_xml
    from sales.services.invoice import sums_of_invoice
    from sales.services.invoice_issue import facts_of
    from sales.services.invoice_paper import page_of
    from sales.services.invoice_xml import einvoice_of

    invoice, lines = _draft(size)
    today = timezone.localdate()
    given = {"number": "FA-BENCH-00001", "on": today, "lines": lines}
    given |= {"sums": sums_of_invoice(invoice, lines), "facts": facts_of(invoice, today)}
    about = About("Facture", "Bench", timezone.now(), "Bench")

    def xml() -> bytes:
        return write_xml(einvoice_of(invoice, **given))

    def ours() -> bytes:
        return write_pdf(page_of(invoice, colour="#3b3a9e", **given), xml(), about)

    source = _html(page_of, invoice, given)

    def bare() -> bytes:
        written: bytes = HTML(string=source, base_url=BASE, url_fetcher=Files()).write_pdf()
        return written

    content = ours()
    bare()
    report = check(xml())
    if not report.is_valid:
        raise ValueError([each.rule for each in report.errors])
    taken: dict[str, list[float]] = {"bare": [], "ours": [], "xml": [], "rules": []}
    for _ in range(times):
        # In turn, so that whatever else the machine does disturbs all alike.
        for name, work in (("bare", bare), ("ours", ours), ("xml", xml)):
            taken[name].append(_milliseconds(work))
        document = xml()
        taken["rules"].append(_milliseconds(lambda document=document: check(document)))  # type: ignore[misc]
    return {**{name: median(each) for name, each in taken.items()}, "kb": len(content) / 1000}


def _html(page_of: Any, invoice: Any, given: Any) -> str:
    """The source of the same page."""
    from digiweb import pdf

    kept: list[str] = []
    plain = pdf.Paper.__init__

    def noted(self: Any, html: str, colour: str = "") -> None:
        kept.append(html)
        plain(self, html, colour)

    pdf.Paper.__init__ = noted  # type: ignore[method-assign]
    try:
        page_of(invoice, colour="#3b3a9e", **given)
    finally:
        pdf.Paper.__init__ = plain  # type: ignore[method-assign]
    return kept[0]


def _draft(size: int, *, saved: bool = False) -> tuple[Any, list[dict[str, Any]]]:
    """An invoice to the company of a client, which lacks nothing."""
    from decimal import Decimal

    from crm.models import Client
    from people.models import User
    from sales.models import Agency, Invoice
    from sales.services.invoice import create_invoice

    agency = Agency.objects.order_by("pk")[0]
    firms = Client.objects.exclude(company=None).exclude(company__siren="").exclude(company__address="")
    client = firms.select_related("company", "contact").order_by("pk")[0]
    owner = User.objects.get(email="bench-admin@digiweb.test")
    invoice = Invoice(
        agency=agency, client=client, company=client.company, owner=owner, subject="Site et référencement"
    )
    lines = [
        {
            "kind": "item",
            "label": f"Prestation {number}",
            "description": "Conception, intégration, mise en ligne." if number % 3 == 0 else "",
            "quantity": Decimal(number),
            "unit": "C62",
            "unit_price": Decimal("19.90"),
            "discount_percent": Decimal(0),
            "vat_rate": Decimal(20 if number % 5 else 10),
            "offer": None,
        }
        for number in range(1, size + 1)
    ]
    if saved:
        create_invoice(user=owner, invoice=invoice, lines=lines)
    else:
        from django.utils import timezone

        from sales.services.invoice_issue import settle_days

        settle_days(invoice, timezone.localdate())
    return invoice, lines


def _issue() -> float:
    """Issued invoices a second, rules, drawing, disk and rows included; all of it is taken back."""
    from django.db import transaction

    from sales.services.invoice_issue import issue_invoice

    with transaction.atomic():
        drafts = [_draft(5, saved=True)[0] for _ in range(ISSUED)]
        issue_invoice(user=None, invoice=drafts.pop())
        started = time.perf_counter()
        for draft in drafts:
            issue_invoice(user=None, invoice=draft)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return (ISSUED - 1) / seconds


def _milliseconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
