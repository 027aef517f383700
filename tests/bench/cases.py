"""What is measured: pages as (who, address), each with what it must cost (DESIGN §12)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

RATIO = 1.2


@dataclass(frozen=True)
class Case:
    """One request that is made over and over; `find` are places for the measurer to fill in."""

    name: str
    who: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    # after or before a key: ("after", sort) stands for the middle, ("before", sort) for the last page.
    page: tuple[str, str] | None = None
    # What it must cost: the time with many rows by that with a thousand, milliseconds, queries.
    ratio: float | None = None
    ms: float | None = None
    queries: int | None = None
    # The case whose time with a thousand rows stands for this one's, where that has fewer rows to draw.
    like: str = ""

    def url(self, **more: str) -> str:
        query = urlencode({**self.query, **more})
        return f"{self.path}?{query}" if query else self.path


CONTACTS, COMPANIES, DEALS = "/crm/contacts/", "/crm/companies/", "/crm/deals/"
CLIENTS, CONTRACTS = "/crm/clients/", "/sales/contracts/"
PAYMENTS, SUBSCRIPTIONS = "/sales/payments/", "/sales/subscriptions/"
QUOTES, INVOICES = "/sales/quotes/", "/sales/invoices/"
PEOPLE = ("admin", "few", "many", "manager")
SORTS = ("newest", "name", "-score")
# {…} is filled in by the measurer: numbers and names differ between databases.
FILTERS = {
    "status": {"status": "prospect"},
    "owner": {"owner": "{owner}"},
    "large town": {"city": "{large_town}"},
    "middling town": {"city": "{middling_town}"},
    "frequent tag": {"tags": "{frequent_tag}"},
    "middling tag": {"tags": "{middling_tag}"},
    "company": {"company": "{company}"},
    "frequent source": {"source": "Site web"},
    "rare source": {"source": "Facebook"},
    "days of entry": {"created_after": "{first_day}", "created_before": "{last_day}"},
}
WORDS = {
    "selective word": ("{rare_name}", 20.0),
    "piece of a phone number": ("{phone_piece}", 20.0),
    "two words": ("marie paris", 20.0),
    "two broad words": ("example paris", 100.0),
    "broad word": ("example", 100.0),
    "one broad beginning": ("ma", 100.0),
}


def cases() -> Iterator[Case]:
    yield from _contact_lists()
    yield from _company_lists()
    yield from _map()
    yield from _deals()
    yield from _clients()
    yield from _sales()
    yield from _documents()
    yield from _steering()
    yield from _searches()
    for who in PEOPLE:
        yield Case(f"{who}: board", who, CONTACTS, {"mode": "kanban"}, ratio=RATIO, ms=20)
    yield Case(
        "admin: contact with many events", "admin", "/crm/contacts/{busy}/", ratio=RATIO, ms=15, queries=12
    )
    yield Case("many: contact", "many", "/crm/contacts/{own}/", ratio=RATIO, ms=15, queries=12)
    yield Case(
        "admin: company with many contacts",
        "admin",
        "/crm/companies/{company}/",
        ratio=RATIO,
        ms=15,
        queries=12,
    )
    for who in (*PEOPLE, "marketing", "am"):
        yield Case(f"{who}: home", who, "/", ms=20, queries=15)


def _contact_lists() -> Iterator[Case]:
    for who in PEOPLE:
        for sort in SORTS:
            first = f"{who}: by {sort}, first page"
            yield Case(first, who, CONTACTS, {"sort": sort}, ratio=RATIO, ms=10)
            for side, label in (("after", "page in the middle"), ("before", "last page")):
                name = f"{who}: by {sort}, {label}"
                yield Case(name, who, CONTACTS, {"sort": sort}, (side, sort), ratio=RATIO, ms=10, like=first)
        for label, query in FILTERS.items():
            for sort in SORTS:
                name = f"{who}: {label}, by {sort}"
                like = f"{who}: by {sort}, first page"
                yield Case(name, who, CONTACTS, {**query, "sort": sort}, ratio=RATIO, ms=10, like=like)


COMPANY_FILTERS = {
    "status": {"status": "client"},
    "industry": {"industry": "health"},
    "department": {"department": "69"},
    "region": {"region": "84"},
}


def _company_lists() -> Iterator[Case]:
    for who in PEOPLE:
        for sort in ("name", "newest", "-contacts"):
            first = f"{who}: companies by {sort}"
            yield Case(first, who, COMPANIES, {"sort": sort, "mode": "list"}, ratio=RATIO, ms=10)
            for label, query in COMPANY_FILTERS.items():
                name = f"{who}: companies, {label}, by {sort}"
                query = {**query, "sort": sort, "mode": "list"}
                yield Case(name, who, COMPANIES, query, ratio=RATIO, ms=10, like=first)


def _map() -> Iterator[Case]:
    # One scan of an index over all companies in sight: it grows with them.
    for who in PEOPLE:
        yield Case(f"{who}: map", who, "/crm/map/", {"all": "1"}, ms=200)
        yield Case(f"{who}: map, clients", who, "/crm/map/", {"status": "client"}, ms=200)
        yield Case(f"{who}: map, department", who, "/crm/map/", {"department": "69"}, ms=30)


CLIENT_FILTERS = {
    "active": {"status": "active"},
    "renewal within 30 days": {"due": "30"},
    "at risk": {"health_max": "39"},
    "owner": {"owner": "{owner}"},
    "nothing planned": {"idle": "yes"},
}
CLIENT_SORTS = ("newest", "name", "-mrr", "renewal", "health")


def _lists(
    noun: str,
    path: str,
    sorts: Iterable[str],
    filters: dict[str, dict[str, str]],
    *,
    only_admin: Iterable[str] = (),
) -> Iterator[Case]:
    """First page and one in the middle by each sort, and each filter with each sort, for everybody."""
    for who in PEOPLE:
        for sort in sorts:
            first = f"{who}: {noun} by {sort}, first page"
            yield Case(first, who, path, {"sort": sort}, ratio=RATIO, ms=15)
            name = f"{who}: {noun} by {sort}, page in the middle"
            yield Case(name, who, path, {"sort": sort}, ("after", sort), ratio=RATIO, ms=15, like=first)
            for label, query in filters.items():
                # The client with very many is not in everybody's sight.
                if label in only_admin and who != "admin":
                    continue
                name = f"{who}: {noun}, {label}, by {sort}"
                yield Case(name, who, path, {**query, "sort": sort}, ratio=RATIO, ms=15, like=first)


def _clients() -> Iterator[Case]:
    yield from _lists("clients", CLIENTS, CLIENT_SORTS, CLIENT_FILTERS)
    # Its person has a hundred thousand events: the page does not ask for them, its time line does.
    page = "/crm/clients/{client}/"
    yield Case("admin: client, first tab", "admin", page, ratio=RATIO, ms=15, queries=12)
    yield Case(
        "admin: client, with its time line", "admin", page, {"events": "1"}, ratio=RATIO, ms=25, queries=12
    )
    inside = {"client": "{client}", "within": "client"}
    tabs = {"deals": DEALS, "contracts": CONTRACTS, "payments": PAYMENTS, "subscriptions": SUBSCRIPTIONS}
    for noun, path in tabs.items():
        yield Case(f"admin: client, tab of {noun}", "admin", path, inside, ratio=RATIO, ms=20, queries=15)


CONTRACT_FILTERS = {
    "status": {"status": "validated"},
    "rare status": {"status": "unknown"},
    "owner": {"owner": "{owner}"},
    "client": {"client": "{client}"},
    "offer": {"offer": "{offer}"},
    "without offer": {"without_offer": "yes"},
    "month": {"month": "{month}"},
    "signed in days": {"signed_after": "{first_day}", "signed_before": "{last_day}"},
    "not signed": {"unsigned": "yes"},
    "method": {"payment_method": "debit"},
    "rare method": {"payment_method": "cheque"},
    "absent": {"absent": "yes"},
}
PAYMENT_FILTERS = {
    "status": {"status": "paid"},
    "rare status": {"status": "refunded"},
    "late": {"late": "yes"},
    "owner": {"owner": "{owner}"},
    "client": {"client": "{client}"},
    "method": {"method": "debit"},
    "rare method": {"method": "cheque"},
    "days": {"paid_after": "{first_day}", "paid_before": "{last_day}"},
    "amount": {"amount_min": "890"},
}
SUBSCRIPTION_FILTERS = {
    "status": {"status": "active"},
    "rare status": {"status": "paused"},
    "owner": {"owner": "{owner}"},
    "client": {"client": "{client}"},
    "offer": {"offer": "{offer}"},
    "start": {"started_after": "{first_day}", "started_before": "{last_day}"},
    "end": {"ends_after": "{first_day}", "ends_before": "{last_day}"},
}


def _sales() -> Iterator[Case]:
    contract_sorts, payment_sorts = ("-signed", "-amount", "name", "newest"), ("-paid", "-amount", "newest")
    yield from _lists("contracts", CONTRACTS, contract_sorts, CONTRACT_FILTERS, only_admin=("client",))
    yield from _lists("payments", PAYMENTS, payment_sorts, PAYMENT_FILTERS, only_admin=("client",))
    yield from _lists(
        "subscriptions", SUBSCRIPTIONS, ("newest", "oldest"), SUBSCRIPTION_FILTERS, only_admin=("client",)
    )
    # A part of the home page that is loaded after it, out of roll-ups.
    for who in (*PEOPLE, "am"):
        yield Case(f"{who}: contracts by salesperson", who, "/sales/contracts/figures/", ms=20, queries=15)


QUOTE_FILTERS = {
    "status": {"status": "accepted"},
    "rare status": {"status": "replaced"},
    "drafts": {"status": "draft"},
    "owner": {"owner": "{owner}"},
    "client": {"client": "{client}"},
    "company": {"company": "{client_company}"},
    "deal": {"deal": "{client_deal}"},
    "agency": {"agency": "{agency}"},
    "days": {"quoted_after": "{first_day}", "quoted_before": "{last_day}"},
    "last days": {"until_after": "{first_day}", "until_before": "{last_day}"},
}
INVOICE_FILTERS = {
    "drafts": {"status": "draft"},
    "issued": {"status": "issued"},
    "paid": {"settlement": "paid"},
    "partly paid": {"settlement": "partly"},
    "overdue": {"overdue": "yes"},
    "kind": {"kind": "deposit"},
    "rare kind": {"kind": "credit_note"},
    "owner": {"owner": "{owner}"},
    "client": {"client": "{client}"},
    "company": {"company": "{client_company}"},
    "deal": {"deal": "{client_deal}"},
    "quote": {"quote": "{client_quote}"},
    "agency": {"agency": "{agency}"},
    "issued in days": {"issued_after": "{first_day}", "issued_before": "{last_day}"},
    "due in days": {"due_after": "{first_day}", "due_before": "{last_day}"},
}
# Of one client, whom not everybody sees.
OF_CLIENT = ("client", "company", "deal", "quote")


def _documents() -> Iterator[Case]:
    """Quotes and invoices as the other lists; and both by words, as contacts."""
    quote_sorts, invoice_sorts = (
        ("newest", "-day", "until", "-net", "name"),
        ("newest", "-issued", "due", "-gross", "name"),
    )
    for noun, path, sorts, filters in (
        ("quotes", QUOTES, quote_sorts, QUOTE_FILTERS),
        ("invoices", INVOICES, invoice_sorts, INVOICE_FILTERS),
    ):
        yield from _lists(noun, path, sorts, filters, only_admin=OF_CLIENT)
        for who in PEOPLE:
            for label, text, ms in (
                ("number", "{number}", 20.0),
                ("name", "{rare_word}", 20.0),
                ("word of the subject", "boutique", 100.0),
                ("broad word", "{broad_word}", 100.0),
            ):
                yield Case(f"{who}: {noun}, {label}", who, path, {"q": text, "sort": "newest"}, ms=ms)
    inside = {"client": "{client}", "within": "client"}
    for noun, path in (("quotes", QUOTES), ("invoices", INVOICES)):
        yield Case(f"admin: client, tab of {noun}", "admin", path, inside, ratio=RATIO, ms=20, queries=15)


def _steering() -> Iterator[Case]:
    """Pages out of roll-ups: they grow with people and months, not with deals."""
    for who in (*PEOPLE, "marketing", "am"):
        yield Case(f"{who}: pipeline", who, "/sales/pipeline/", ms=50, queries=30)
        yield Case(f"{who}: tracking", who, "/sales/tracking/", ms=100, queries=30)
        yield Case(f"{who}: performances", who, "/sales/performances/", ms=100, queries=30)


DEAL_FILTERS = {
    "in progress": {"state": "open"},
    "stage": {"stage": "proposal"},
    "owner": {"owner": "{owner}"},
    "nothing planned": {"idle": "yes"},
    "closing date passed": {"late": "yes"},
    "company": {"company": "{company}"},
}


def _deals() -> Iterator[Case]:
    for who in PEOPLE:
        for sort in ("newest", "expected", "-amount", "since", "name"):
            first = f"{who}: deals by {sort}, first page"
            query = {"sort": sort, "mode": "list"}
            yield Case(first, who, DEALS, query, ratio=RATIO, ms=10)
            name = f"{who}: deals by {sort}, page in the middle"
            yield Case(name, who, DEALS, query, ("after", sort), ratio=RATIO, ms=10, like=first)
            for label, narrowed in DEAL_FILTERS.items():
                # A large company is not in everybody's sight.
                if label == "company" and who != "admin":
                    continue
                name = f"{who}: deals, {label}, by {sort}"
                yield Case(name, who, DEALS, {**narrowed, **query}, ratio=RATIO, ms=10, like=first)
        board = f"{who}: deals, board"
        yield Case(board, who, DEALS, {"mode": "kanban"}, ratio=RATIO, ms=20)
        query = {"mode": "kanban", "amount_min": "5000"}
        yield Case(f"{who}: deals, board, by amount", who, DEALS, query, ms=100)


def _searches() -> Iterator[Case]:
    for who in PEOPLE:
        for label, (text, ms) in WORDS.items():
            yield Case(f"{who}: {label}", who, CONTACTS, {"q": text, "sort": "newest"}, ms=ms)
        yield Case(f"{who}: {WORDS_BOX}, selective", who, "/search/", {"q": "{rare_name}"}, ms=20)
        yield Case(f"{who}: {WORDS_BOX}, broad", who, "/search/", {"q": "mar"}, ms=100)


WORDS_BOX = "search box"
