"""What is left to invoice and to be paid of a deal, a quote, a company, a client (SPEC N4)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from sales.models import Invoice, Quote

NOUGHT = Decimal("0.00")


@dataclass(frozen=True)
class Figures:
    """Before tax: sold by accepted quotes, invoiced less credited, left to invoice; with tax: left to be
    paid.
    """

    sold: Decimal = NOUGHT
    invoiced: Decimal = NOUGHT
    to_invoice: Decimal = NOUGHT
    to_collect: Decimal = NOUGHT

    @property
    def says_something(self) -> bool:
        return bool(self.sold or self.invoiced or self.to_collect)


def figures_of(user: Any, name: str, record: Any) -> Figures:
    """Of the record whom `name` (deal, quote, company, client) points at, as far as `user` sees its
    documents.

    What is left to invoice is counted quote by quote, so that an invoice without a quote takes nothing off.
    """
    issued = Invoice.objects.visible_to(user).filter(status=Invoice.Status.ISSUED)
    mine = issued.filter(**{f"{name}_id": record.pk})
    billed = mine.filter(corrects=None).aggregate(net=Sum("net"), owed=Sum("balance"))
    credited = mine.filter(corrects__isnull=False).aggregate(net=Sum("net"))["net"] or NOUGHT
    quotes = Quote.objects.visible_to(user).filter(status=Quote.Status.ACCEPTED)
    quotes = quotes.filter(pk=record.pk) if name == "quote" else quotes.filter(**{f"{name}_id": record.pk})
    sold = dict(quotes.order_by().values_list("pk", "net"))
    of_quotes: dict[int, Decimal] = {}
    if sold:
        plus = Invoice.objects.filter(status=Invoice.Status.ISSUED, corrects=None, quote__in=sold)
        minus = Invoice.objects.filter(status=Invoice.Status.ISSUED, corrects__quote__in=sold)
        for pk, net in plus.order_by().values_list("quote_id").annotate(Sum("net")):
            of_quotes[pk] = of_quotes.get(pk, NOUGHT) + net
        for pk, net in minus.order_by().values_list("corrects__quote_id").annotate(Sum("net")):
            of_quotes[pk] = of_quotes.get(pk, NOUGHT) - net
    left = sum((max(net - of_quotes.get(pk, NOUGHT), NOUGHT) for pk, net in sold.items()), NOUGHT)
    return Figures(
        sold=sum(sold.values(), NOUGHT),
        invoiced=(billed["net"] or NOUGHT) - credited,
        to_invoice=left,
        to_collect=billed["owed"] or NOUGHT,
    )


def quotes_to_invoice() -> QuerySet:
    """Accepted quotes of which issued invoices, less what was credited, do not bill all: their numbers."""
    money = DecimalField(max_digits=16, decimal_places=2)
    issued = Invoice.objects.filter(status=Invoice.Status.ISSUED).order_by()

    def billed(rows: QuerySet, by: str) -> Coalesce:
        sums = rows.filter(**{by: OuterRef("pk")}).values(by).annotate(sum=Sum("net")).values("sum")
        return Coalesce(Subquery(sums, output_field=money), Value(NOUGHT), output_field=money)

    plus = billed(issued.filter(corrects=None), "quote")
    minus = billed(issued, "corrects__quote")
    accepted = Quote.objects.filter(status=Quote.Status.ACCEPTED, net__gt=0)
    left: QuerySet = (
        accepted.annotate(billed=plus - minus).filter(billed__lt=F("net")).order_by().values("pk")
    )
    return left
