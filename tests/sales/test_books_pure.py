"""Entries as pure functions: whatever happens, they come to nought and tell what the documents do."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sales.amounts import Line, sums_of
from sales.books.entries import (
    Aux,
    Draft,
    Loss,
    Match,
    Money,
    Posting,
    Sale,
    SoldLine,
    Step,
    loss_entry,
    money_entry,
    parts_of,
    sale_entry,
    vat_entries,
    vat_shares,
    vat_within,
)
from sales.books.plan import open_lines, plan, sums_by_place
from sales.books.years import fiscal_year, fiscal_year_of

D = Decimal
DAY = date(2026, 3, 2)
AUX = Aux("411000001", "Boulangerie Lefèvre", 1)
RATES = st.sampled_from([D("20.00"), D("10.00"), D("5.50"), D("0.00")])
CENTS = st.integers(1, 5_000_000).map(lambda cents: D(cents) / 100)


@st.composite
def sales(draw: Any, pk: int = 1, sign: int = 1) -> Sale:
    """An invoice of some lines, some of which are deposits."""
    lines = draw(
        st.lists(st.tuples(RATES, CENTS, st.sampled_from(["", "web"]), st.booleans()), min_size=1, max_size=5)
    )
    sums = sums_of(Line(D(1), price, rate) for rate, price, _category, _deposit in lines)
    return Sale(
        pk=pk,
        number=f"FA-{pk}",
        on=DAY,
        label="Facture",
        aux=AUX,
        sign=sign,
        gross=sums.gross,
        rates=tuple((each.rate, each.base, each.vat) for each in sums.rates),
        lines=tuple(SoldLine(rate, price, category, deposit) for rate, price, category, deposit in lines),
        pending=draw(st.booleans()),
    )


@given(sales(), st.sampled_from([1, -1]))
def test_a_sale_balances_and_tells_its_total(sale: Sale, sign: int) -> None:
    entry = sale_entry(Sale(**{**sale.__dict__, "sign": sign}))
    assert entry.balance == 0
    sums = sums_by_place(entry.postings)
    assert sums[("client", None, "", AUX.code)] == sign * sale.gross
    vat = sum(amount for place, amount in sums.items() if place[0] in ("vat", "pending"))
    assert vat == -sign * sum(each for _rate, _base, each in sale.rates)


@given(sales(), CENTS)
def test_a_discount_is_spread_over_what_was_sold(sale: Sale, discount: Decimal) -> None:
    rates = tuple(
        (rate, base - min(discount, base / 2).quantize(D("0.01")), vat) for rate, base, vat in sale.rates
    )
    parts = parts_of(Sale(**{**sale.__dict__, "rates": rates}))
    for rate, base, _vat in rates:
        assert sum(part.net for part in parts if part.rate == rate) == base


@given(CENTS, st.lists(CENTS, max_size=4), st.booleans(), st.sampled_from([1, -1]))
def test_money_balances(rest: Decimal, matched: list[Decimal], known: bool, sign: int) -> None:
    matches = tuple(Match(pk, amount, AUX) for pk, amount in enumerate(matched))
    amount = rest + sum(matched, D(0))
    entry = money_entry(Money(1, "VIR", DAY, "Reçu", sign, amount, matches, AUX if known else None))
    assert entry.balance == 0
    sums = sums_by_place(entry.postings)
    assert sums[("bank", None, "", "")] == sign * amount
    assert sums.get(("client", None, "", AUX.code), D(0)) == -sign * sum(matched, D(0))


@given(sales(), st.integers(1, 100), st.sampled_from(["loss", "rounding", "gesture"]), st.booleans())
def test_a_loss_balances(sale: Sale, percent: int, reason: str, regular: bool) -> None:
    amount = (sale.gross * percent / 100).quantize(D("0.01"))
    vats = vat_within(amount, sale.gross, sale.vats) if regular else {}
    entry = loss_entry(Loss(1, DAY, reason, amount, sale.pk, sale.number, "Perte", AUX, vats, sale.pending))
    assert entry.balance == 0


@given(sales(), st.lists(st.integers(1, 60), max_size=6))
def test_vat_that_waits_is_gone_once_all_is_paid(sale: Sale, parts: list[int]) -> None:
    left, steps = sale.gross, []
    for place, percent in enumerate(parts):
        amount = min(left, (sale.gross * percent / 100).quantize(D("0.01")))
        left -= amount
        steps.append(Step(f"m{place}", DAY, "VIR", received=amount))
    steps.append(Step("last", DAY, "VIR", received=left))
    entries = vat_entries(sale, steps, "TVA")
    assert all(entry.balance == 0 for entry in entries)
    sums = sums_by_place(posting for entry in entries for posting in entry.postings)
    for rate, vat in sale.vats.items():
        assert sums.get(("pending", rate, "", ""), D(0)) == vat
        assert sums.get(("vat", rate, "", ""), D(0)) == -vat


@given(sales(), st.lists(st.integers(1, 50), max_size=6), st.lists(st.booleans(), min_size=7, max_size=7))
def test_no_cent_of_vat_waits_once_all_is_given_up(sale: Sale, parts: list[int], paid: list[bool]) -> None:
    """Given up in several parts, with some of it paid in between."""
    left, amounts = sale.gross, []
    for percent in parts:
        amounts.append(min(left, (sale.gross * percent / 100).quantize(D("0.01"))))
        left -= amounts[-1]
    amounts.append(left)
    lost = [amount for amount, is_paid in zip(amounts, paid, strict=False) if not is_paid]
    shares = iter(vat_shares(lost, sale.gross, sale.vats))
    steps, told = [], dict.fromkeys(sale.vats, D(0))
    for place, (amount, is_paid) in enumerate(zip(amounts, paid, strict=False)):
        if is_paid:
            steps.append(Step(f"m{place}", DAY, "VIR", received=amount))
            continue
        vats = next(shares)
        steps.append(Step(f"loss{place}", DAY, "FA", amount, vats))
        told = {rate: vat + vats.get(rate, D(0)) for rate, vat in told.items()}
    entries = vat_entries(sale, steps, "TVA")
    assert all(entry.balance == 0 for entry in entries)
    sums = sums_by_place(posting for entry in entries for posting in entry.postings)
    for rate, vat in sale.vats.items():
        assert sums.get(("pending", rate, "", ""), D(0)) + told[rate] == vat
        if not any(paid[: len(amounts)]):
            assert told[rate] == vat


@given(sales())
def test_vat_of_what_was_credited_and_paid_back_waits_no_more(sale: Sale) -> None:
    paid = Step("m1", DAY, "VIR", received=sale.gross)
    note = Step("note2", DAY, "AV", sale.gross, sale.vats)
    back = Step("m3", DAY, "VIR", received=-sale.gross)
    entries = vat_entries(sale, [paid, note, back], "TVA")
    sums = sums_by_place(posting for entry in entries for posting in entry.postings)
    assert not any(sums.values())


@st.composite
def drafts(draw: Any) -> list[Draft]:
    found = []
    for place in range(draw(st.integers(0, 3))):
        amount = draw(CENTS)
        role = draw(st.sampled_from(["client", "deposit", "suspense"]))
        postings = (Posting("bank", amount), Posting(role, -amount, aux=AUX))
        on = DAY + timedelta(days=draw(st.integers(0, 60)))
        found.append(Draft(f"payment:1:{place}", "bank", on, "VIR", on, "Reçu", postings))
    return found


@given(drafts(), drafts(), st.integers(-1, 70))
def test_what_was_closed_stays_and_all_comes_to_what_is_wanted(
    before: list[Draft], wanted: list[Draft], days: int
) -> None:
    until = DAY + timedelta(days=days) if days >= 0 else None
    closed = [draft for draft in before if until is not None and draft.on <= until]
    postings = [posting for draft in closed for posting in draft.postings]
    found = plan(
        "payment:1",
        wanted,
        postings,
        {draft.key for draft in closed},
        closed_until=until,
        today=DAY,
        label="Régularisation",
    )
    assert all(draft.balance == 0 for draft in found)
    assert all(until is None or draft.on > until for draft in found)
    keys = [draft.key for draft in (*closed, *found)]
    assert len(set(keys)) == len(keys)
    told = sums_by_place([*postings, *(p for draft in found for p in draft.postings)])
    asked = sums_by_place(p for draft in wanted for p in draft.postings)
    assert {k: v for k, v in told.items() if v} == {k: v for k, v in asked.items() if v}


def test_lines_of_a_letter_that_come_to_nought_are_not_carried_over() -> None:
    account = ("411000", "Clients")
    lines = [
        (account, "A", Posting("client", D(120), aux=AUX)),
        (account, "A", Posting("client", D(-120), aux=AUX)),
        (account, "B", Posting("client", D(60), aux=AUX)),
        (account, "", Posting("client", D(5), aux=AUX)),
    ]
    assert [posting.amount for posting in open_lines(lines)] == [D(5), D(60)]


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_every_day_is_of_one_fiscal_year(day: date, month: int) -> None:
    year = fiscal_year_of(day, month)
    assert day in year
    assert year.first.month == month
    assert year.last.year == year.year
    assert year.following.first == year.last + timedelta(days=1)
    assert year.previous.last == year.first - timedelta(days=1)


def test_a_year_that_begins_in_july_is_named_by_its_end() -> None:
    year = fiscal_year(2027, 7)
    assert (year.first, year.last) == (date(2026, 7, 1), date(2027, 6, 30))
