"""What a run of the import does: read, written batch by batch, taken up again after a kill, forgotten."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.services.client_signs import touch_clients
from digiweb.jobs import JobCancelled, JobError, LeaseLost, Progress
from sales.models import Contract
from sales.services.bank_account_words import tell_of_imported
from sales.services.contract import import_contracts
from sales.services.subscription import hold_clients
from sync.colleague.batch import Batch, run_batch
from sync.colleague.client import ColleagueApi
from sync.colleague.kept import forget_elements
from sync.colleague.keys import Element, chained, element_of, has_email, number_of, prospect_key
from sync.colleague.report import Outcome, Report
from sync.colleague.sellers import Sellers
from sync.colleague.work import SOURCE
from sync.errors import ProviderError
from sync.models import ColleagueRun, ColleagueTurn, ImportedRecord
from timeline.models import JobRun

State, Origin = ColleagueRun.State, ColleagueRun.Origin
Kind = ImportedRecord.Kind
BATCH = 500
# Elements that may wait for the end of the list.
MOST_LATER = 5_000
# Characters of a batch, and of what waits: what is held in memory, however large the pieces are.
MOST_TEXT = 8 * 2**20
KEEP_DAYS = 90


class Overtaken(Exception):
    """Another run has taken the turn: this one writes nothing more."""


def run_of(job: JobRun, *, user: Any, origin: str) -> tuple[ColleagueRun, bool]:
    return ColleagueRun.objects.get_or_create(job=job, defaults={"user": user, "origin": origin})


def settle_runs() -> None:
    """Runs whose job has ended without a word are stopped."""
    live = ColleagueRun.objects.filter(state__in=ColleagueRun.LIVE).exclude(
        job__state__in=[JobRun.State.QUEUED, JobRun.State.RUNNING]
    )
    for run in live.select_related("job"):
        error = run.job.error if run.job is not None else ""
        ColleagueRun.objects.filter(pk=run.pk, state__in=ColleagueRun.LIVE).update(
            state=State.STOPPED, error=error[:300], ended_at=timezone.now(), updated_at=timezone.now()
        )


def begin_again(job: JobRun, user: Any) -> None:
    """The job of a run that ended badly is done again: the run is open once more and goes on."""
    ColleagueRun.objects.filter(job=job).exclude(state=State.DONE).update(
        state=State.WAITING, error="", ended_at=None, updated_at=timezone.now()
    )


# --- Doing it


def perform(progress: Progress) -> ColleagueRun:
    """Read the list and write what is new in it. Called again after a kill, it goes on where it was."""
    job = JobRun.objects.select_related("user").get(pk=progress.run_id)
    run, _made = run_of(job, user=job.user, origin=Origin.PERSON if job.user else Origin.CLOCK)
    settle_runs()
    if not run.is_live:
        return run
    with translation.override(settings.LANGUAGE_CODE):
        return Import(run, progress).perform()


class Import:
    """One run on its way through the list."""

    def __init__(self, run: ColleagueRun, progress: Progress) -> None:
        self.run = run
        self.progress = progress
        self.sellers = Sellers()
        self.later: list[Element] = []
        self.trouble: ProviderError | None = None
        self.at_end = False
        last = ColleagueRun.objects.filter(state=State.DONE, complete=True).order_by("-pk").first()
        self.expected = last.read if last else 0

    def perform(self) -> ColleagueRun:
        try:
            self._begin()
            self._read_all()
            self._end()
        except JobCancelled:
            self._note(State.STOPPED, _("Somebody stopped it."))
            raise
        except (LeaseLost, Overtaken):
            raise JobError(_("Another run has taken over.")) from None
        if self.trouble is not None:
            raise JobError(str(self.trouble.text))
        return self.run

    def _begin(self) -> None:
        with transaction.atomic():
            turn, _made = ColleagueTurn.objects.select_for_update().get_or_create(pk=1)
            turn.turn += 1
            turn.save(update_fields=["turn"])
            self.turn = turn.turn
            run = self.run = ColleagueRun.objects.select_for_update().get(pk=self.run.pk)
            run.state = State.RUNNING
            if run.turn == 0:
                run.turn = self.turn
                run.started_at = timezone.now()
            run.save(update_fields=["state", "turn", "started_at", "updated_at"])

    # --- The list

    def _read_all(self) -> None:
        """All elements, in batches; what an earlier attempt did is passed by while the list is the same."""
        for portion in portions(self._unread()):
            self._work(portion)

    def _unread(self) -> Iterator[Element]:
        done, wanted, waiting = self.run.position, self.run.prefix, set(self.run.later)
        prefix = ""
        passed: list[Element | None] = []
        for element in self._elements():
            if len(passed) < done:
                prefix = chained(prefix, element.digest)
                passed.append(element if element.digest in waiting else None)
                if len(passed) == done:
                    if prefix != wanted:
                        self._begin_anew()
                        yield from self._elements_again()
                        return
                    self.later += [each for each in passed if each is not None]
                continue
            yield element
        if len(passed) < done:
            self._begin_anew()  # the list is shorter by now
            yield from self._elements_again()

    def _elements_again(self) -> Iterator[Element]:
        """The list is another than it was when the run was interrupted: from its start."""
        self.later = []
        self.trouble = None
        self.at_end = False
        yield from self._elements()

    def _begin_anew(self) -> None:
        """Counts begin anew too: each prospect is counted once."""
        with transaction.atomic():
            self._hold()
            run = self.run
            run.lines.all().delete()
            run.pieces.all().delete()
            run.counts, run.told, run.later, run.ignored = {}, {}, [], []
            run.read = run.position = run.created = run.updated = run.failed = run.conflicts = 0
            run.prefix, run.doubtful, run.turn = "", False, self.turn
            run.save()

    def _elements(self) -> Iterator[Element]:
        """The list as it comes; then those without an e-mail, whose phone is compared with all others."""
        without: list[Element] = []
        held = 0
        try:
            for raw in ColleagueApi(user=self.run.user).prospects():
                element = element_of(raw)
                if has_email(raw) or len(without) >= MOST_LATER or held >= MOST_TEXT:
                    yield element
                else:
                    without.append(element)
                    held += element.size
        except ProviderError as error:
            self.trouble = error
        yield from sorted(without, key=_by_number)

    # --- Batches

    def _work(self, portion: Sequence[Element]) -> None:
        self.later += [work.element for work in run_batch(self._make, portion, self._commit)]

    def _make(self, elements: Sequence[Element]) -> Batch:
        return Batch(self.run, self.sellers, elements, may_wait=self._may_wait)

    def _may_wait(self) -> bool:
        held = sum(element.size for element in self.later)
        return not self.at_end and len(self.later) < MOST_LATER and held < MOST_TEXT

    def _hold(self) -> None:
        """Lock the turn; it is ours still, or nothing is written."""
        held = ColleagueTurn.objects.select_for_update().get(pk=1)
        if held.turn != self.turn:
            raise Overtaken

    def _commit(self, batch: Batch) -> None:
        """The end of a batch's transaction: counts, lines, the place in the list, the sign of life."""
        self._hold()
        run = self.run
        batch.report.save()
        if not self.at_end:
            run.read += len(batch.works) or 1
            run.position = run.read
            for work in batch.works:
                run.prefix = chained(run.prefix, work.digest)
            run.later = [*run.later, *(work.digest for work in batch.later)]
        run.save()
        self.progress.set(run.read, max(self.expected, run.read))

    # --- The end

    def _end(self) -> None:
        self.at_end = True
        waiting, self.later = self.later, []
        waiting.sort(key=lambda each: prospect_key(number_of(each.raw)) or each.digest)
        for portion in portions(waiting):
            self._work(portion)
        self.run.complete = self.trouble is None
        if self.run.complete and not self.run.doubtful:
            self._mark_absent()
        if self.run.complete:
            forget_elements(self.run)
        self._log()
        if self.run.counts.get("bank_account", {}).get("created"):
            tell_of_imported()
        if self.trouble is None:
            self._note(State.DONE, "")
        else:
            self._note(State.PARTIAL if self.run.read else State.FAILED, str(self.trouble.text))

    def _log(self) -> None:
        run = self.run
        numbers = {name: getattr(run, name) for name in ("read", "created", "updated", "failed")}
        text = _("%(read)s prospects read: %(created)s created, %(updated)s updated, %(failed)s failed.")
        self.progress.log(text % numbers)

    def _mark_absent(self) -> None:
        """Contracts that the list holds no more are marked; those that it holds again are not any more."""
        turn, last = self.run.turn, 0
        records = ImportedRecord.objects.filter(kind=Kind.CONTRACT).select_related("parent").order_by("pk")
        while part := list(records.filter(pk__gt=last).defer("values", "parent__values")[:2000]):
            last = part[-1].pk
            here = {
                one.target_id: one
                for one in part
                if one.target_id is not None
                and one.parent is not None
                and one.parent.seen_turn == turn
                and one.seen_turn >= one.parent.worked_turn
            }
            gone = {
                one.target_id: one for one in part if one.target_id is not None and one.target_id not in here
            }
            back = list(
                Contract.objects.filter(pk__in=here, absent_since__isnull=False).values_list("pk", flat=True)
            )
            absent = list(
                Contract.objects.filter(pk__in=gone, absent_since=None).values_list("pk", flat=True)
            )
            if back or absent:
                self._mark(absent, back, {**here, **gone})

    def _mark(self, absent: Sequence[int], back: Sequence[int], records: dict[Any, ImportedRecord]) -> None:
        now = timezone.now()
        data = {"source": SOURCE, "run": self.run.pk}
        with transaction.atomic():
            report = Report(self.run)
            changed: list[tuple[int, dict[str, Any]]] = [(pk, {"absent_since": now}) for pk in absent]
            changed += [(pk, {"absent_since": None}) for pk in back]
            moved = Contract.objects.filter(pk__in=[*absent, *back])
            clients = set(moved.values_list("client_id", flat=True))
            hold_clients(clients)
            import_contracts(user=None, changed=changed, data=data)
            touch_clients(clients)
            names = dict(moved.values_list("pk", "reference"))
            for pks, code in ((absent, "absent"), (back, "back")):
                report.count("contract", code, len(pks))
                for pk in pks:
                    parent = records[pk].parent
                    report.tell(
                        Outcome.MOVED, "contract", code, number=parent.number if parent else None,
                        path=names.get(pk, "")[:200], about=("sales.contract", pk),
                    )  # fmt: skip
            self._hold()
            report.save()
            self.run.save()
            self.progress.set(self.run.read)

    def _note(self, state: str, error: str) -> None:
        with transaction.atomic():
            run = self.run
            run.state, run.error, run.ended_at = state, error[:300], timezone.now()
            run.later = []
            run.save()


def portions(elements: Iterable[Element]) -> Iterator[list[Element]]:
    """Elements by batches, none of them empty, and none larger in memory than it need be."""
    portion: list[Element] = []
    size = 0
    for element in elements:
        portion.append(element)
        size += element.size
        if len(portion) >= BATCH or size >= MOST_TEXT:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _by_number(element: Element) -> tuple[int, str]:
    number = number_of(element.raw)
    return (number if number is not None else 2**63, element.digest)


# --- Forgetting


def purge_runs() -> int:
    """Runs and their lines are kept ninety days."""
    old = ColleagueRun.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEEP_DAYS)).exclude(
        state__in=ColleagueRun.LIVE
    )
    return old.delete()[0]
