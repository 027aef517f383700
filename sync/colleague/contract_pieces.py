"""Contracts and subscriptions of a batch: whose they are, who wins, and what is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from sales.models import Contract, Offer, Subscription
from sales.services.contract import import_contracts
from sales.services.subscription_intake import import_subscriptions
from sync.colleague import shape
from sync.colleague.keys import contract_key, plain
from sync.colleague.people_pieces import PeoplePieces, changed_by_hand
from sync.colleague.recent import Told, form, merged, remembered
from sync.colleague.report import Outcome, Report
from sync.colleague.sales_pieces import Offers, check_days, contract_told, numbered, subscription_told
from sync.colleague.work import Work
from sync.models import ImportedRecord

Kind = ImportedRecord.Kind


@dataclass
class Keeping:
    """A row of ImportedRecord to be written, once its parent and its target have their numbers."""

    work: Work
    key: str
    kind: str
    record: ImportedRecord | None
    target: Any
    values: dict[str, Any]


@dataclass
class Claims:
    """Who has which contract of those that a batch speaks of."""

    turn: int
    records: dict[str, ImportedRecord]
    # Prospects of this batch that are in the list as they were, too.
    present: set[int]
    taken: dict[str, Work] = field(default_factory=dict)

    def holder(self, key: str, work: Work) -> ImportedRecord | None:
        """The record of a contract that another prospect has."""
        record = self.records.get(key)
        if record is None or (work.record is not None and record.parent_id == work.record.pk):
            return None
        return record

    def still_holds(self, record: ImportedRecord) -> bool:
        """Whether that prospect is in this list, with the contract."""
        parent = record.parent
        if parent is None:
            return False
        here = parent.seen_turn == self.turn or parent.pk in self.present
        return here and record.seen_turn >= parent.worked_turn

    def comes_first(self, work: Work, record: ImportedRecord) -> bool:
        """Of two who bring a new contract in one list the lower number has it, whoever came first."""
        parent = record.parent
        theirs = parent.number if parent is not None and parent.number is not None else 2**63
        return record.first_turn == self.turn and work.order[0] < theirs


class ContractPieces:
    """The contracts and subscriptions of one batch."""

    def __init__(
        self,
        works: Sequence[Work],
        claims: Claims,
        report: Report,
        started: datetime,
        data: Mapping[str, Any],
    ) -> None:
        self.works = sorted(works, key=lambda work: work.order)
        self.claims = claims
        self.report = report
        self.started = started
        self.data = data
        self.offers = Offers(self.works, report)
        self.kept: list[Keeping] = []
        # (key of the prospect, reference) → ours.
        self.contracts: dict[tuple[str, str], Contract] = {}
        self.robbed: set[int] = set()

    def write(self, people: PeoplePieces) -> None:
        self._people = people
        subscriptions = self._subscriptions()
        self._contracts(subscriptions)

    # --- Subscriptions

    def _subscriptions(self) -> dict[tuple[str, int], Subscription]:
        """{(key of the prospect, place of it): ours}"""
        keyed = [(work, key, said) for work in self.works for key, said in numbered(work)]
        records = {
            one.key: one
            for one in ImportedRecord.objects.filter(
                kind=Kind.SUBSCRIPTION, key__in=[key for _work, key, _said in keyed]
            )
        }
        present = Subscription.objects.select_related("client__company", "client__contact", "offer").in_bulk(
            [one.target_id for one in records.values()]
        )
        found: dict[tuple[str, int], Subscription] = {}
        new, changed = [], []
        for work, key, said in keyed:
            record = records.get(key)
            told = subscription_told(said, self.started)
            work.sizes["subscription"] = work.sizes.get("subscription", 0) + 1
            if record is None:
                offer = self.offers.of(said.offer)
                values = {name: one.value for name, one in told.items()}
                ours = Subscription(
                    client=work.client,
                    offer=offer,
                    label=offer.name if offer else _("Subscription"),
                    **values,
                )
                new.append(ours)
                self.report.count("subscription", "created")
            else:
                known = present.get(record.target_id or 0)
                if known is None:
                    continue  # deleted here
                ours = known
                values, worth = merged(ours, told, record.values, partial(changed_by_hand, ours))
                self.report.tell_wins("subscription", ours, worth, work.number)
                if not check_days(ours, values, ("started_on", "ended_on")):
                    work.clean = False
                if values:
                    changed.append((ours, values))
                self.report.count("subscription", "updated" if values else "unchanged")
            found[work.key, id(said)] = ours
            last = record.values if record else {}
            self.kept.append(Keeping(work, key, Kind.SUBSCRIPTION, record, ours, remembered(told, last)))
        import_subscriptions(user=None, new=new, changed=changed, data=self.data)
        return found

    # --- Contracts

    def _contracts(self, subscriptions: Mapping[tuple[str, int], Subscription]) -> None:
        known = self._known()
        new: list[Contract] = []
        changed: list[tuple[int, dict[str, Any]]] = []
        for work in self.works:
            owner = self._people.told_owner(work)
            for said in work.prospect.subscriptions:
                for one in said.contracts:
                    offer = self.offers.of(said.offer)
                    place = subscriptions.get((work.key, id(said)))
                    self._contract(work, one, offer, place, owner, known, new, changed)
        import_contracts(user=None, new=new, changed=changed, data=self.data)
        ImportedRecord.objects.filter(pk__in=self.robbed).update(digest="")

    def _known(self) -> dict[str, Contract]:
        """Contracts that the source spoke of, and others of the same reference, by their key."""
        around = Contract.objects.select_related("client__company", "client__contact", "owner", "offer")
        found = around.in_bulk({one.target_id for one in self.claims.records.values() if one.target_id})
        known = {
            key: found[one.target_id or 0]
            for key, one in self.claims.records.items()
            if one.target_id in found
        }
        others = [
            plain(one.reference)[:120]
            for work in self.works
            for one in work.prospect.contracts
            if contract_key(one.reference) not in self.claims.records
        ]
        # By what the list is sorted by: without case or accents, whatever the database's collation.
        for contract in around.filter(sort_name__in=others):
            known[contract_key(contract.reference)] = contract
        return known

    def _contract(
        self,
        work: Work,
        one: shape.Contract,
        offer: Offer | None,
        place: Subscription | None,
        owner: Mapping[str, Told],
        known: Mapping[str, Contract],
        new: list[Contract],
        changed: list[tuple[int, dict[str, Any]]],
    ) -> None:
        key = contract_key(one.reference)
        work.sizes["contract"] = work.sizes.get("contract", 0) + 1
        if not self._may_have(work, key, one.reference):
            return
        record, ours = self.claims.records.get(key), known.get(key)
        told = contract_told(one, self.started, offer, owner)
        if record is not None and ours is None:
            self.report.count("contract", "skipped")
            self.report.tell(
                Outcome.NOTICE, "contract", "deleted_here", number=work.number, path=one.reference[:200]
            )
        elif ours is None:
            values = {name: each.value for name, each in told.items()}
            if not check_days(None, values):
                work.clean = False
            reference = " ".join(one.reference.split())
            ours = Contract(reference=reference, client=work.client, subscription=place, **values)
            new.append(ours)
            self.report.count("contract", "created")
        else:
            self._change(work, ours, record, told, place, changed)
        if ours is not None:
            self.contracts[work.key, one.reference] = ours
        last = record.values if record else {}
        self.kept.append(Keeping(work, key, Kind.CONTRACT, record, ours, remembered(told, last)))

    def _may_have(self, work: Work, key: str, reference: str) -> bool:
        """A contract that another prospect of this list has stays theirs; one that is free comes over."""
        other = self.claims.taken.get(key)
        if other is not None and other is not work:
            return self._refuse(work, reference, other.number or 0)
        self.claims.taken[key] = work
        record = self.claims.holder(key, work)
        if record is None:
            return True
        holder = record.parent.number if record.parent is not None else None
        if not self.claims.still_holds(record):
            self.report.tell(
                Outcome.MOVED, "contract", "moved_contract", number=work.number, path=reference[:200],
                about=("sales.contract", record.target_id), holder=holder or "?",
            )  # fmt: skip
            return True
        if self.claims.comes_first(work, record):
            # Who had it until now does not any more: that is said whenever both bring it.
            self.robbed.add(record.parent_id or 0)
            self.report.count("contract", "failed")
            self._tell_shared(holder, reference, work.number or 0)
            return True
        return self._refuse(work, reference, holder or 0)

    def _refuse(self, work: Work, reference: str, holder: int) -> bool:
        work.clean = False
        self.report.count("contract", "failed")
        self._tell_shared(work.number, reference, holder)
        return False

    def _tell_shared(self, number: int | None, reference: str, holder: int) -> None:
        self.report.tell(
            Outcome.FAILED, "contract", "shared_contract", number=number, path=reference[:200], holder=holder
        )

    def _change(
        self,
        work: Work,
        ours: Contract,
        record: ImportedRecord | None,
        told: Mapping[str, Told],
        place: Subscription | None,
        changed: list[tuple[int, dict[str, Any]]],
    ) -> None:
        last: Mapping[str, Any] = record.values if record else {}
        over = record is not None and self.claims.holder(record.key, work) is not None
        if over:
            # What the other prospect said of it is no choice of ours.
            last = {name: form(getattr(ours, name)) for name in told}
        elif record is None and work.client is not None and ours.client_id != work.client.pk:
            self.report.tell(
                Outcome.NOTICE, "contract", "other_client", number=work.number, about=ours,
                path=ours.reference[:200], client=str(ours.client),
            )  # fmt: skip
        values, worth = merged(ours, told, last, lambda name: changed_by_hand(ours, name))
        self.report.tell_wins("contract", ours, worth, work.number)
        if "owner" in values:
            self.report.tell(
                Outcome.MOVED, "contract", "salesperson", number=work.number, about=ours,
                path=ours.reference[:200], before=str(ours.owner or "—"), after=str(values["owner"]),
            )  # fmt: skip
        if over:
            values |= {"client": work.client, "subscription": place}
        if ours.absent_since is not None:
            values["absent_since"] = None
            self.report.tell(
                Outcome.MOVED, "contract", "back", number=work.number, about=ours, path=ours.reference[:200]
            )
        if not check_days(ours, values):
            work.clean = False
        if values:
            changed.append((ours.pk, values))
        self.report.count("contract", "updated" if values else "unchanged")
