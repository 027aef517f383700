"""1,000 recurring invoices made, issued and drawn by one worker, beside WeasyPrint on the same pages."""

import json
import resource
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench.report import Line

ROOT = Path(__file__).resolve().parents[2]
INVOICES = 1_000
# So many of these pages are drawn by WeasyPrint alone.
BARE = 100
DAY = date(2026, 11, 1)


def measure_recurring(env: dict[str, str], folder: Path, invoices: int = INVOICES) -> list[Line]:
    """Through the job that « Issue » asks for, by a real worker."""
    env = {**env, "MEDIA_ROOT": str(folder / "media")}
    command = [sys.executable, "-m", "tests.bench.recurring", str(invoices)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    what = f"{invoices:,} recurring invoices"
    if done.returncode:
        return [Line(what, ok=False, note=done.stderr.strip()[-300:])]
    got = json.loads(done.stdout.splitlines()[-1])
    return [
        Line(
            f"{what} made, issued and drawn by one worker: {got['per_second']:.2f}/s",
            note=f"WeasyPrint alone on the same pages: {got['bare_per_second']:.2f}/s "
            f"({got['per_second'] / got['bare_per_second']:.0%} of it); drafts {got['prepare_ms']:.0f} ms; "
            f"worker at most {got['peak_mb']:.0f} MB",
        )
    ]


def make_plans(count: int) -> list[int]:
    """So many subscriptions of firms that lack nothing, each with its plan, none invoiced yet."""
    from importlib import import_module

    from django.apps import apps

    from crm.models import Client, Company
    from people.models import User
    from sales.models import Agency, BillingPlan, Mention, Subscription
    from sales.services.billing_plan import work_out

    if not Mention.objects.exists():
        import_module("sales.migrations.0005_mentions").write(apps, None)
    owner = User.objects.get(email="bench-admin@digiweb.test")
    code = f"B{int(time.time()) % 100_000}"
    agency = Agency.objects.create(
        name=f"Banc d’essai {code}", code=code, legal_form="SAS", siren="732829320",
        vat_number="FR44732829320", address="12 rue de la République", postcode="69002", city="Lyon",
        iban="FR7630006000011234567890189", bic="AGRIFRPP", email="banc@digiweb.test",
    )  # fmt: skip
    numbers = []
    for place in range(count):
        company = Company(
            name=f"Banc {agency.code} {place}", owner=owner, siren="552100554", address="3 place Bellecour",
            postcode="69002", city="Lyon", country="FR", email=f"banc{place}@digiweb.test",
        )  # fmt: skip
        company.save()
        client = Client.objects.create(company=company, owner=owner)
        subscription = Subscription.objects.create(
            client=client, label=f"Maintenance {place}", monthly_amount=Decimal(49 + place % 50),
            started_on=DAY,
        )  # fmt: skip
        plan = BillingPlan(client=client, subscription=subscription, agency=agency, starts_on=DAY)
        work_out(plan)
        plan.save()
        numbers.append(plan.pk)
    return numbers


def bare_seconds(invoices: list[Any]) -> float:
    """WeasyPrint alone, a PDF/A-3b each, the templates filled before."""
    from digiweb.pdf import ARCHIVE
    from sales.services.invoice import sums_of_invoice
    from sales.services.invoice_paper import page_of
    from sales.services.invoice_sums import as_values

    seconds = 0.0
    for invoice in invoices:
        lines = as_values(invoice.lines.all())
        page = page_of(
            invoice, number=invoice.number, on=invoice.issued_on, lines=lines,
            sums=sums_of_invoice(invoice, lines), facts=invoice.facts, logo="", colour=invoice.agency.colour,
        )  # fmt: skip
        started = time.perf_counter()
        page.render(pdf_variant=ARCHIVE).write_pdf(pdf_variant=ARCHIVE)
        seconds += time.perf_counter() - started
    return seconds


def main(count: int) -> dict[str, Any]:
    import django

    django.setup()
    from people.models import User
    from sales.models import Invoice
    from sales.services.billing_run import ask_to_bill, prepare_one

    user = User.objects.get(email="bench-admin@digiweb.test")
    plans = make_plans(count)
    started = time.perf_counter()
    for pk in plans[: count // 2]:
        made, fault = prepare_one(user, pk, DAY)
        if made != 1:
            raise RuntimeError(fault)
    prepare = (time.perf_counter() - started) / max(count // 2, 1)
    run = ask_to_bill(user=user, pks=plans, until=DAY, issue=True)
    command = [sys.executable, "manage.py", "rqworker", "default", "--burst"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    run.refresh_from_db()
    if run.state != "done" or run.started_at is None or run.ended_at is None:
        raise RuntimeError(f"The job did not end well: {run.state} {run.error}")
    seconds = (run.ended_at - run.started_at).total_seconds()
    issued = Invoice.objects.filter(subscription__billing_plan__in=plans, status=Invoice.Status.ISSUED)
    if issued.count() != count:
        raise RuntimeError(f"{issued.count()} of {count} issued")
    sample = list(issued.select_related("agency").order_by("pk")[: min(BARE, count)])
    bare_seconds(sample[:5])  # fonts and templates are read once
    bare = bare_seconds(sample) / len(sample)
    return {
        "per_second": count / seconds,
        "bare_per_second": 1 / bare,
        "prepare_ms": prepare * 1000,
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
