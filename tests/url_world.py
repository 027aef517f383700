"""What the lines of tests/url_matrix.py are made of: Hugo's records, who gets what, numbers in addresses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from crm.models import ContactImport, CustomField, ScoreRule, Tag
from crm.services.custom_field import create_field
from crm.services.tag import create_tag
from people.models import User
from sales.models import Account, BankStatement, Invoice, Mention, Payment, Quote, Reminder, ReminderPlan
from sales.services.chart import ensure_books
from sales.services.quote import make_version
from sales.services.quote_sending import send_quote
from sales.services.reminder_plan import replan
from sales.services.statement import start_reading, upload_statement
from tests.base import make_activity, make_client, make_company, make_contact, make_deal
from tests.sales.accounts import make_account, make_payment
from tests.sales.agencies import make_agency
from tests.sales.commissions import make_rate, make_statement
from tests.sales.invoices import issued, make_invoice
from tests.sales.payments import pay, today
from tests.sales.quotes import LINE, make_quote, make_sent
from tests.sales.received import make_received, pdf_of
from tests.sales.records import make_contract, make_offer, make_subscription
from tests.sales.reminders import make_reminder
from tests.sync.aircall import delivered, make_caller
from tests.sync.importing.runs import make_conflict, make_run
from tests.timeline.documents import make_document
from timeline.models import Event

# Routes of libraries, which have rules of their own (tests below the matrix, and tests/people).
PREFIXES = ("accounts/", "admin/")

SEES = {200}
SIGN_IN = {302}
REFUSED = {403}
HIDDEN = {404}
UNKNOWN = {401}
STAFF = ("admin", "manager", "sales", "sales2", "stranger", "marketing", "am")
SALES = ("manager", "sales", "sales2", "stranger")


@cache
def purchase() -> bytes:
    """A supplier's invoice: its PDF is drawn once."""
    return pdf_of(number="ACHAT-1")


class World:
    """Hugo's records, and the numbers that addresses are made of."""

    def __init__(self, cast: dict[str, User]) -> None:
        self.cast = cast
        hugo = cast["sales"]
        self.company = make_company(hugo, owner=hugo)
        self.contact = make_contact(hugo, owner=hugo, company=self.company)
        self.activity = make_activity(hugo)
        self.deal = make_deal(hugo, company=self.company, contact=self.contact)
        self.client = make_client(hugo, company=self.company, contact=self.contact, owner=hugo)
        self.account = make_account(hugo, client=self.client)
        self.payment = make_payment(hugo, client=self.client)
        self.agency = make_agency()
        self.mention = Mention.objects.earliest("id")
        self.offer = make_offer()
        self.contract = make_contract(hugo, client=self.client, offer=self.offer)
        self.quote = make_quote(hugo, deal=self.deal, lines=[LINE])
        self.hugo = hugo
        self.invoice = make_invoice(hugo, [], client=self.client, deal=self.deal, agency=self.agency)
        self.subscription = make_subscription(hugo, client=self.client, offer=self.offer)
        self.received = make_received(cast["admin"], content=purchase())
        self.rate = make_rate()
        self.statement = make_statement(hugo)
        self.tag: Tag = create_tag(user=cast["admin"], tag=Tag(name="Salon"))
        self.custom_field = create_field(
            user=cast["admin"], field=CustomField(subject="crm.contact", label="Canal préféré")
        )
        self.imported = ContactImport.objects.create(
            user=hugo, name="salon.csv", kind="csv", state=ContactImport.State.DONE, total=0
        )
        self.caller = make_caller(hugo)
        self.document = make_document(hugo, on=self.contact)
        self.delivery = delivered()
        self.run = make_run()
        self.conflict = make_conflict(self.contact)
        self.event = Event.objects.latest("id")

    @cached_property
    def sent_quote(self) -> Quote:
        """Sent, with a version before it; its PDF takes its time, so it is made where it is asked for."""
        quote = make_version(user=self.hugo, quote=make_sent(self.hugo, lines=[LINE]))
        send_quote(user=self.hugo, quote=quote, to=["client@example.org"], subject="Devis", body="Voici")
        return quote

    @cached_property
    def issued_invoice(self) -> Invoice:
        """It is proven and drawn, which takes its time."""
        return issued(self.hugo)

    @cached_property
    def money(self) -> Payment:
        return pay(10, self.issued_invoice)

    @cached_property
    def bank_statement(self) -> BankStatement:
        content = f"Date;Libelle;Montant\n{today():%d/%m/%Y};VIR;10,00\n".encode()
        made = upload_statement(
            user=self.cast["admin"], agency=self.agency, name="releve.csv", content=content
        )
        return start_reading(user=self.cast["admin"], statement=made, columns=made.columns)

    @cached_property
    def book_account(self) -> Account:
        """One of the usual accounts."""
        ensure_books(self.agency)
        return Account.objects.filter(agency=self.agency).order_by("number")[0]

    @cached_property
    def plan(self) -> ReminderPlan:
        """The reminder to come of that invoice."""
        replan([self.issued_invoice.pk])
        return ReminderPlan.objects.get(invoice=self.issued_invoice)

    @cached_property
    def reminder(self) -> Reminder:
        """One that left, with a letter."""
        return make_reminder(self.hugo, letter=b"%PDF-1.7", late=0)

    def arguments(self, name: str, line: "Line") -> dict[str, Any]:
        return line.kwargs(self) if line.kwargs else {}


@dataclass(frozen=True)
class Line:
    """Who gets what: `codes` by member of the cast, "*" for all who are not named."""

    codes: dict[str, set[int]]
    kwargs: Callable[[World], dict[str, Any]] | None = None
    method: str = "GET"
    extra: dict[str, Any] = field(default_factory=dict)
    # The query, where the bare address would answer otherwise.
    query: Callable[[World], str] | None = None


def expected(line: Line, key: str) -> set[int]:
    return line.codes.get(key, line.codes["*"])


def module_list(**other: set[int]) -> dict[str, set[int]]:
    """A page that salespeople and administrators may open."""
    return {"nobody": SIGN_IN, "marketing": REFUSED, "am": REFUSED, "*": SEES, **other}


def hugos(found: set[int] = SEES) -> dict[str, set[int]]:
    """A record of Hugo: his, his manager's and the administrators' to see."""
    return {
        "nobody": SIGN_IN,
        "marketing": REFUSED,
        "am": REFUSED,
        "sales2": HIDDEN,
        "stranger": HIDDEN,
        "*": found,
    }


def admins(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of administrators."""
    return {"nobody": SIGN_IN, "admin": found, "*": REFUSED}


def signed_in(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of one's own, for whoever signed in."""
    return {"nobody": SIGN_IN, "*": found}


def public(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page for everybody."""
    return {"*": found}


def activity(world: World) -> dict[str, Any]:
    return {"pk": world.activity.pk}


def contact(world: World) -> dict[str, Any]:
    return {"pk": world.contact.pk}


def company(world: World) -> dict[str, Any]:
    return {"pk": world.company.pk}


def contract(world: World) -> dict[str, Any]:
    return {"pk": world.contract.pk}


def agency(world: World) -> dict[str, Any]:
    return {"pk": world.agency.pk}


def mention(world: World) -> dict[str, Any]:
    return {"pk": world.mention.pk}


def offer(world: World) -> dict[str, Any]:
    return {"pk": world.offer.pk}


def received(world: World) -> dict[str, Any]:
    return {"pk": world.received.pk}


def subscription(world: World) -> dict[str, Any]:
    return {"pk": world.subscription.pk}


def deal(world: World) -> dict[str, Any]:
    return {"pk": world.deal.pk}


def client(world: World) -> dict[str, Any]:
    return {"pk": world.client.pk}


def rule(world: World) -> dict[str, Any]:
    return {"pk": ScoreRule.objects.order_by("position")[0].pk}


def tag(world: World) -> dict[str, Any]:
    return {"pk": world.tag.pk}


def custom_field(world: World) -> dict[str, Any]:
    return {"pk": world.custom_field.pk}


def imported(world: World) -> dict[str, Any]:
    return {"pk": world.imported.pk}


def document(world: World) -> dict[str, Any]:
    return {"pk": world.document.pk}


def of_contact(world: World) -> str:
    return f"?subject=crm.contact:{world.contact.pk}"


def hugo(world: World) -> dict[str, Any]:
    return {"pk": world.cast["sales"].pk}


def role(world: World) -> dict[str, Any]:
    return {"pk": world.cast["sales"].role_id}


def own_import(found: set[int] = SEES, **other: set[int]) -> dict[str, set[int]]:
    """Hugo's import: his and the administrators', not his manager's."""
    return {**hugos(found), "manager": HIDDEN, **other}
