"""What prospects bought, upserted by natural keys: offers, subscriptions, payments, bank details."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from digiweb.crypto import blind_index
from sales.models import BankAccount, Contract, Offer, PaymentRecord, Subscription
from sales.services.bank_account import Wanted, add_accounts, checked
from sales.services.offer import create_offer
from sales.services.payment_intake import import_payments
from sync.colleague import shape
from sync.colleague.keys import key_of, plain
from sync.colleague.recent import Told
from sync.colleague.report import Outcome, Report
from sync.colleague.work import SOURCE, Work, told_of

OF_THE_PAYMENT = ("paid_on", "amount", "method", "status", "status_text", "contract")


class Offers:
    """The offers that a batch names, made where there are none; ours are never changed by the source."""

    def __init__(self, works: Sequence[Work], report: Report) -> None:
        self.report = report
        names = {one.offer.name for work in works for one in work.prospect.subscriptions if one.offer}
        folded = {plain(name)[:160] for name in names}
        found = Offer.objects.filter(sort_name__in=folded).order_by("-pk") if folded else ()
        self._by_name = {plain(offer.name): offer for offer in found}

    def of(self, said: shape.Offer | None) -> Offer | None:
        if said is None:
            return None
        key = plain(said.name)
        if key not in self._by_name:
            # On no price list until somebody completes it.
            offer = Offer(
                is_active=False,
                name=" ".join(said.name.split()),
                description=said.description,
                price=said.price or 0,
                monthly_price=said.monthly_price or 0,
            )
            self._by_name[key] = create_offer(user=None, offer=offer)
            self.report.count("offer", "created")
        return self._by_name[key]


def contract_told(
    contract: shape.Contract, started: datetime, offer: Offer | None, owner: Mapping[str, Told]
) -> dict[str, Told]:
    """What the source says of a contract; what may not be empty here is left out when it is."""
    told = told_of(
        contract,
        started,
        [
            "description", "status", "signed_on", "validated_on", "starts_on", "ends_on", "amount",
            "supplier", "kind", "payment_method", "withdrawal_day", "document_path", "audit_trail_path",
        ],
    )  # fmt: skip
    if "status" in told:
        words = contract.status_text if contract.status == Contract.Status.UNKNOWN else ""
        told["status_text"] = Told(words, told["status"].at, told["status"].dated)
        if not contract.status:
            del told["status"], told["status_text"]
    if "amount" in told and contract.amount is None:
        del told["amount"]
    if offer is not None:
        told["offer"] = Told(offer, contract.updated_at or started, contract.updated_at is not None)
    return {**told, **owner}


def check_days(known: Any, values: dict[str, Any], names: tuple[str, str] = ("starts_on", "ends_on")) -> bool:
    """Leaves out days that would end something before it starts; False when it had to."""
    start, end = (values.get(name, getattr(known, name, None)) for name in names)
    if start and end and end < start:
        for name in names:
            values.pop(name, None)
        return False
    return True


def subscription_told(said: shape.Subscription, started: datetime) -> dict[str, Told]:
    told = told_of(said, started, ["status", "started_on", "ended_on", "monthly_amount"])
    if said.status not in Subscription.Status.values:
        told.pop("status", None)
    monthly = said.monthly_amount
    if monthly is None and said.offer is not None:
        monthly = said.offer.monthly_price
    if monthly is None:
        told.pop("monthly_amount", None)
    else:
        told["monthly_amount"] = Told(monthly, said.updated_at or started, said.updated_at is not None)
    return told


def numbered(work: Work) -> list[tuple[str, shape.Subscription]]:
    """Subscriptions with their keys: the prospect, the offer, and how many of it came before."""
    times: dict[str, int] = defaultdict(int)
    keyed = []
    for one in work.prospect.subscriptions:
        name = plain(one.offer.name) if one.offer else ""
        times[name] += 1
        keyed.append((key_of("subscription", work.key, name, times[name]), one))
    return keyed


class Money:
    """Payments and bank details of the clients of a batch."""

    def __init__(self, works: Sequence[Work], report: Report, data: Mapping[str, Any]) -> None:
        self.works = works
        self.report = report
        self.data = data

    def write(self, contracts: Mapping[tuple[str, str], Contract]) -> None:
        """`contracts`: (key of the prospect, reference) → ours."""
        self._payments(contracts)
        self._accounts()

    def _payments(self, contracts: Mapping[tuple[str, str], Contract]) -> None:
        wanted: dict[tuple[int, str], tuple[Work, shape.Payment, Contract | None]] = {}
        for work in self.works:
            if work.client is None:
                continue
            for subscription in work.prospect.subscriptions:
                for payment in subscription.payments:
                    wanted.setdefault((work.client.pk, plain(payment.reference)), (work, payment, None))
                for one in subscription.contracts:
                    ours = contracts.get((work.key, one.reference))
                    for payment in one.payments:
                        wanted.setdefault((work.client.pk, plain(payment.reference)), (work, payment, ours))
        if not wanted:
            return
        found = PaymentRecord.objects.select_related("client__company", "client__contact", "contract").filter(
            client__in={client for client, _text in wanted}
        )
        known = {(each.client_id, plain(each.reference)): each for each in found}
        new, changed = [], []
        for key, (work, payment, contract) in wanted.items():
            values = _payment_values(payment, contract)
            work.sizes["payment"] = work.sizes.get("payment", 0) + 1
            present = known.get(key)
            if present is None:
                new.append(PaymentRecord(client=work.client, reference=payment.reference, **values))
            else:
                changed.append((present, values))
        differed = import_payments(user=None, new=new, changed=changed, data=self.data)
        self.report.count("payment", "created", len(new))
        self.report.count("payment", "updated", differed)
        self.report.count("payment", "unchanged", len(changed) - differed)

    def _accounts(self) -> None:
        wanted: dict[tuple[int, str], Wanted] = {}
        for work in self.works:
            if work.client is None:
                continue
            for bank in work.prospect.bank_details:
                one = Wanted(work.client.pk, bank.iban, bank.bic, bank.holder)
                try:
                    one = checked(one)
                except ValidationError as error:
                    work.clean = False
                    self.report.count("bank_account", "failed")
                    self.report.tell(
                        Outcome.FAILED, "bank_account", "account_refused", number=work.number,
                        path="informationsPaiement", why=" ".join(error.messages)[:200],
                    )  # fmt: skip
                    continue
                work.sizes["bank_account"] = work.sizes.get("bank_account", 0) + 1
                wanted.setdefault((one.client_id, blind_index(one.iban)), one)
        if not wanted:
            return
        present = set(
            BankAccount.objects.filter(client__in={client for client, _index in wanted}).values_list(
                "client_id", "iban_index"
            )
        )
        new = [one for key, one in wanted.items() if key not in present]
        if new:
            add_accounts(user=None, wanted=new, source=SOURCE)
        self.report.count("bank_account", "created", len(new))
        self.report.count("bank_account", "unchanged", len(wanted) - len(new))


def _payment_values(payment: shape.Payment, contract: Contract | None) -> dict[str, Any]:
    values = {name: getattr(payment, name) for name in OF_THE_PAYMENT[:-1] if payment.says(name)}
    if values.get("amount", 0) is None:
        del values["amount"]
    status = values.get("status")
    if status not in PaymentRecord.Status.values:
        values.pop("status", None)
    if values.get("status") != PaymentRecord.Status.UNKNOWN:
        values["status_text"] = ""
    if contract is not None:
        values["contract"] = contract
    return values
