"""Commissions of the demo: rates, and a statement a month since the story began; the last ones are open."""

from datetime import date, time, timedelta
from decimal import Decimal

from digiweb.demo import Demo
from digiweb.periods import month_before, next_month
from sales.models import CommissionLine, CommissionRate, CommissionStatement, CommissionTerms, Offer
from sales.services.commission import add_up, recount_commissions

Status = CommissionStatement.Status
# By the beginning of the offer's name: its percentage, from the first month on.
BY_OFFER = (("Boutique", "8"), ("SEO", "10"), ("SEA", "6"), ("Application", "7.50"))
USUAL, RECURRING, PREMIUM = Decimal(5), Decimal(10), Decimal(150)


def build_commissions(demo: Demo) -> None:
    """Rates as data; statements by the service that counts them, closed and paid as if each month in turn."""
    first = month_before(demo.today, 11)
    CommissionTerms.objects.create(counts_from=first)
    rates = [
        CommissionRate(value=USUAL, starts_on=first),
        CommissionRate(value=RECURRING, part=CommissionRate.Part.RECURRING, starts_on=first),
    ]
    offers = list(Offer.objects.order_by("pk"))
    for word, percent in BY_OFFER:
        mine = [offer for offer in offers if offer.name.startswith(word)]
        rates += [CommissionRate(offer=offer, value=Decimal(percent), starts_on=first) for offer in mine[:1]]
    photo = next((offer for offer in offers if offer.name.startswith("Reportage")), None)
    fixed = CommissionRate.Basis.FIXED
    rates.append(CommissionRate(offer=photo, basis=fixed, value=PREMIUM, starts_on=first))
    CommissionRate.objects.bulk_create(rates if photo else rates[:-1])
    recount_commissions(demo.today)
    close_past(demo)
    CommissionRate.objects.update(created_at=demo.start, updated_at=demo.start)
    CommissionTerms.objects.update(created_at=demo.start, updated_at=demo.start)
    demo.counts[str(CommissionStatement._meta.verbose_name_plural)] = CommissionStatement.objects.count()


def close_past(demo: Demo) -> None:
    """All but the month that is over last and the present one are closed; all but the latest of them paid."""
    open_from = month_before(demo.today, 1)
    counts: dict[int, int] = {}
    for statement in CommissionStatement.objects.order_by("month", "person_id"):
        since = demo.at(statement.month, time(8, 0))
        CommissionLine.objects.filter(statement=statement).update(created_at=since, updated_at=since)
        CommissionStatement.objects.filter(pk=statement.pk).update(created_at=since, updated_at=since)
        if statement.month >= open_from:
            continue
        if statement.month.month % 4 == 0 and not counts.get(-statement.month.month):
            counts[-statement.month.month] = 1
            _adjust(demo, statement, since.date())
        year = statement.month.year
        counts[year] = counts.get(year, 0) + 1
        shut = _working_day(next_month(statement.month) + timedelta(days=2))
        statement.number = f"RC-{year}-{counts[year]:05d}"
        statement.status, statement.closed_at = Status.CLOSED, demo.at(shut, time(10, 30))
        statement.mailed_at = demo.at(shut, time(10, 31))
        if statement.month < month_before(open_from, 1):
            statement.status = Status.PAID
            statement.paid_on = _working_day(shut + timedelta(days=5))
        statement.save()
        CommissionStatement.objects.filter(pk=statement.pk).update(
            created_at=since, updated_at=statement.closed_at
        )


def _adjust(demo: Demo, statement: CommissionStatement, day: date) -> None:
    """A bonus by hand, now and then."""
    note = "Prime : parrainage d’un client"
    line = CommissionLine.objects.create(
        statement=statement,
        person_id=statement.person_id,
        month=statement.month,
        kind=CommissionLine.Kind.ADJUSTMENT,
        label=note,
        note=note,
        amount=Decimal(100),
        added_by=demo.people.get("admin"),
    )
    since = demo.at(day, time(8, 0))
    CommissionLine.objects.filter(pk=line.pk).update(created_at=since, updated_at=since)
    add_up(statement)


def _working_day(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day
