"""What sales keeps of clients when two of them become one, or two again (timeline/services/merge.py)."""

from decimal import Decimal
from typing import Any

from crm.models import Client
from digiweb.fulltext import fold
from sales.models import BankAccount, Contract, ContractClientTotal, Mandate, PaymentRecord
from sales.services.contract_totals import CLIENT, figures_of, write_lines
from sales.services.subscription import refresh_revenue

LONGEST = 120


def clients_merged(kept: Client, lost: Client, *, came: bool, before: Client) -> None:
    """Sums of contracts and the monthly revenue follow the rows that went over, or back."""
    sums: dict[tuple[int, int], list[Any]] = {}
    if came:
        for contract in Contract.objects.filter(client=lost.pk, status__in=Contract.IN_FORCE):
            one = figures_of(contract)
            _add(sums, one.owner_id, lost.pk, 1, one.amount)
            _add(sums, one.owner_id, kept.pk, -1, -one.amount)
    else:
        for total in ContractClientTotal.objects.filter(client_id=lost.pk):
            _add(sums, total.owner_id, kept.pk, total.count, total.amount)
            _add(sums, total.owner_id, lost.pk, -total.count, -total.amount)
    write_lines({(CLIENT, *key): values for key, values in sums.items()})
    refresh_revenue([kept.pk, lost.pk])


def _add(
    sums: dict[tuple[int, int], list[Any]], owner: int, client: int, count: int, amount: Decimal
) -> None:
    line = sums.setdefault((owner, client), [0, Decimal(0)])
    line[0] += count
    line[1] += amount


def settle_accounts(kept: Client, lost: Client) -> dict[int, dict[str, Any]]:
    """One account is in use: the kept client's, where it has one; the other's is a former one then."""
    active = BankAccount.objects.filter(status=BankAccount.Status.ACTIVE).without_numbers()
    if not active.filter(client=kept.pk).exists():
        return {}
    theirs = active.filter(client=lost.pk).values_list("pk", flat=True)
    return {pk: {"status": str(BankAccount.Status.FORMER)} for pk in theirs}


def settle_payments(kept: Client, lost: Client) -> dict[int, dict[str, Any]]:
    """Two payments of one reference are one where day and amount are; otherwise the second is numbered."""
    theirs = list(PaymentRecord.objects.filter(client=lost.pk).order_by("pk"))
    ours = PaymentRecord.objects.filter(client=kept.pk)
    same = {plain(one.reference): one for one in ours.filter(reference__in=[one.reference for one in theirs])}
    taken = {plain(text) for text in ours.values_list("reference", flat=True)} if same else set()
    taken |= {plain(one.reference) for one in theirs}
    found: dict[int, dict[str, Any]] = {}
    for one in theirs:
        twin = same.get(plain(one.reference))
        if twin is None or (twin.paid_on, twin.amount) == (one.paid_on, one.amount):
            continue
        number = 2
        while plain(text := f"{one.reference[: LONGEST - 6]} ({number})") in taken:
            number += 1
        taken.add(plain(text))
        found[one.pk] = {"reference": text}
    return found


def plain(text: str) -> str:
    """As the database compares references."""
    return fold(text).strip()


def settle_mandates(kept: Client, lost: Client) -> dict[int, dict[str, Any]]:
    """One mandate is in use for an agency: the kept client's, where it has one; the other's is revoked then.

    The key under which it is the only one follows the client.
    """
    active = Mandate.objects.filter(status=Mandate.Status.ACTIVE)
    taken = set(active.filter(client=kept.pk).values_list("agency_id", flat=True))
    found: dict[int, dict[str, Any]] = {}
    for pk, agency in active.filter(client=lost.pk).values_list("pk", "agency_id"):
        if agency in taken:
            found[pk] = {"status": str(Mandate.Status.REVOKED), "active_key": None}
        else:
            found[pk] = {"active_key": f"{kept.pk}-{agency}"}
    return found
