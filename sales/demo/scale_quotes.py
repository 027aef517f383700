# ruff: noqa: SIM905 (columns read better as text)
"""Many quotes for `seed_scale --invoices N`; tests/sales/test_scale.py compares them with the models."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from digiweb.demo.scale import Scale, without_words
from sales.demo.scale_documents import SUBJECTS, Buyer, Numbers, copy_rows, rate_of, taxed
from sales.models import Agency, Quote, QuoteLine, Series

QUOTE = (
    "id created_at updated_at version number agency_id client_id company_id contact_id owner_id deal_id "
    "subject introduction terms order_reference language treatment discount_percent discount_amount net vat "
    "gross facts sort_name search_text status root revision replaces_id quoted_on valid_until "
    "deposit_percent monthly_net yearly_net sent_at opened_at answered_at answer_name answer_email answer_ip "
    "refusal_reason token_hash link_serial contract_id pdf pdf_sha256 quoted_key"
).split()
# Of a hundred that are older than they are valid.
STATUSES: tuple[tuple[str, int], ...] = (("accepted", 52), ("refused", 28), ("expired", 18), ("draft", 2))
# Of those that are still valid.
FRESH: tuple[tuple[str, int], ...] = (("sent", 60), ("accepted", 20), ("draft", 15), ("refused", 5))
VALID = 30
# The last of fifty took the place of the one before it.
TURN = 50


def scale_quotes(scale: Scale, agencies: list[Agency], buyers: list[Buyer], drawn: list[int]) -> None:
    """A quote for each place of `drawn`; who accepted one is remembered (`Buyer.quote`)."""
    first = (Quote.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    numbers = Numbers(str(Series.Kind.QUOTE), agencies)
    with without_words(Quote):
        scale.write(Quote, QUOTE, _quotes(scale, agencies, buyers, drawn, first, numbers), len(drawn))
    numbers.keep()
    rate = f"CASE WHEN id %% 12 = 0 THEN {rate_of(0)} ELSE {rate_of(1)} END"
    line = {
        "quote_id": "id", "position": "1", "kind": "'item'", "label": "subject", "description": "''",
        "quantity": "1", "unit": "'LS'", "unit_price": "net", "discount_percent": "0", "vat_rate": rate,
        "net": "net", "period": "'once'", "is_optional": "0", "is_chosen": "0",
    }  # fmt: skip
    copy_rows(scale, QuoteLine, line, "FROM sales_quote WHERE id", first, len(drawn))


def _quotes(
    scale: Scale,
    agencies: list[Agency],
    buyers: list[Buyer],
    drawn: list[int],
    first: int,
    numbers: Numbers,
) -> Iterator[tuple[Any, ...]]:
    number, today = len(drawn), timezone.localdate(scale.end)
    rng = random.Random(number)  # noqa: S311 (repeatable)
    root = ""
    for row in range(number):
        pk, follows = first + row, row % TURN == TURN - 1
        buyer = buyers[drawn[row - 1 if follows else row]]
        # Of ten, the first agency makes eight; both of a pair are of one.
        agency = agencies[row // TURN % 5 == 0 and len(agencies) > 1].pk
        moment = scale.moment(row, number)
        at, day = moment.replace(tzinfo=None), timezone.localdate(moment)
        until = day + timedelta(days=VALID)
        kinds, weights = zip(*(FRESH if until >= today else STATUSES), strict=True)
        status = rng.choices(kinds, weights=weights)[0]
        if row % TURN == TURN - 2 and row + 1 < number:
            status = "replaced"
        elif follows and status == "draft":
            status = "sent" if until >= today else "expired"
        root = root if follows else numbers.take(agency, day)
        text = f"{root}-v2" if follows else root
        subject = row % len(SUBJECTS)
        net = Decimal(20_000 + row * 7919 % 1_900_000) / 100
        vat = taxed(net, pk)
        if status == "accepted":
            buyer.quote = pk
        draft, answered = status == "draft", status in ("accepted", "refused")
        later = (moment + timedelta(days=1 + row % 20)).replace(tzinfo=None)
        yield (
            pk, at, at, 1, text, agency, buyer.client, buyer.company, buyer.contact, buyer.owner, buyer.deal,
            SUBJECTS[subject], "", "", "", "fr", "standard", 0, 0, net, vat, net + vat,
            None if draft else f'{{"buyer": {buyer.facts}}}', buyer.sort_name,
            buyer.search_text(text, subject), status, root, 2 if follows else 1, pk - 1 if follows else None,
            day, until, 30 if row % 3 else 0, 0, 0, None if draft else at, later if answered else None,
            later if answered else None, "", "", None, "Budget" if status == "refused" else "", None, 0, None,
            "", "", day,
        )  # fmt: skip
