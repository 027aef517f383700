"""Bank details and payments for the tests; numbers that validate and that nobody has."""

from decimal import Decimal
from typing import Any

from stdnum import iban as iban_rules

from crm.models import Client
from people.models import Grant, Role, User
from sales.models import BankAccount, PaymentRecord
from sales.services.bank_account import add_account
from tests.base import make_user
from tests.sales.records import make_client

_numbers = iter(range(1, 1_000_000))


def french_iban(number: int) -> str:
    """The number-th account of a bank that there is not."""
    bank, branch, account = 99001, 500, number
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05d}{branch:05d}{account:011d}{key:02d}"
    return f"FR{iban_rules.calc_check_digits('FR00' + bban)}{bban}"


def make_account(user: User | None = None, **fields: Any) -> BankAccount:
    """An account asked for by `user`, of a client of `owner` (or of theirs)."""
    owner = fields.pop("owner", user)
    client: Client = fields.pop("client", None) or make_client(owner)
    fields.setdefault("iban", french_iban(next(_numbers)))
    return add_account(user=user, client=client, **fields)


def make_approver(key: str = "approver", *, iban: bool = False) -> User:
    """Somebody who decides on all accounts; with `iban`, reads whole numbers."""
    role = Role.objects.create(name=key, slug=key)
    grants = [("sales.bankaccount", "view"), ("sales.bankaccount", "change"), ("crm.client", "view")]
    grants += [("sales.iban", "view")] if iban else []
    for module, action in grants:
        Grant.objects.create(role=role, module=module, action=action, scope="all")
    return make_user(key, key.title(), "Legrand", role)


def make_payment(user: User | None = None, **fields: Any) -> PaymentRecord:
    """A payment of a client of `user`."""
    owner = fields.pop("owner", user)
    if "client" not in fields:
        fields["client"] = make_client(owner)
    fields = {"reference": f"PAY-{next(_numbers):05d}", "amount": Decimal(120), **fields}
    payment: PaymentRecord = PaymentRecord.objects.create(**fields)
    return payment
