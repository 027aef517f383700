"""What is to be written of one source, beside what was closed and cannot be changed any more."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sales.amounts import NOUGHT
from sales.books.entries import IN_MISC, Draft, Posting

Place = tuple[str, Decimal | None, str, str]


def sums_by_place(postings: Iterable[Posting]) -> dict[Place, Decimal]:
    found: dict[Place, Decimal] = {}
    for posting in postings:
        found[posting.place] = found.get(posting.place, NOUGHT) + posting.amount
    return found


def plan(
    source: str,
    wanted: Sequence[Draft],
    closed: Sequence[Posting],
    closed_keys: Collection[str],
    *,
    closed_until: date | None,
    today: date,
    label: str,
) -> list[Draft]:
    """The open entries of a source: with the closed ones they come to what is wanted, place by place.

    What was closed stays. Where it told something else (money that was matched later, a match that was taken
    back), an entry of the first day that is open, or of today, sets it right.
    """
    fresh = [
        draft
        for draft in wanted
        if draft.key not in closed_keys and (closed_until is None or draft.on > closed_until)
    ]
    if len(fresh) == len(wanted) and not closed_keys:
        return fresh
    differs: dict[Place, Decimal] = sums_by_place(p for draft in wanted for p in draft.postings)
    samples: dict[Place, Posting] = {p.place: p for draft in wanted for p in draft.postings}
    told = [*closed, *(p for draft in fresh for p in draft.postings)]
    for posting in told:
        samples.setdefault(posting.place, posting)
    for place, amount in sums_by_place(told).items():
        differs[place] = differs.get(place, NOUGHT) - amount
    postings = tuple(_moved(samples[place], amount) for place, amount in differs.items() if amount)
    if not postings:
        return fresh
    on = today if closed_until is None else max(today, closed_until + timedelta(days=1))
    piece, piece_on = _piece(wanted)
    taken = len(closed_keys)
    while f"{source}:more{taken}" in closed_keys:
        taken += 1
    more = Draft(f"{source}:more{taken}", IN_MISC, on, piece or source, piece_on or on, label, postings)
    return [*fresh, more]


def _moved(sample: Posting, amount: Decimal) -> Posting:
    return Posting(
        sample.role, amount, sample.rate, sample.category, sample.aux, sample.invoice, sample.payment
    )


def _piece(wanted: Sequence[Draft]) -> tuple[str, date | None]:
    return (wanted[-1].piece, wanted[-1].piece_on) if wanted else ("", None)


def check_balanced(drafts: Iterable[Draft]) -> None:
    """Raise ValueError for an entry that does not come to nought: a fault of ours, never of data."""
    for draft in drafts:
        if draft.balance:
            raise ValueError(f"the entry {draft.key} is {draft.balance} out of balance")


def open_lines(
    lines: Iterable[tuple[tuple[str, str], str, Posting]],
) -> list[Posting]:
    """What is carried over to a new year of an account of clients: lines of which no letter tells that they
    come to nought.

    `lines` are (account, letter, posting). The lines of a letter of one client that come to nought go; all
    others stay, so the balance of each client is carried over whole.
    """
    groups: dict[tuple[str, str, str], list[Posting]] = {}
    found: list[Posting] = []
    for account, letter, posting in lines:
        code = posting.aux.code if posting.aux else ""
        if letter:
            groups.setdefault((account[0], code, letter), []).append(posting)
        else:
            found.append(posting)
    for group in groups.values():
        if sum((posting.amount for posting in group), NOUGHT):
            found += group
    return found
