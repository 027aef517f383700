"""Whether a list is what docs/colleague-api.yaml says: counts, and the first of each kind of fault.

What is kept grows with the kinds of faults and not with the list; of e-mails, phones and references only
hashes are remembered, to tell doubles. Personal data is masked in what it prints.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.templatetags.digiweb import number
from sync.colleague.faults import Effect, Fault, shown_text
from sync.colleague.reading import read_prospect
from sync.colleague.shape import Prospect, Reading
from sync.colleague.words import UNKNOWN

MOST_WORDS = 100
DOUBLES = {
    "email": gettext_lazy("E-mails that stand on several prospects"),
    "phone": gettext_lazy("Phones that stand on several prospects"),
    "reference": gettext_lazy("References (titre) that stand on several prospects"),
}


class Conformance:
    """Takes prospects one by one; `report` says what was found."""

    def __init__(self, *, first: int = 3) -> None:
        self._first = first
        self.counts: Counter[str] = Counter()
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], list[tuple[str, Fault]]] = {}
        self._words: Counter[tuple[str, str]] = Counter()
        self._ignored: Counter[str] = Counter()
        self._seen: dict[str, set[int]] = {name: set() for name in DOUBLES}
        self._doubles: dict[str, Counter[str]] = {name: Counter() for name in DOUBLES}

    @property
    def conforms(self) -> bool:
        return not self._kinds and not self._doubles["reference"]

    def add_all(self, elements: Iterable[Any]) -> None:
        now = timezone.now()
        for raw in elements:
            self.add(raw, read_prospect(raw, now=now))

    def add(self, raw: Any, reading: Reading) -> None:
        self.counts["prospects"] += 1
        place = _("prospect %(number)s") % {"number": reading.number or f"[{self.counts['prospects'] - 1}]"}
        self.counts["faulty" if reading.faults else "good"] += 1
        self.counts["untold"] += reading.untold
        for fault in reading.faults:
            self.counts[fault.effect] += 1
            kind = (plain_path(fault.path), fault.code)
            self._kinds[kind] += 1
            examples = self._examples.setdefault(kind, [])
            if len(examples) < self._first:
                examples.append((place, fault))
        for key in reading.ignored:
            if len(self._ignored) < MOST_WORDS or key in self._ignored:
                self._ignored[key] += 1
        if reading.prospect:
            self._add_prospect(reading.prospect)

    def _add_prospect(self, prospect: Prospect) -> None:
        self._once("email", prospect.email, _masked_email(prospect.email))
        self._once("phone", prospect.phone, f"{prospect.phone[:3]}…{prospect.phone[-2:]}")
        self.counts["accounts"] += len(prospect.bank_details)
        self.counts["subscriptions"] += len(prospect.subscriptions)
        self.counts["without_contract"] += not prospect.contracts
        for contract in prospect.contracts:
            self.counts["contracts"] += 1
            self._once("reference", contract.reference, shown_text(contract.reference, 60))
            if contract.status == UNKNOWN:
                self._word("statut", contract.status_text)

    def _word(self, key: str, word: str) -> None:
        if len(self._words) < MOST_WORDS or (key, word) in self._words:
            self._words[key, word] += 1

    def _once(self, name: str, value: str, shown: str) -> None:
        if not value:
            return
        known = self._seen[name]
        if hash(value) not in known:
            known.add(hash(value))
        elif len(self._doubles[name]) < MOST_WORDS or shown in self._doubles[name]:
            self._doubles[name][shown] += 1

    # --- What it says

    def report(self) -> Iterator[str]:
        """Lines for people."""
        count = self.counts
        for label, figure in (
            (_("Prospects"), count["prospects"]),
            ("  " + _("without a fault"), count["good"]),
            ("  " + _("with faults"), count["faulty"]),
            ("  " + _("refused whole"), count[Effect.REFUSED]),
            ("  " + _("without a contract (not imported)"), count["without_contract"]),
            (_("Contracts"), count["contracts"]),
            (_("Subscriptions"), count["subscriptions"]),
            (_("Bank accounts"), count["accounts"]),
            (_("Pieces left out"), count[Effect.LEFT_OUT]),
            (_("Fields not taken"), count[Effect.EMPTIED]),
        ):
            yield f"{label:<38}{number(figure):>10}"
        yield from self._faults()
        yield from self._section(
            _("Unknown statuses, kept as they are"),
            ((shown_text(word, 60), times) for (_key, word), times in self._words.most_common()),
        )
        for name, heading in DOUBLES.items():
            yield from self._section(str(heading), self._doubles[name].most_common(self._first), more=1)
        yield from self._section(_("Keys that are not read"), self._ignored.most_common())

    def _faults(self) -> Iterator[str]:
        if self._kinds:
            yield ""
            yield _("Faults")
        for kind, times in self._kinds.most_common():
            examples = self._examples[kind]
            yield f"  {kind[0] or '.'} × {number(times)}: {examples[0][1].reason}"
            for place, fault in examples:
                sent = f" ← {shown_text(fault.masked, 100)}" if fault.masked else ""
                yield f"    {place}, {fault.path or '.'} ({fault.effect_label}){sent}"
        if self.counts["untold"]:
            yield "  " + ngettext(
                "%(n)s more that is not told", "%(n)s more that are not told", self.counts["untold"]
            ) % {"n": number(self.counts["untold"])}

    def _section(self, heading: str, rows: Iterable[tuple[str, int]], more: int = 0) -> Iterator[str]:
        found = list(rows)
        if found:
            yield ""
            yield heading
        for word, times in found:
            yield f"  {word} × {number(times + more)}"


def plain_path(path: str) -> str:
    """« Souscription[0].contrats[2].montant » → « Souscription[].contrats[].montant »."""
    parts = path.split(".")
    return ".".join(f"{part.partition('[')[0]}[]" if "[" in part else part for part in parts)


def _masked_email(email: str) -> str:
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host[:1]}….{host.rpartition('.')[2]}"
