"""Verbs of quotes while they are drafts: made, changed, copied, deleted. Page, API, bulk action call them.

Sending is in quote_sending.py, what the client says in quote_answer.py, what comes of a yes in
quote_accepted.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.services.client import client_of
from digiweb.audit import Change, plain, record, record_many
from digiweb.changes import change_many, change_record, create_record
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from sales.amounts import to_cent
from sales.models import Quote, QuoteLine
from sales.models.series import Series
from sales.services.agency import default_agency
from sales.services.quote_sums import QuoteSums, as_values, line_net, lines_text, quote_sums
from sales.services.series import take_number
from sales.vat import buyer_of, proposed_language, proposed_treatment
from timeline.services.bin import move_to_bin
from timeline.services.sitting import AUTOSAVED

AROUND = ("agency", "client__company", "client__contact", "company", "contact", "deal", "owner")
# What sums depend on besides the lines.
SUMMED = ("discount_percent", "discount_amount", "treatment")
SUMS = ("net", "vat", "gross", "monthly_net", "yearly_net")
# What `NUMERIC(14, 2)` takes.
MOST = Decimal("999999999999.99")
# What a copy takes over.
COPIED = (
    "agency",
    "client",
    "company",
    "contact",
    "owner",
    "deal",
    "subject",
    "introduction",
    "terms",
    "order_reference",
    "language",
    "treatment",
    "discount_percent",
    "discount_amount",
    "deposit_percent",
)


@transaction.atomic
def create_quote(
    *, user: Any, quote: Quote, lines: Sequence[Mapping[str, Any]] = (), on: date | None = None
) -> Quote:
    """Save a new draft with its lines; it takes the next number of its agency's series.

    What is left out follows: the parties from the deal or the client, VAT and language from the
    buyer's country, validity and deposit from the agency. Raises PermissionDenied for an owner for
    whom `user` may not create
    quotes, ValidationError for what cannot be. `on` (today) is the day of the draft.
    """
    on = on or timezone.localdate()
    _settle_parties(user, quote)
    _settle_terms(quote, on)
    _settle_owner(user, quote)
    quote.clean()
    _set_sums(quote, lines)
    number = take_number(agency=quote.agency, kind=Series.Kind.QUOTE, on=on)
    quote.number = quote.root = number.text
    quote.revision = 1
    create_record(user=user, obj=quote, also=also_of(quote))
    write_lines(quote, lines)
    return quote


@transaction.atomic
def change_quote(
    *,
    user: Any,
    quote: Quote,
    values: Mapping[str, Any],
    version: int | None = None,
    lines: Sequence[Mapping[str, Any]] | None = None,
    autosaved: bool = False,
) -> dict[str, list[Any]]:
    """Change a draft; `lines` None leaves them. Its sums follow. What is `autosaved` is marked so in the log,
    so that time lines show a sitting as one.

    Raises StaleVersion when `version` is no longer the current one, ValidationError for a quote that was sent
    and for what cannot be.
    """
    before = Quote.objects.select_for_update().get(pk=quote.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    prefetch_related_objects([before], *AROUND)
    check_draft(before)
    present = as_values(before.lines.order_by("position", "id"))
    after = present if lines is None else [dict(line) for line in lines]
    # As the database gives amounts back, so that 5 is no change of 5.00.
    settled = {
        name: to_cent(value) if isinstance(value, Decimal) else value for name, value in values.items()
    }
    for name, value in settled.items():
        setattr(before, name, value)
    settled |= _settle_parties(user, before)
    if settled.get("treatment") == "":
        settled["treatment"] = before.treatment = _treatment_of(before)
    _check_days(before)
    sums = checked_sums(after, **{name: getattr(before, name) for name in SUMMED})
    data = {AUTOSAVED: True} if autosaved else {}
    changes = change_record(user=user, obj=quote, values=settled, also=also_of(before), data=data)
    if lines is not None and present != after:
        changes |= _change_lines(user, quote, present, after, sums, data)
    elif figures_of(sums) != {name: getattr(quote, name) for name in SUMS}:
        _save_sums(quote, sums)  # of the discount, which the event tells
    return changes


def _change_lines(
    user: Any,
    quote: Quote,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    sums: QuoteSums,
    data: Mapping[str, Any],
) -> dict[str, list[Any]]:
    """Lines and what they come to, as one change."""
    write_lines(quote, after)
    changes: dict[str, list[Any]] = {"lines": [lines_text(before), lines_text(after)]}
    now = figures_of(sums)
    told = {
        name: [plain(getattr(quote, name)), plain(now[name])] for name in ("net", "monthly_net", "yearly_net")
    }
    changes |= {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    quote.version += 1
    _save_sums(quote, sums, "version")
    record(user=user, action="changed", obj=quote, changes=changes, data=data)
    return changes


def _save_sums(quote: Quote, sums: QuoteSums, *besides: str) -> None:
    for name, value in figures_of(sums).items():
        setattr(quote, name, value)
    quote.save(update_fields=[*SUMS, *besides, "updated_at"])


@transaction.atomic
def change_quotes(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many quotes, sent ones too (salesperson); returns how many differed."""
    quotes = list(Quote.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    prefetch_related_objects(quotes, *AROUND)
    return len(change_many(user=user, objs=quotes, values=values, also=also_of))


@transaction.atomic
def delete_quotes(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move drafts with their lines to the bin as one batch; what a draft was to replace is open again.

    Raises ValidationError for a quote that was sent: it stays, whatever was said to it.
    """
    quotes = list(Quote.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    for quote in quotes:
        if not quote.is_draft:
            raise ValidationError(
                _("“%(quote)s” was sent: it cannot be deleted any more."), params={"quote": quote}
            )
    return move_to_bin(user=user, objs=quotes, batch=batch)


def quotes_came_or_went(quotes: Sequence[Quote], *, came: bool) -> None:
    """A version that leaves gives its place back to the one before it; one that returns takes it again."""
    replaced = [quote.replaces_id for quote in quotes if quote.replaces_id]
    now, then = (
        (Quote.Status.SENT, Quote.Status.REPLACED) if came else (Quote.Status.REPLACED, Quote.Status.SENT)
    )
    old = Quote.objects.select_for_update().filter(pk__in=replaced, status=now).order_by("pk")
    record_many(
        user=None,
        changes=[Change("changed", quote, {"status": [str(now), str(then)]}) for quote in old],
    )
    old.update(status=then)


@transaction.atomic
def duplicate_quote(*, user: Any, quote: Quote) -> Quote:
    """A new draft with the same parties and lines, under a number of its own."""
    return create_quote(user=user, quote=_copy_of(quote), lines=as_values(_lines_of(quote)))


@transaction.atomic
def make_version(*, user: Any, quote: Quote) -> Quote:
    """The next version of a quote that was sent, as a draft: « …-v2 ». One that waits for
    an answer is replaced.

    Raises ValidationError for a draft, for an accepted quote and for one that has a later version.
    """
    old = Quote.objects.select_for_update().get(pk=quote.pk)
    prefetch_related_objects([old], *AROUND)
    if old.is_draft or old.status in (Quote.Status.ACCEPTED, Quote.Status.REPLACED):
        raise ValidationError(
            _("“%(quote)s” is %(status)s: there is no new version of it."),
            params={"quote": old, "status": str(old.status_label).lower()},
        )
    if Quote.objects.filter(replaces=old).exists():
        raise ValidationError(_("“%(quote)s” has a later version already."), params={"quote": old})
    new, lines = _copy_of(old), as_values(_lines_of(old))
    new.root, new.replaces = old.root, old
    last = Quote.objects.filter(root=old.root).aggregate(last=Max("revision"))["last"]
    new.revision = int(last) + 1
    new.number = f"{old.root}-v{new.revision}"
    _settle_terms(new, timezone.localdate())
    _set_sums(new, lines)
    data = {"remark": str(old)}
    create_record(user=user, obj=new, also=also_of(new), data=data)
    write_lines(new, lines)
    if old.status == Quote.Status.SENT:
        values = {"status": Quote.Status.REPLACED}
        change_record(user=user, obj=old, values=values, also=also_of(old), action="replaced")
    quote.__dict__.update(old.__dict__)
    return new


# --- Parts of them


def also_of(quote: Quote) -> tuple[Any, ...]:
    """On whose time lines the events of a quote show too."""
    others = (quote.deal, quote.client, quote.company, quote.contact)
    return tuple(other for other in others if other is not None)


def check_draft(quote: Quote) -> None:
    """Raises ValidationError for a quote that left the house."""
    if not quote.is_draft:
        raise ValidationError(
            _("“%(quote)s” was sent and is not changed any more: make a new version."),
            code="frozen",
            params={"quote": quote},
        )


def checked_sums(
    lines: Sequence[Mapping[str, Any]], *, discount_percent: Decimal, discount_amount: Decimal, treatment: str
) -> QuoteSums:
    """`quote_sums`; raises ValidationError also for more than a column takes."""
    sums = quote_sums(
        lines, discount_percent=discount_percent, discount_amount=discount_amount, treatment=treatment
    )
    if max(sums.once.gross, sums.month.gross, sums.year.gross, sums.options) > MOST:
        raise ValidationError(_("The sum is too large."))
    return sums


def figures_of(sums: QuoteSums) -> dict[str, Decimal]:
    """The columns of a quote that follow from its lines."""
    return {
        "net": sums.once.net,
        "vat": sums.once.vat,
        "gross": sums.once.gross,
        "monthly_net": sums.month.net,
        "yearly_net": sums.year.net,
    }


def sums_of_quote(quote: Quote, lines: Sequence[Mapping[str, Any]]) -> QuoteSums:
    """What lines of this quote come to, under its discount and its VAT."""
    return checked_sums(lines, **{name: getattr(quote, name) for name in SUMMED})


def _set_sums(quote: Quote, lines: Sequence[Mapping[str, Any]]) -> None:
    for name, value in figures_of(sums_of_quote(quote, lines)).items():
        setattr(quote, name, value)


def write_lines(quote: Quote, lines: Sequence[Mapping[str, Any]]) -> None:
    """Make `lines` the quote's, in their order."""
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(
        QuoteLine(
            quote=quote,
            position=place,
            net=line_net(line),
            offer_id=line.get("offer"),
            **{name: value for name, value in line.items() if name != "offer"},
        )
        for place, line in enumerate(lines)
    )


def _lines_of(quote: Quote) -> Any:
    return quote.lines.order_by("position", "id")


def _copy_of(quote: Quote) -> Quote:
    return Quote(**{name: getattr(quote, name) for name in COPIED})


def _settle_parties(user: Any, quote: Quote) -> dict[str, Any]:
    """Who buys, filled from what is known of them; returns what it set. Raises ValidationError for nobody."""
    before = {name: getattr(quote, name) for name in ("client", "company", "contact")}
    if quote.deal is not None and not any(before.values()):
        quote.company, quote.contact = quote.deal.company, quote.deal.contact
    if quote.client is not None:
        quote.company = quote.client.company
        quote.contact = quote.contact or quote.client.contact
    if quote.company is None and quote.contact is not None:
        quote.company = quote.contact.company
    subject = quote.company or quote.contact
    if subject is None:
        raise ValidationError({"company": _("Say for whom it is: a client, a company or a contact.")})
    if quote.client is None:
        quote.client = client_of(subject)
    if not quote.subject.strip() and quote.deal is not None:
        quote.subject = quote.deal.title
    if not quote.subject.strip():
        raise ValidationError({"subject": _("Say what the quote is about.")})
    return {name: getattr(quote, name) for name in before if getattr(quote, name) != before[name]}


def _settle_terms(quote: Quote, on: date) -> None:
    """Agency, VAT, language, validity as they usually are, where nobody said."""
    if quote.agency_id is None:
        agency = default_agency()
        if agency is None:
            raise ValidationError({"agency": _("There is no agency yet: an administrator makes one.")})
        quote.agency = agency
    if not quote.treatment:
        quote.treatment = _treatment_of(quote)
    if not quote.language:
        quote.language = proposed_language(buyer_of(quote)[0])
    quote.quoted_on = on
    if quote.valid_until is None:
        quote.valid_until = on + timedelta(days=quote.agency.quote_days)
    _check_days(quote)
    if quote.deposit_percent is None:
        quote.deposit_percent = quote.agency.deposit_percent


def _treatment_of(quote: Quote) -> str:
    country, is_firm = buyer_of(quote)
    return proposed_treatment(quote.agency, country=country, is_firm=is_firm)


def _check_days(quote: Quote) -> None:
    if quote.valid_until < quote.quoted_on:
        raise ValidationError({"valid_until": _("It cannot end before it begins.")})


def _settle_owner(user: Any, quote: Quote) -> None:
    """One's own quotes, for a manager the team's, for who sees all anybody's; the system's whose ever."""
    if user is None:
        return
    reach = reach_of(user, Quote.module, "create")
    people = None if reach == "all" else people_in(user, reach) if reach else []
    if quote.owner_id is None:
        seller = getattr(quote.deal or quote.client or quote.company or quote.contact, "owner", None)
        known = seller is not None and (people is None or seller.pk in people)
        quote.owner = seller if known else user
    elif quote.owner_id != user.pk and people is not None and quote.owner_id not in people:
        raise PermissionDenied
