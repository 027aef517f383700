"""One batch of the list: what is new in it is written in one transaction, with the place in the list."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from crm.models import Contact
from crm.services.client_signs import touch_clients
from digiweb.saving import insert_objects, update_objects
from sales.models import Contract
from sync.colleague.contract_pieces import Claims, ContractPieces, Keeping
from sync.colleague.faults import Effect
from sync.colleague.keys import Element, contract_key, number_of, prospect_key
from sync.colleague.people_pieces import PeoplePieces
from sync.colleague.reading import read_prospect
from sync.colleague.report import Outcome, Report
from sync.colleague.sales_pieces import Money
from sync.colleague.sellers import Sellers
from sync.colleague.work import SOURCE, Work
from sync.models import ColleagueRun, ImportedRecord

logger = logging.getLogger(__name__)
Kind = ImportedRecord.Kind
# What one prospect may be that no other should suffer from.
REFUSED = (IntegrityError, DataError, ValidationError)
# {what a piece that is passed over holds: what is counted}.
PASSED_OVER = ("client", "contact", "contract", "subscription", "bank_account", "payment")


class Batch:
    """Elements of the list: `prepare()` reads, `write()` writes, in the caller's transaction."""

    def __init__(
        self,
        run: ColleagueRun,
        sellers: Sellers,
        elements: Sequence[Element],
        *,
        may_wait: Callable[[], bool],
    ) -> None:
        self.run = run
        self.sellers = sellers
        self.works = [Work(element) for element in elements]
        self.may_wait = may_wait
        self.report = Report(run)
        self.data = {"source": SOURCE, "run": run.pk}
        self.passed: list[Work] = []
        self.changed: list[Work] = []
        self.seen_only: list[int] = []
        # Elements that are to come once more, at the end of the list.
        self.later: list[Work] = []
        self.started = run.started_at or timezone.now()

    # --- Before the transaction

    def prepare(self) -> None:
        """Read what is new; look up salespeople, who are made outside the batch's transaction."""
        for work in self.works:
            work.number = number_of(work.raw)
            work.key = prospect_key(work.number)
            if work.number is not None:
                self.report.elements.setdefault(work.number, work.element)
            if not work.key:
                self._read(work)
        records = ImportedRecord.objects.filter(
            kind=Kind.PROSPECT, key__in={work.key for work in self.works if work.key}
        )
        known = {one.key: one for one in records}
        here: set[str] = set()
        for work in self.works:
            work.record = known.get(work.key)
            if work.key and (work.key in here or self._was_seen(work.record)):
                self.report.count("prospect", "skipped")
                self.report.tell(Outcome.NOTICE, "prospect", "twice_in_list", number=work.number)
                continue
            here.add(work.key)
            if work.record is not None and work.record.digest == work.digest:
                self.passed.append(work)
            else:
                self._take(work)
        self._look_again()
        self._put_off()
        for work in self.changed:
            work.seller = self.sellers.of(work.prospect, self.report, work.number)

    def _was_seen(self, record: ImportedRecord | None) -> bool:
        return record is not None and record.seen_turn == self.run.turn

    def _read(self, work: Work) -> None:
        work.reading = read_prospect(work.raw, now=timezone.now())
        prospect = work.reading.prospect
        if prospect is not None and not work.key:
            work.key = prospect_key(work.number, prospect)

    def _take(self, work: Work) -> None:
        """Sort an element that is not as it was: it is worked through, or there is nothing to take."""
        if work.reading is None:
            self._read(work)
        reading = work.reading
        assert reading is not None  # noqa: S101 (just read)
        self.report.ignored |= set(reading.ignored)
        self.report.tell_faults((*reading.faults, *reading.notices), work.number)
        # Of a prospect the first hundred are told; the others count.
        self.report.told[Outcome.FAILED] += reading.untold
        work.clean = not any(one.effect is not Effect.KEPT for one in reading.faults)
        if reading.prospect is None:
            if work.record is not None:
                self.seen_only.append(work.record.pk)
            elif not work.key:
                self.report.doubtful = True
            return
        if not reading.prospect.contracts:
            # Nothing to take; but what it had before is gone.
            self.report.count("prospect", "skipped")
            if work.record is None:
                return
        self.changed.append(work)

    def _look_again(self) -> None:
        """Pieces that are as they were, of contacts and contracts that somebody has changed since: what stays
        although the source says otherwise is told once.
        """
        moments = {
            work.record.pk: (work, work.record.worked_at)
            for work in self.passed
            if work.record is not None and work.record.worked_at is not None
        }
        if not moments:
            return
        since = min(at for _work, at in moments.values())
        owners: dict[tuple[type[Any], int | None], int] = {
            (Contact, work.record.target_id): pk
            for pk, (work, _at) in moments.items()
            if work.record is not None
        }
        children = ImportedRecord.objects.filter(parent__in=moments, kind=Kind.CONTRACT)
        owners |= {(Contract, target): pk for target, pk in children.values_list("target_id", "parent_id")}
        edited: set[int] = set()
        models: tuple[type[Any], ...] = (Contact, Contract)
        for model in models:
            pks = [pk for kind, pk in owners if kind is model and pk is not None]
            changed = model.objects.filter(pk__in=pks, updated_at__gt=since).values_list("pk", "updated_at")
            edited |= {owners[model, pk] for pk, at in changed if at > moments[owners[model, pk]][1]}
        for pk in edited:
            work = moments[pk][0]
            self.passed.remove(work)
            self._take(work)

    def _put_off(self) -> None:
        """Who brings a contract of a prospect that may still come in this list waits for the list's end."""
        keys = {contract_key(one.reference) for work in self.changed for one in work.prospect.contracts}
        records = ImportedRecord.objects.filter(kind=Kind.CONTRACT, key__in=keys).select_related("parent")
        self.claims = Claims(
            self.run.turn,
            {one.key: one for one in records},
            {work.record.pk for work in (*self.passed, *self.changed) if work.record is not None},
        )
        ready: list[Work] = []
        for work in self.changed:
            holders = [
                holder
                for one in work.prospect.contracts
                if (holder := self.claims.holder(contract_key(one.reference), work)) is not None
            ]
            waits = any(
                each.parent is not None
                and each.parent.seen_turn != self.run.turn
                and each.parent_id not in self.claims.present
                for each in holders
            )
            if waits and self.may_wait():
                self.later.append(work)
            else:
                ready.append(work)
        self.changed = ready

    # --- Within it

    def write(self) -> None:
        """All of it, in the caller's transaction."""
        self._pass_over()
        people = PeoplePieces(self.changed, self.report, self.started, self.data)
        ready = people.write()
        contracts = ContractPieces(ready, self.claims, self.report, self.started, self.data)
        contracts.write(people)
        Money(ready, self.report, self.data).write(contracts.contracts)
        self._remember(ready, people, contracts.kept)
        touch_clients(work.client.pk for work in ready if work.client is not None)

    def _pass_over(self) -> None:
        """What is as it was counts in full, and was seen; that is all."""
        seen = [work.record.pk for work in self.passed if work.record is not None]
        ImportedRecord.objects.filter(pk__in=[*seen, *self.seen_only]).update(seen_turn=self.run.turn)
        for work in self.passed:
            sizes = work.record.sizes if work.record is not None else {}
            for kind in PASSED_OVER:
                self.report.count(kind, "unchanged", sizes.get(kind, 0))
            if not sizes.get("contract"):
                self.report.count("prospect", "skipped")

    def _remember(self, works: Sequence[Work], people: PeoplePieces, kept: Sequence[Keeping]) -> None:
        turn = self.run.turn
        new: list[ImportedRecord] = []
        known: list[ImportedRecord] = []
        for work in works:
            record = work.record or ImportedRecord(
                kind=Kind.PROSPECT, key=work.key, number=work.number, first_turn=turn
            )
            complete = work.reading is None or work.reading.complete
            # A record that was merged keeps its own number: the merge may be undone.
            if work.contact is None or record.target_id not in work.contact.all_ids:
                record.target_id = work.contact.pk if work.contact else None
            if work.client is None or record.client_id not in work.client.all_ids:
                record.client_id = work.client.pk if work.client else None
            record.phone = work.prospect.phone if work.prospect.says("phone") else record.phone
            record.digest = work.digest if work.clean else ""
            record.sizes = {"client": 1, "contact": 1, **work.sizes}
            record.values = people.remembered(work)
            record.seen_turn = turn
            record.worked_at = timezone.now()
            if complete:
                record.worked_turn = turn
            (new if work.record is None else known).append(record)
            work.record = record
        insert_objects(new)
        columns = [
            "phone",
            "target_id",
            "client_id",
            "digest",
            "sizes",
            "values",
            "seen_turn",
            "worked_turn",
            "worked_at",
        ]
        update_objects(known, columns)
        self._remember_pieces(kept)

    def _remember_pieces(self, kept: Sequence[Keeping]) -> None:
        turn = self.run.turn
        new: list[ImportedRecord] = []
        known: list[ImportedRecord] = []
        for one in kept:
            record = one.record or ImportedRecord(kind=one.kind, key=one.key, first_turn=turn)
            record.parent = one.work.record
            record.target_id = one.target.pk if one.target is not None else record.target_id
            record.values = one.values
            record.seen_turn = turn
            (new if one.record is None else known).append(record)
        insert_objects(new)
        columns = ["parent", "target_id", "values", "seen_turn"]
        update_objects(known, columns)


def run_batch(
    make: Callable[[Sequence[Element]], Batch],
    elements: Sequence[Element],
    commit: Callable[[Batch], None],
) -> list[Work]:
    """Write elements as one batch; where the database refuses it, one by one. Returns what waits for the end.

    `commit(batch)` is the last act of each transaction: the run's place in the list.
    """
    batch = make(elements)
    try:
        batch.prepare()
        with transaction.atomic():
            batch.write()
            commit(batch)
    except REFUSED as error:
        if len(elements) > 1:
            return [work for element in elements for work in run_batch(make, [element], commit)]
        logger.exception("A prospect of the colleague's list cannot be written")
        refused = make(elements)
        refused.works = []
        number = number_of(elements[0].raw)
        why = " ".join(error.messages) if isinstance(error, ValidationError) else type(error).__name__
        if number is not None:
            refused.report.elements[number] = elements[0]
        refused.report.count("prospect", "failed")
        refused.report.tell(Outcome.FAILED, "prospect", "refused_here", number=number, why=why[:200])
        with transaction.atomic():
            key = prospect_key(number)
            if key:
                ImportedRecord.objects.filter(kind=Kind.PROSPECT, key=key).update(seen_turn=refused.run.turn)
            else:
                refused.report.doubtful = True
            commit(refused)
        return []
    return batch.later
