"""What comes of a yes, in one transaction: deal won, client, contract, subscription, deposit.

Locks in the house's order (crm/services/holding.py): contact, deal, company, then the quote; clients and what
is theirs follow.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Client, Deal
from crm.services.client import make_client
from crm.services.client_signs import follows_clients
from crm.services.deal import change_deal
from crm.services.holding import hold
from digiweb.changes import change_record
from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT, spread
from sales.models import Contract, Quote, QuoteLine, QuoteMessage, Subscription
from sales.models.document import Document
from sales.services.contract import create_contract
from sales.services.quote import AROUND, also_of, figures_of, sums_of_quote
from sales.services.quote_answer import UNLOGGED, check_open, tell_owner
from sales.services.quote_sending import ask_for_message
from sales.services.quote_sums import QuoteSums, with_choices
from sales.services.subscription import create_subscription

TWO_PLACES = Decimal("0.01")


@transaction.atomic
@follows_clients
def accept_quote(
    *,
    user: Any,
    quote: Quote,
    name: str,
    email: str = "",
    ip: str | None = None,
    chosen: Collection[int] = (),
    sha256: str = "",
    on: date | None = None,
) -> Quote:
    """The client says yes, to the bytes whose hash is `sha256` where the client did it themself.

    `chosen` are the numbers of the optional lines that they take; `on` (today) is the day. `user` is who
    notes a signature on paper, None where the client accepted on line. Said twice, it is said once. Raises
    ValidationError for a quote that is not open or another document than the one that was read.
    """
    hold(
        contacts=[quote.contact_id, quote.deal.contact_id if quote.deal else None],
        deals=[quote.deal_id],
        companies=[quote.company_id],
    )
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    prefetch_related_objects([held], *AROUND)
    if held.status == Quote.Status.ACCEPTED:
        quote.__dict__.update(held.__dict__)
        return held
    check_open(held)
    if sha256 and sha256 != held.pdf_sha256:
        raise ValidationError(_("The quote is another one than the one you read: load the page again."))
    _check_name(name)
    _choose(held, chosen)
    lines = with_choices(held.lines.order_by("position", "id"))
    sums = sums_of_quote(held, lines)
    day = on or timezone.localdate()
    client = _client_of(user, held, day)
    contract = _contract_of(user, held, client, lines, sums, day)
    _win(user, held, contract)
    values = {
        "status": Quote.Status.ACCEPTED,
        "answered_at": timezone.now(),
        "answer_name": name.strip()[:160],
        "answer_email": email,
        "answer_ip": ip or None,
        "client": client,
        "contract": contract,
        **figures_of(sums),
    }
    if user is None and held.opened_at is None:
        values["opened_at"] = values["answered_at"]
    also = (*also_of(held), contract, *((client,) if held.client is None else ()))
    change_record(
        user=user,
        obj=quote,
        values=values,
        also=also,
        action="accepted",
        unlogged=(*UNLOGGED, "vat", "gross"),
    )
    _deposit(user, quote)
    if user is None:
        text = _("%(client)s accepted quote %(quote)s: %(amount)s before tax")
        about = {"client": quote.addressee, "quote": quote, "amount": money(contract.amount)}
        tell_owner(quote, "quote.accepted", text % about)
    if email:
        _confirm(user, quote, sums)
    return quote


def _check_name(name: str) -> None:
    if not name.strip():
        raise ValidationError({"name": _("Say who accepts.")})


def _choose(quote: Quote, chosen: Collection[int]) -> None:
    """Only optional lines of this quote can be chosen; another number is a mistake of the page."""
    optional = quote.lines.filter(is_optional=True, kind=QuoteLine.Kind.ITEM)
    if set(chosen) - set(optional.values_list("pk", flat=True)):
        raise ValidationError(_("An option is not one of this quote: load the page again."))
    optional.update(is_chosen=False)
    optional.filter(pk__in=chosen).update(is_chosen=True)


def _maker(user: Any, module: str) -> Any:
    """Who makes what follows: the person where they may, else the house itself."""
    return user if user is not None and user.can(module, "create") else None


def _client_of(user: Any, quote: Quote, on: date) -> Client:
    if quote.client is not None:
        return quote.client
    subject: Any = quote.company or quote.contact
    return make_client(
        user=_maker(user, Client.module), subject=subject, values={"signed_on": on, "owner": quote.owner}
    )


def _contract_of(
    user: Any,
    quote: Quote,
    client: Client,
    lines: Sequence[dict[str, Any]],
    sums: QuoteSums,
    on: date,
) -> Contract:
    """The contract, signed, with the lines that count at what they come to after all discounts."""
    counted = [line for line in lines if counts(line)]
    monthly = [line for line in counted if line["period"] == QuoteLine.Period.MONTH]
    subscription = _subscription_of(user, quote, client, monthly, sums.month.net, on)
    offers = {line["offer"] for line in counted if line["offer"]}
    contract = Contract(
        client=client,
        owner=quote.owner,
        offer_id=offers.pop() if len(offers) == 1 else None,
        subscription=subscription,
        description=_("Quote %(number)s: %(subject)s") % {"number": quote.number, "subject": quote.subject},
        status=Contract.Status.SIGNED,
        signed_on=on,
        starts_on=on,
    )
    contract_lines = contract_lines_of(quote, counted, sums)
    return create_contract(user=_contract_maker(user, quote), contract=contract, lines=contract_lines)


def _contract_maker(user: Any, quote: Quote) -> Any:
    """Contracts are made for the quote's salesperson, who may not be in reach of whoever notes the yes."""
    may = user is not None and user.can(Contract.module, "create")
    return user if may and (quote.owner_id == user.pk or user.is_admin) else None


def counts(line: dict[str, Any]) -> bool:
    """Whether a line is part of what was accepted."""
    return line["kind"] == QuoteLine.Kind.ITEM and (not line["is_optional"] or bool(line["is_chosen"]))


def contract_lines_of(quote: Quote, lines: Sequence[dict[str, Any]], sums: QuoteSums) -> list[dict[str, Any]]:
    """Lines as contracts have them: no discounts, two decimals; their sum is the quote's to the cent."""
    with_vat = quote.treatment == Document.Treatment.STANDARD
    found: dict[int, dict[str, Any]] = {}
    for period in QuoteLine.Period.values:
        mine = [line for line in lines if line["period"] == period]
        part = getattr(sums, period)
        off = spread(part.discount, [line["net"] for line in mine]) if part.discount else [NOUGHT] * len(mine)
        for line, share in zip(mine, off, strict=True):
            found[line["pk"]] = _contract_line(line, line["net"] - share, with_vat=with_vat)
    return [found[line["pk"]] for line in lines]


def _contract_line(line: dict[str, Any], net: Decimal, *, with_vat: bool) -> dict[str, Any]:
    quantity, price = line["quantity"], line["unit_price"]
    whole = quantity == quantity.quantize(TWO_PLACES) and price == price.quantize(TWO_PLACES)
    label = line["label"]
    if not whole or (quantity * price).quantize(TWO_PLACES) != net:
        label = f"{quantity.normalize():f} × {label}"[:200] if quantity != 1 else label
        quantity, price = Decimal(1), net
    return {
        "label": label,
        "quantity": quantity.quantize(TWO_PLACES),
        "unit_amount": price.quantize(TWO_PLACES),
        "vat_rate": line["vat_rate"] if with_vat else Decimal(0),
        "period": line["period"],
    }


def _subscription_of(
    user: Any, quote: Quote, client: Client, lines: Sequence[dict[str, Any]], net: Decimal, on: date
) -> Subscription | None:
    """What is paid by the month, as one subscription."""
    if not lines or not net:
        return None
    offers = {line["offer"] for line in lines if line["offer"]}
    subscription = Subscription(
        client=client,
        offer_id=offers.pop() if len(offers) == 1 else None,
        label=(lines[0]["label"] if len(lines) == 1 else quote.subject)[:160],
        monthly_amount=net,
        started_on=on,
    )
    may = user is not None and user.can(Subscription.module, "create") and client.owner_id == user.pk
    return create_subscription(user=user if may else None, subscription=subscription)


def _win(user: Any, quote: Quote, contract: Contract) -> None:
    """The deal is won, for what was signed."""
    deal = quote.deal
    if deal is None or deal.stage == Deal.Stage.WON:
        return
    values = {"stage": Deal.Stage.WON, "amount": contract.amount, "closed_on": contract.signed_on}
    change_deal(user=user, deal=deal, values=values)


def _deposit(user: Any, quote: Quote) -> None:
    """A draft of a deposit invoice, where one is asked for: whoever makes invoices registered how."""
    if not quote.deposit_percent or not quote.gross:
        return
    for make in deposit_makers:
        make(user=_maker(user, "sales.invoice"), quote=quote)


# `create_deposit_draft(user=, quote=)` of the invoices, which lie beside; filled in apps.py.
deposit_makers: list[Any] = []


def _confirm(user: Any, quote: Quote, sums: QuoteSums) -> None:
    """The client gets what they accepted, and what comes next, by e-mail."""
    with translation.override(quote.language):
        about = {
            "name": quote.answer_name,
            "number": quote.number,
            "day": date_format(timezone.localtime(quote.answered_at), "DATETIME_FORMAT"),
            "amount": money(sums.once.gross or sums.month.gross or sums.year.gross),
            "hash": quote.pdf_sha256,
            "agency": str(quote.agency),
        }
        ask_for_message(
            quote=quote,
            kind=QuoteMessage.Kind.CONFIRMATION,
            to=quote.answer_email,
            subject=_("Quote %(number)s is accepted") % about,
            body=_(
                "Hello %(name)s,\n\nthank you: quote %(number)s was accepted on %(day)s. The document "
                "that you accepted is attached (SHA-256 %(hash)s); keep it. We are getting in touch about "
                "what comes next.\n\n%(agency)s"
            )
            % about,
            user=user,
        )
