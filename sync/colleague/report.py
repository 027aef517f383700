"""What a run tells: exact counts by kind, and as many lines of each outcome as can be read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from crm.models import Client, Contact
from digiweb.phones import format_phone
from digiweb.saving import insert_objects
from sales.models import Contract, Subscription
from sync.colleague.faults import HIDDEN, REASONS, TYPES, Effect, Fault
from sync.colleague.kept import keep_elements
from sync.colleague.keys import Element
from sync.colleague.recent import Told, Win, form
from sync.models import ColleagueRun, ColleagueRunLine

Outcome = ColleagueRunLine.Outcome
# Lines of an outcome that a run keeps.
KEPT_LINES = 500
# Names of ignored keys that a run keeps.
KEPT_NAMES = 50
KINDS = {
    "client": _("Clients"),
    "contact": _("Contacts"),
    "contract": _("Contracts"),
    "subscription": _("Subscriptions"),
    "offer": _("Offers"),
    "bank_account": _("Bank details"),
    "payment": _("Payments"),
    "salesperson": _("Salespeople"),
    "prospect": _("Prospects"),
}
MODELS: dict[str, type[Model]] = {
    "contact": Contact,
    "client": Client,
    "contract": Contract,
    "subscription": Subscription,
}
COUNTED = ("created", "updated", "unchanged", "skipped", "failed")
# Beside those of sync.colleague.faults, which tell what was wrong with a piece.
OUR_REASONS = {
    "candidates": _("Several contacts answer to it: choose which one is meant."),
    "shared_contract": _("This contract stands under two prospects: it stays with prospect %(holder)s."),
    "moved_contract": _("The contract came over from prospect %(holder)s, who is in the list no more."),
    "other_client": _("This contract stands here under another client, %(client)s: it stays there."),
    "shared_phone": _("Another prospect has the same phone: they are kept apart, as their e-mails differ."),
    "twice_in_list": _("This prospect stands twice in the list: the first one was taken."),
    "refused_here": _("It could not be written: %(why)s"),
    "deleted_here": _("It was deleted here, and stays so."),
    "no_salesperson": _("The salesperson has no e-mail address by which a member could be found."),
    "account_refused": _("The account was not taken: %(why)s"),
    "recent": _("%(field)s: “%(ours)s” here, “%(theirs)s” in the source."),
    "absent": _("The source sends it no more."),
    "back": _("The source sends it again."),
    "salesperson": _("The salesperson changed in the source: %(before)s, then %(after)s."),
}
# What stands in a reason of ours and may name somebody.
NAMING = ("client", "why")


@dataclass
class Report:
    """What one batch adds to its run."""

    run: ColleagueRun
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    told: Counter[str] = field(default_factory=Counter)
    lines: list[ColleagueRunLine] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    doubtful: bool = False
    # {number of a prospect: its element}: of those that lines tell of, the whole is kept.
    elements: dict[int, Element] = field(default_factory=dict)

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        if number:
            self.counts[kind][outcome] += number

    def tell(
        self,
        outcome: str,
        kind: str,
        code: str,
        *,
        number: int | None = None,
        path: str = "",
        piece: str = "",
        masked: str = "",
        about: Model | tuple[str, int | None] | None = None,
        **params: Any,
    ) -> None:
        self.told[outcome] += 1
        if self.run.told.get(outcome, 0) + self.told[outcome] > KEPT_LINES:
            return
        if isinstance(about, Model):
            about = (about._meta.label_lower, about.pk)
        kind_of, pk = about or ("", None)
        self.lines.append(
            ColleagueRunLine(
                run_id=self.run.pk, outcome=outcome, kind=kind, number=number, path=path[:200], code=code,
                params=params, piece=piece, masked=masked, target_type=kind_of, target_id=pk,
            )
        )  # fmt: skip

    def tell_faults(self, faults: Iterable[Fault], number: int | None) -> None:
        """What was wrong with what was sent; what is left out is counted as failed."""
        for one in faults:
            kind = kind_of_path(one.path)
            if one.effect in (Effect.LEFT_OUT, Effect.REFUSED):
                self.count(kind, "failed")
            params: dict[str, Any] = {f"p_{name}": str(value) for name, value in one.params.items()}
            outcome = Outcome.NOTICE if one.effect is Effect.KEPT else Outcome.FAILED
            self.tell(
                outcome, kind, one.code, number=number, path=one.path, piece=one.piece, masked=one.masked,
                effect=str(one.effect), **params,
            )  # fmt: skip

    def tell_wins(
        self, kind: str, about: Model, worth: Iterable[tuple[str, Win, Any, Told]], number: int | None
    ) -> None:
        """Where both sides knew a field: who won, and what each said."""
        for name, win, ours, told in worth:
            self.tell(
                Outcome.OURS if win is Win.OURS else Outcome.THEIRS,
                kind,
                "recent",
                number=number,
                about=about,
                field=name,
                ours=_short(ours),
                theirs=_short(told.value),
                at=told.at.isoformat() if told.dated else "",
            )

    def save(self) -> None:
        """Add it to the run, which the caller has locked, and saves."""
        run = self.run
        counts: dict[str, dict[str, int]] = {kind: dict(found) for kind, found in run.counts.items()}
        for kind, found in self.counts.items():
            into = counts.setdefault(kind, {})
            for name, number in found.items():
                into[name] = into.get(name, 0) + number
        run.counts = counts
        run.told = dict(Counter(run.told) + self.told)
        run.ignored = sorted({*run.ignored, *self.ignored})[:KEPT_NAMES]
        run.doubtful = run.doubtful or self.doubtful
        sums = {name: sum(found.get(name, 0) for found in counts.values()) for name in COUNTED}
        run.created, run.updated, run.failed = sums["created"], sums["updated"], sums["failed"]
        run.conflicts = run.told.get("conflict", 0)
        keep_elements(run, self.lines, self.elements)
        insert_objects(self.lines)


def _short(value: Any) -> str:
    if isinstance(value, Model):
        return str(value)[:120]
    return "…" if isinstance(value, Mapping) else str(form(value))[:120]


def kind_of_path(path: str) -> str:
    """What a fault is about: the innermost piece of its path."""
    for part, kind in (
        ("paiements[", "payment"),
        ("contrats[", "contract"),
        (".offre", "offer"),
        ("Souscription[", "subscription"),
        ("informationsPaiement", "bank_account"),
        ("commercial.", "salesperson"),
    ):
        if part in path:
            return kind
    return "prospect"


def _in_words(kind: str, params: Mapping[str, Any]) -> dict[str, str]:
    """A field by its name, and values of choices by theirs, as the record's page says them."""
    column: Any = MODELS[kind]._meta.get_field(params["field"])
    choices = dict(column.flatchoices)
    said = {name: str(choices.get(params[name], params[name])) or "–" for name in ("ours", "theirs")}
    if column.name in ("phone", "mobile"):
        said = {name: format_phone(text) if text.startswith("+") else text for name, text in said.items()}
    return {"field": str(column.verbose_name), **said}


def reason_of(line: ColleagueRunLine, *, hide: bool, hide_values: bool = False) -> str:
    """Why, in the language that is active.

    `hide`: without texts of people, for who may not see them; `hide_values`: nor what a record says.
    """
    if line.code in OUR_REASONS:
        params = dict(line.params)
        if line.code == "recent":
            params |= _in_words(line.kind, params)
            if hide_values or (hide and line.kind in ("contact", "client")):
                params |= {"ours": HIDDEN, "theirs": HIDDEN}
        elif hide:
            params |= {name: HIDDEN for name in NAMING if name in params}
        return str(OUR_REASONS[line.code]) % params
    params = {name.removeprefix("p_"): value for name, value in line.params.items() if name.startswith("p_")}
    if hide and "value" in params:
        params["value"] = HIDDEN
    params = {name: str(TYPES.get(value, value)) for name, value in params.items()}
    text = str(REASONS.get(line.code, line.code))
    return text % params if params else text
