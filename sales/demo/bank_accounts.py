"""Bank details of the demo: of banks that there are not, some to approve, one refused.

Not in fixtures/ (digiweb/management/commands/make_fixtures.py): whoever loads those has other keys.
"""

from datetime import datetime, timedelta
from typing import Any

from stdnum import iban as iban_rules

from crm.models import Client
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sales.models import BankAccount
from sales.services.bank_change import Call

SEED = 20261122
# Bank, branch and BIC: made up, in the shape of real ones.
BANKS = (
    ("99001", "00512", "DEMOFRPPXXX"),
    ("99002", "02100", "EXEMFRP1XXX"),
    ("99003", "00047", "FICTFR2LXXX"),
    ("99004", "01820", "ESSAFRPPXXX"),
)
# Shares of the clients: without an account, with a former one too, with one brought by the import.
WITHOUT, CHANGED, IMPORTED = 0.12, 0.1, 0.06
# The last clients have accounts to be decided on: who asks, of how many.
ASKED = (("sales", 2), ("sales2", 1), ("", 2))
Status = BankAccount.Status


def build_bank_accounts(demo: Demo) -> list[BankAccount]:
    """By a draw of its own: what is told here changes nothing in the rest of the story."""
    draw = Draw(SEED)
    approver = demo.people["admin"]
    accounts: list[BankAccount] = []
    clients = [client for client in demo.clients if client.signed_on]
    for client in clients:
        if draw.chance(WITHOUT):
            continue
        at = demo.moment(client.created_at, 20)
        imported = draw.chance(IMPORTED)
        first = _account(demo, draw, client, at, asked_by=None if imported else client.owner)
        accounts.append(_decided(demo, first, Status.ACTIVE, approver, "account_approved"))
        if draw.chance(CHANGED):
            later = demo.moment(first.updated_at)
            second = _account(demo, draw, client, later, asked_by=client.owner)
            _called_back(demo, second)
            accounts.append(_decided(demo, second, Status.ACTIVE, approver, "account_approved"))
            replaced = second.updated_at
            first.status, first.updated_at, first.version = Status.FORMER, replaced, 3
            changes = {"status": [Status.ACTIVE, Status.FORMER]}
            demo.happened(replaced, approver, "account_replaced", first, changes=changes, also=(client,))
    accounts += _to_decide(demo, draw, clients, approver)
    demo.insert(accounts)
    return accounts


def _to_decide(demo: Demo, draw: Draw, clients: list[Client], approver: Any) -> list[BankAccount]:
    """What came in these last days: most of it waits, one was refused."""
    accounts: list[BankAccount] = []
    for key, count in ASKED:
        asker = demo.people.get(key)
        theirs = [client for client in clients if asker is None or client.owner_id == asker.pk]
        for client in theirs[-count:]:
            at = demo.moment(demo.end - timedelta(days=4), 4)
            accounts.append(_account(demo, draw, client, at, asked_by=asker))
    if clients:
        at = demo.moment(demo.end - timedelta(days=20), 10)
        refused = _account(demo, draw, clients[0], at, asked_by=clients[0].owner)
        note = "Le client, rappelé au standard, n’a pas changé de banque."
        accounts.append(_decided(demo, refused, Status.REFUSED, approver, "account_refused", note))
    return accounts


def _account(demo: Demo, draw: Draw, client: Client, at: datetime, *, asked_by: Any) -> BankAccount:
    bank, branch, bic = draw.pick(BANKS)
    account = BankAccount(
        pk=demo.number(BankAccount),
        client=client,
        holder=str(client)[:160],
        iban=made_up_iban(bank, branch, draw.between(1, 10**10)),
        bic=bic,
        status=Status.WAITING,
        asked_by=asked_by,
        source="" if asked_by is not None else "colleague",
        created_at=at,
        updated_at=at,
    )
    # The masked number of the events follows from the number; it is derived once more when it is written.
    account.country, account.last_digits = account.derive_country(), account.derive_last_digits()
    told = {"iban": account.masked, "holder": account.holder, "status": str(account.status)}
    changes = {name: [None, value] for name, value in told.items()}
    data = {"source": account.source} if account.source else {}
    demo.happened(at, asked_by, "created", account, changes=changes, data=data, also=(client,))
    return account


def _called_back(demo: Demo, account: BankAccount) -> None:
    """Whom the approver called before one account took the place of another; no draw is taken for it."""
    client = account.client
    account.called = str(client.contact) if client.contact is not None else "Standard"
    account.called_number = client.phone
    account.called_at = account.created_at + timedelta(hours=1)


def _decided(
    demo: Demo, account: BankAccount, status: str, approver: Any, action: str, note: str = ""
) -> BankAccount:
    account.status, account.decided_by, account.version = status, approver, 2
    account.decided_at = account.updated_at = demo.moment(account.created_at, 3)
    data = {"remark": note} if note else {"proof": "Called back on a number known before"}
    if account.called and account.called_at is not None:
        account.decided_at = account.updated_at = max(account.decided_at, account.called_at)
        call = Call(account.called, account.called_number, account.called_at)
        data |= call.as_data()
    changes = {"status": [str(Status.WAITING), str(status)]}
    demo.happened(
        account.decided_at, approver, action, account, changes=changes, data=data, also=(account.client,)
    )
    return account


def made_up_iban(bank: str, branch: str, number: int) -> str:
    """A French number with the right keys, of a bank that there is not."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * number) % 97
    account = f"{bank}{branch}{number:011d}{key:02d}"
    return f"FR{iban_rules.calc_check_digits('FR00' + account)}{account}"
