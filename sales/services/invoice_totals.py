"""What the invoices of a list come to."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from digiweb.hints import by_counting_index
from digiweb.paging import supports_branches
from sales.amounts import NOUGHT, to_cent
from sales.models import Invoice
from sales.models.invoice import SUMMED

# Issued ones count; a credit note takes away what it credits, and nobody owes it.
_ISSUED = f"status = '{Invoice.Status.ISSUED}'"
_NOTE = f"kind = '{Invoice.Kind.CREDIT_NOTE}'"
_SUMS = ", ".join(
    f"SUM(CASE WHEN {_ISSUED} THEN {amount} ELSE 0 END)"
    for amount in (
        f"CASE WHEN {_NOTE} THEN -net ELSE net END",
        f"CASE WHEN {_NOTE} THEN -gross ELSE gross END",
        f"CASE WHEN {_NOTE} THEN 0 ELSE balance END",
    )
)


class Totals(NamedTuple):
    """Before tax, with tax, left to pay; and of how many issued invoices and credit notes."""

    net: Decimal = NOUGHT
    gross: Decimal = NOUGHT
    owed: Decimal = NOUGHT
    number: int = 0


def totals_of(portions: Sequence[QuerySet]) -> Totals:
    """The sums of filtered invoices, in one query, if possible out of an index alone.

    `portions` must have no row in common, as those that are counted (digiweb/scopes.py). Whoever calls has
    counted them: the sums read every row.
    """
    if not supports_branches(portions[0]):
        portions = [reduce(or_, portions)]
    connection = connections[portions[0].db]
    parts: list[str] = []
    params: list[Any] = []
    for portion in by_counting_index(list(portions), SUMMED):
        with suppress(EmptyResultSet):
            columns = portion.order_by().values(*SUMMED)
            sql, values = columns.query.get_compiler(connection=connection).as_sql()
            parts.append(sql)
            params += values
    if not parts:
        return Totals()
    rows = " UNION ALL ".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SUMS}, COUNT(CASE WHEN {_ISSUED} THEN 1 END) FROM ({rows}) found",  # noqa: S608
            params,
        )
        *sums, number = cursor.fetchone()
    net, gross, owed = (to_cent(Decimal(str(each or 0))) for each in sums)
    return Totals(net, gross, owed, number)
