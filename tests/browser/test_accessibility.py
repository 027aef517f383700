"""Every page in light and dark, on a phone and on a wide screen: axe finds nothing, nothing overflows."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from crm.models import ScoreRule
from crm.services.contact import delete_contacts
from crm.services.duplicate import find_pairs
from people.models import User
from tests.base import make_activity, make_cast, make_client, make_company, make_contact, make_deal
from tests.browser.pages import sign_in
from tests.crm.customs import make_choice, make_field
from tests.sales.accounts import make_account, make_payment
from tests.sales.commissions import make_rate, make_statement
from tests.sales.debits import debits_for
from tests.sales.invoices import invoices_for, issued
from tests.sales.payments import money_for
from tests.sales.quotes import quotes_for
from tests.sales.received import make_received, xml_of
from tests.sales.records import make_contract, make_offer, make_subscription
from tests.sync.aircall import delivered, make_caller
from tests.sync.importing.runs import make_conflict, make_run
from tests.timeline.documents import make_document
from timeline.models import BinEntry, JobLine, JobRun
from timeline.services.notification import notify

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js").read_text()
PUBLIC = ["/accounts/login/", "/accounts/password/reset/", "/nowhere/", "/q/{token}/"]
SALES = [
    "/",
    "/jobs/?all=1",
    "/jobs/{job}/",
    "/jobs/{failed}/",
    "/crm/contacts/?all=1",
    "/crm/contacts/?mode=kanban",
    "/crm/contacts/new/",
    "/crm/contacts/{contact}/",
    "/crm/contacts/{contact}/edit/",
    "/crm/contacts/{contact}/delete/",
    "/crm/contacts/import/",
    "/crm/imports/?all=1",
    "/crm/companies/?all=1",
    "/crm/companies/?mode=list",
    "/crm/map/?all=1",
    "/crm/map/?department=69",
    "/crm/map/?region=84",
    "/crm/map/?mode=table",
    "/crm/companies/{company}/",
    "/crm/companies/{company}/edit/",
    "/crm/companies/new/",
    "/crm/clients/?all=1",
    "/crm/clients/new/",
    "/crm/clients/{client}/",
    "/crm/clients/{client}/?tab=deals",
    "/crm/clients/{client}/?tab=documents",
    "/crm/clients/{client}/edit/",
    "/crm/clients/{client}/delete/",
    "/crm/clients/{client}/?tab=paymentrecord",
    "/crm/clients/{client}/?tab=bankaccount",
    "/sales/payments/?all=1",
    "/sales/payments/{payment}/",
    "/sales/bank-accounts/?all=1",
    "/sales/bank-accounts/new/",
    "/sales/bank-accounts/{account}/",
    "/sales/recurring/?all=1",
    "/sales/recurring/{plan}/",
    "/sales/recurring/{plan}/edit/",
    "/sales/mandates/?all=1",
    "/sales/mandates/new/",
    "/sales/mandates/{mandate}/",
    "/sales/subscriptions/{subscription}/price/",
    "/sales/offers/?all=1",
    "/sales/offers/?mode=list",
    "/sales/offers/{offer}/",
    "/sales/invoices/?all=1",
    "/sales/invoices/new/",
    "/sales/invoices/{invoice}/",
    "/sales/invoices/{invoice}/edit/",
    "/sales/invoices/{issued}/",
    "/sales/invoices/{issued}/credit/",
    "/sales/invoices/{issued}/cancel/",
    "/sales/invoices/{issued}/send/",
    "/i/{invoice_token}/",
    "/sales/invoices/{issued}/dispute/",
    "/sales/reminders/?all=1",
    "/sales/reminders/{reminder_plan}/",
    "/sales/reminders/{reminder_plan}/pause/",
    "/sales/reminders/history/?all=1",
    "/settings/reminders/?all=1",
    "/settings/reminders/{stage}/",
    "/settings/penalty-rates/?all=1",
    "/sales/quotes/?all=1",
    "/sales/quotes/new/",
    "/sales/quotes/{quote}/",
    "/sales/quotes/{quote}/edit/",
    "/sales/quotes/{quote}/send/",
    "/sales/quotes/{sent_quote}/",
    "/sales/quotes/{sent_quote}/accept/",
    "/sales/quotes/{sent_quote}/compare/",
    "/sales/quotes/{quote}/lease/",
    "/sales/commissions/?all=1",
    "/sales/commissions/lines/?all=1",
    "/sales/commissions/{statement}/",
    "/sales/contracts/?all=1",
    "/sales/contracts/new/",
    "/sales/contracts/figures/",
    "/sales/pipeline/",
    "/sales/tracking/",
    "/sales/performances/",
    "/crm/today/",
    "/sales/contracts/{contract}/",
    "/sales/contracts/{contract}/edit/",
    "/sales/contracts/{contract}/terminate/",
    "/sales/subscriptions/?all=1",
    "/sales/subscriptions/new/",
    "/sales/subscriptions/{subscription}/",
    "/sales/subscriptions/{subscription}/end/",
    "/crm/clients/{client}/?tab=contracts",
    "/crm/deals/?all=1",
    "/crm/deals/?mode=kanban",
    "/crm/deals/new/",
    "/crm/deals/{deal}/",
    "/crm/deals/{deal}/edit/",
    "/crm/deals/{deal}/lose/",
    "/crm/activities/?all=1",
    "/crm/activities/new/",
    "/crm/activities/day/",
    "/crm/activities/calendar/",
    "/crm/activities/calendar/?view=week",
    "/crm/activities/calendar/link/",
    "/crm/activities/{activity}/",
    "/crm/activities/{activity}/edit/",
    "/crm/activities/{activity}/done/",
    "/documents/?all=1",
    "/documents/new/?subject=crm.contact:{contact}",
    "/documents/{document}/",
    "/documents/{document}/edit/",
    "/documents/{document}/delete/",
    "/crm/contacts/merge/?one={contact}",
    "/crm/contacts/merge/?one={contact}&two={twin}",
    "/crm/duplicates/?all=1",
    "/sync/unknown-calls/?all=1",
    "/sync/unknown-calls/{caller}/",
    "/sync/unknown-calls/{caller}/contact/",
    "/sync/unknown-calls/{caller}/attach/",
    "/bin/?all=1",
    "/bin/{deleted}/",
    "/me/notifications/",
    "/crm/tags/?all=1",
    "/search/?q=durand",
    "/me/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/password/change/",
]
ADMIN = [
    "/sales/accounting/",
    "/sales/accounting/entries/?all=1",
    "/sales/accounting/balance/",
    "/sales/accounting/close/",
    "/sales/accounting/clients/{client}/",
    "/settings/accounts/?all=1",
    "/settings/accounts/new/",
    "/settings/reminders/new/",
    "/sales/money/?all=1",
    "/sales/money/new/?invoice={issued}",
    "/sales/money/{money}/",
    "/sales/money/{money}/match/",
    "/sales/money/{money}/refund/",
    "/sales/money/{money}/return/",
    "/sales/money/{money}/undo/",
    "/sales/invoices/{issued}/write-off/",
    "/sales/money/statements/?all=1",
    "/sales/money/statements/new/",
    "/sales/money/statements/{statement_file}/",
    "/sales/money/statements/{bank_statement}/",
    "/sales/money/statements/{bank_statement}/lines/{bank_line}/edit/",
    "/sales/mandates/{mandate}/revoke/",
    "/sales/debits/?all=1",
    "/sales/debits/new/",
    "/sales/debits/answers/",
    "/sales/debits/{batch}/",
    "/sales/debits/line/{debit}/return/",
    "/sales/invoices/{invoice}/issue/",
    "/sales/received/?all=1",
    "/sales/received/new/",
    "/sales/received/{received}/",
    "/sales/received/{received}/refuse/",
    "/sales/leasing/",
    "/sales/commissions/{statement}/adjust/",
    "/sales/commissions/{statement}/close/",
    "/sales/commission-rates/?all=1",
    "/sales/commission-rates/new/",
    "/sales/commission-rates/{rate}/",
    "/sales/commission-rates/rules/",
    "/settings/team/?all=1",
    "/settings/team/new/",
    "/settings/team/{person}/",
    "/settings/team/{person}/?tab=contracts",
    "/settings/team/{person}/?tab=targets",
    "/settings/team/{person}/salesperson/",
    "/sales/offers/new/",
    "/sales/offers/{offer}/edit/",
    "/settings/team/{person}/edit/",
    "/settings/team/{person}/remove/",
    "/settings/team/{person}/second-factor/",
    "/settings/roles/?all=1",
    "/settings/roles/{role}/",
    "/settings/audit/?all=1",
    "/settings/schedule/",
    "/jobs/?all=1&routine=yes",
    "/settings/integrations/",
    "/settings/integrations/coface/",
    "/sync/outbox/",
    "/sync/companies/{company}/solvency/",
    "/crm/stages/",
    "/crm/score-rules/?all=1",
    "/crm/score-rules/{rule}/edit/",
    "/crm/contacts/{contact}/",
    "/sync/webhooks/?all=1",
    "/sync/webhooks/{delivery}/",
    "/sync/aircall/",
    "/sync/runs/?all=1",
    "/sync/runs/{run}/",
    "/sync/runs/{run}/?lines=theirs",
    "/sync/conflicts/?all=1",
    "/sync/conflicts/{conflict}/",
    "/crm/custom-fields/",
    "/crm/custom-fields/new/",
    "/crm/custom-fields/{field}/edit/",
    "/crm/custom-fields/{field}/delete/",
    "/crm/contacts/{contact}/edit/",
    "/sales/bank-accounts/?all=1",
    "/sales/bank-accounts/{account}/",
    "/sales/bank-accounts/{account}/approve/",
    "/sales/bank-accounts/{account}/refuse/",
    "/api/v1/docs/",
]
LONG = (
    "Établissements-Interminables-de-la-Vallée-de-la-Haute-Marne-et-des-Environs-de-Saint-Dizier-et-Fils-SARL"
)


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def make_jobs(user: User) -> tuple[JobRun, JobRun]:
    """One under way and one that failed, with logs."""
    now = timezone.now()
    values = {"user": user, "label": f"Import de {LONG}.csv", "func": "crm.jobs.run_contact_import"}
    job = JobRun.objects.create(
        state="running", done=45, total=100, started_at=now, heartbeat_at=now, **values
    )
    failed = JobRun.objects.create(state="failed", error=LONG, started_at=now, ended_at=now, **values)
    for level in ("info", "warning", "error"):
        JobLine.objects.create(run=job, text=LONG, level=level)
        JobLine.objects.create(run=failed, text=LONG, level=level)
    return job, failed


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("who", ["nobody", "sales", "admin"])
def test_axe_finds_nothing_and_nothing_overflows(
    who: str, width: int, theme: str, new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    company = make_company(
        hugo, owner=hugo, name=LONG, headcount=12, siren="732829320", postcode="69003", city="Lyon"
    )
    contact = make_contact(
        hugo, owner=hugo, first_name="Émilie", last_name=LONG[:110], company=company, email="e@exemple.fr"
    )
    deal = make_deal(hugo, title=LONG, company=company, contact=contact, amount=1234567)
    twin = make_contact(hugo, owner=hugo, first_name="Emilie", last_name=LONG[:110], email="e@exemple.fr")
    activity = make_activity(hugo, subject=LONG, contact=contact, deal=deal, reminder=15, priority="high")
    make_activity(hugo, subject=LONG, starts_at=timezone.now() - timedelta(days=2))
    make_activity(hugo, subject=LONG, contact=contact, kind="meeting", status="done")
    find_pairs()
    notify(people=[hugo], kind="x", text=LONG, obj=contact)
    field = make_choice(cast["admin"], LONG[:60], LONG[:80], "Un")
    make_field(cast["admin"], label="Taille", kind="number", required=True, help_text=LONG)
    gone = make_contact(hugo, owner=hugo, last_name=LONG[:110])
    delete_contacts(user=hugo, pks=[gone.pk])
    document = make_document(hugo, on=contact, name=f"{LONG}.pdf")
    job, failed = make_jobs(hugo)
    page = new_page(width=width, color_scheme=theme)
    if who != "nobody":
        sign_in(page, cast[who], live_server)
    page.context.add_cookies([{"name": "dw_theme", "value": theme, "url": live_server.url}])
    client = make_client(
        hugo,
        owner=hugo,
        company=company,
        contact=contact,
        upsell=LONG,
        renewal_on=timezone.localdate(),
        identity_card={"nom": LONG, "adresse": {"ville": LONG[:60], "lignes": [LONG, None]}},
    )
    offer = make_offer(name=LONG, features=[LONG, "8 pages"], is_popular=True, monthly_price=49)
    lines = [
        {"label": LONG, "quantity": 2, "unit_amount": 3200, "vat_rate": 20, "period": "once"},
        {"label": LONG, "quantity": 1, "unit_amount": "49.90", "vat_rate": "5.5", "period": "month"},
    ]
    contract = make_contract(
        hugo,
        reference=LONG,
        client=client,
        offer=offer,
        lines=lines,
        status="unknown",
        status_text=LONG[:80],
        signed_on=timezone.localdate(),
        document_path=f"/contrats/{LONG}.pdf",
        absent_since=timezone.now(),
    )
    subscription = make_subscription(hugo, client=client, offer=offer, label=LONG)
    numbers = {
        "client": client.pk,
        "account": make_account(hugo, client=client, holder=LONG).pk,
        "payment": make_payment(hugo, client=client, reference=LONG, amount=Decimal(1234567)).pk,
        "offer": offer.pk,
        "received": make_received(cast["admin"], content=xml_of(notes=()), note=LONG).pk,
        "contract": contract.pk,
        **quotes_for(hugo, LONG),
        **invoices_for(hugo, LONG),
        **debits_for(hugo, client, subscription, LONG),
        "statement": make_statement(hugo).pk,
        "rate": make_rate().pk,
        **money_for(cast["admin"], issued(hugo), LONG),
        "subscription": subscription.pk,
        "deal": deal.pk,
        "job": job.pk,
        "failed": failed.pk,
        "caller": make_caller(hugo).pk,
        "run": make_run(error=LONG).pk,
        "conflict": make_conflict(contact, twin, name=LONG).pk,
        "delivery": delivered().pk,
        "field": field.pk,
        "activity": activity.pk,
        "document": document.pk,
        "twin": twin.pk,
        "deleted": BinEntry.objects.get().pk,
        "contact": contact.pk,
        "company": company.pk,
        "person": hugo.pk,
        "role": hugo.role_id,
        "rule": ScoreRule.objects.get(subject="meeting_done").pk,
    }
    found: list[str] = []
    for address in {"nobody": PUBLIC, "sales": SALES, "admin": ADMIN}[who]:
        answer = page.goto(address.format(**numbers))
        if who != "nobody" and answer.status != 200:
            found.append(f"{address}: {answer.status}")
        page.evaluate(AXE)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in result["violations"]:
            places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:3]]
            found.append(f"{address}: {violation['id']} at {places}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            found.append(f"{address}: scrolls sideways at {width} px")
    assert not found, "\n".join(found)
