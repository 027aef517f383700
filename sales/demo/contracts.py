"""Contracts and subscriptions of the demo: what came of the deals that were won."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Client, Deal
from digiweb.changes import initial_values
from digiweb.demo import Demo
from sales.models import Contract, ContractLine, Offer, Subscription
from sales.services.contract import also_of
from sales.services.contract_totals import adjust_totals, figures_of
from sales.services.subscription import refresh_revenue

# By a word of the deal’s title: the offer, the months it lasts, what else is on the bill, and its price.
SOLD: tuple[tuple[str, str, int, str, int], ...] = (
    ("Refonte", "Refonte de site", 0, "Reprise des contenus et redirections", 600),
    ("Boutique", "Boutique en ligne", 0, "Formation d’une demi-journée", 350),
    ("Création", "Site vitrine", 0, "Rédaction de trois pages", 450),
    ("Référencement", "SEO – Référencement naturel", 12, "Étude de mots-clés", 490),
    ("Campagne", "SEA – Campagnes Google Ads", 6, "Création des campagnes", 350),
    ("Maintenance", "Maintenance", 12, "Mise en route", 90),
    ("Réseaux", "Réseaux sociaux", 6, "Charte éditoriale", 240),
    ("Identité", "Identité visuelle", 0, "Papeterie", 180),
    ("Reportage", "Reportage photo et vidéo", 0, "Droits de diffusion étendus", 150),
    ("rendez-vous", "Application de réservation", 0, "Reprise de l’agenda", 500),
    ("Formation", "Formation à la mise à jour", 0, "Support imprimé", 60),
)
# Offers by the month, and how often they are taken.
MONTHLY = (("Hébergement", 40), ("Maintenance", 35), ("Maintenance Premium", 6), ("SEO local", 10),
           ("SEO – Référencement naturel", 9))  # fmt: skip
REASONS = (
    "Cessation d’activité du client.",
    "Fonds de commerce vendu, le repreneur garde son prestataire.",
    "Impayés après trois relances.",
)
SOURCE_WORDS = ("En litige", "Suspendu juridique")


def build_contracts(demo: Demo, offers: dict[str, Offer]) -> list[Contract]:
    """A contract for each won deal of a client, numbered as they were signed, and some still waiting."""
    clients = {
        client.company_id: client for client in Client.objects.select_related("company", "contact", "owner")
    }
    deals = Deal.objects.select_related("company", "contact", "owner").order_by("closed_on", "pk")
    won = [deal for deal in deals.filter(stage=Deal.Stage.WON) if deal.company_id in clients]
    waiting = [
        deal
        for deal in deals.filter(stage=Deal.Stage.NEGOTIATION).order_by("pk")
        if deal.company_id in clients
    ]
    counts: dict[str, int] = defaultdict(int)
    contracts, lines = [], []
    for deal in [*won, *waiting[:8]]:
        client = clients[deal.company_id]
        contract, bill = _contract(demo, deal, client, offers, counts)
        contracts.append(contract)
        lines += bill
    _trouble(demo, [contract for contract in contracts if contract.status == Contract.Status.VALIDATED])
    demo.insert(contracts)
    demo.insert(lines)
    for contract in contracts:
        _told(demo, contract)
    adjust_totals([], [figures_of(contract) for contract in contracts])
    return contracts


def _contract(
    demo: Demo, deal: Deal, client: Client, offers: dict[str, Offer], counts: dict[str, int]
) -> tuple[Contract, list[ContractLine]]:
    draw = demo.draw
    signed = deal.closed_on
    agency = "BH" if deal.pk % 4 == 0 else "DFA"  # the two sister agencies
    day = signed or demo.today
    counts[f"{agency}-{day.year}"] += 1
    _word, name, months, besides, price = next(
        (one for one in SOLD if one[0].lower() in deal.title.lower()), SOLD[2]
    )
    start = day + timedelta(days=draw.between(5, 25))
    at = demo.at(day, time(draw.between(9, 17), draw.between(0, 59)))
    at = min(max(at, deal.created_at), demo.end)
    validated = day + timedelta(days=draw.between(1, 6)) if signed else None
    if validated and validated > demo.today:
        validated = None
    reference = f"{agency}-{day.year}-{counts[f'{agency}-{day.year}']:04d}"
    debit = months > 0 or draw.chance(0.2)
    contract = Contract(
        pk=demo.number(Contract),
        reference=reference,
        description=deal.title,
        client=client,
        owner=deal.owner,
        offer=offers[name],
        supplier=draw.pick(("OVHcloud", "Google", "")) if months else "",
        kind="Prestation récurrente" if months else "Prestation",
        status=_status(demo, signed, validated),
        amount=deal.amount,
        signed_on=signed,
        validated_on=validated,
        starts_on=start if signed else None,
        ends_on=_months_later(start, months or 12) - timedelta(1)
        if signed and (months or draw.chance(0.3))
        else None,
        payment_method=_method(demo, debit=debit),
        document_path=f"/contrats/{day.year}/{reference}.pdf" if signed else "",
        audit_trail_path=f"https://signature.example/audit/{reference}"
        if signed and draw.chance(0.6)
        else "",
        created_at=at,
        updated_at=at,
    )
    if contract.payment_method == Contract.PaymentMethod.DEBIT:
        contract.withdrawal_day = draw.pick((5, 10, 15, 25))
    if contract.ends_on and contract.ends_on < demo.today and contract.status == Contract.Status.VALIDATED:
        contract.status = Contract.Status.ENDED
    return contract, _lines(demo, contract, name, besides, Decimal(price))


def _status(demo: Demo, signed: date | None, validated: date | None) -> str:
    if signed is None:
        return Contract.Status.PENDING
    return Contract.Status.VALIDATED if validated else Contract.Status.SIGNED


def _method(demo: Demo, *, debit: bool) -> str:
    """How they pay; what is leased says so when the lease is signed (sales/demo/leases.py)."""
    if debit:
        return Contract.PaymentMethod.DEBIT
    return demo.draw.weighted(
        (
            (Contract.PaymentMethod.TRANSFER, 70),
            (Contract.PaymentMethod.CARD, 20),
            (Contract.PaymentMethod.CHEQUE, 10),
        )
    )


def _lines(demo: Demo, contract: Contract, name: str, besides: str, price: Decimal) -> list[ContractLine]:
    """What it is about: together exactly the deal's amount."""
    amount = contract.amount
    bill = [(name, amount, Decimal(1))]
    if price * 3 < amount and demo.draw.chance(0.7):
        bill = [(name, amount - price, Decimal(1)), (besides, price, Decimal(1))]
    return [
        ContractLine(
            pk=demo.number(ContractLine),
            contract=contract,
            position=place,
            label=label,
            quantity=quantity,
            unit_amount=unit,
            created_at=contract.created_at,
            updated_at=contract.created_at,
        )
        for place, (label, unit, quantity) in enumerate(bill)
    ]


def _months_later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day.day, 28))


def _trouble(demo: Demo, contracts: Sequence[Contract]) -> None:
    """Not all goes well: some end early, some say what we do not know, some left the source."""
    old = [one for one in contracts if one.signed_on and (demo.today - one.signed_on).days > 60]
    for contract in old[:: max(len(old) // 7, 1)][:7]:
        contract.status = Contract.Status.TERMINATED
        ended = demo.today - timedelta(days=demo.draw.between(3, 40))
        contract.ends_on = max(ended, contract.starts_on or ended)
        contract.termination_reason = demo.draw.pick(REASONS)
    rest = [one for one in old if one.status == Contract.Status.VALIDATED]
    for contract, words in zip(rest[3::9], SOURCE_WORDS, strict=False):
        contract.status, contract.status_text = Contract.Status.UNKNOWN, words
    for contract in rest[5::11][:3]:
        contract.absent_since = demo.end - timedelta(days=demo.draw.between(2, 20))


def _told(demo: Demo, contract: Contract) -> None:
    also = also_of(contract)
    changes = {
        name: pair
        for name, pair in initial_values(contract).items()
        if name in ("reference", "client", "owner", "offer", "amount")
    }
    demo.happened(contract.created_at, contract.owner, "created", contract, changes=changes, also=also)
    steps = (("signed", contract.signed_on), ("validated", contract.validated_on))
    for action, day in steps:
        at = max(demo.at(day, time(17, 30)), contract.created_at) if day else None
        if at is not None and at < demo.end:
            demo.happened(
                at, contract.owner, action, contract, changes={f"{action}_on": [None, str(day)]}, also=also
            )
    if contract.status == Contract.Status.TERMINATED and contract.ends_on:
        at = min(demo.at(contract.ends_on, time(11, 0)), demo.end - timedelta(hours=8))
        told = {"termination_reason": ["", contract.termination_reason]}
        demo.happened(at, contract.owner, "terminated", contract, changes=told, also=also)


def build_subscriptions(
    demo: Demo, offers: dict[str, Offer], contracts: Sequence[Contract]
) -> list[Subscription]:
    """What clients pay for by the month, from soon after they signed; their revenue follows."""
    draw = demo.draw
    rows: list[Any] = []
    for client in Client.objects.select_related("company", "contact", "owner").order_by("pk"):
        if client.signed_on is None or not draw.chance(0.72):
            continue
        taken: set[str] = set()
        for _ in range(draw.weighted(((1, 55), (2, 35), (3, 10)))):
            name = draw.weighted(MONTHLY)
            if name not in taken:
                taken.add(name)
                rows.append(_subscription(demo, client, offers[name]))
    demo.insert(rows)
    _name_contracts(rows, contracts)
    for one in rows:
        also = tuple(
            each for each in (one.client, one.client.company, one.client.contact) if each is not None
        )
        owner = one.client.owner
        demo.happened(one.created_at, owner, "created", one, changes=initial_values(one), also=also)
    refresh_revenue({one.client_id for one in rows})
    return rows


def _name_contracts(rows: Sequence[Subscription], contracts: Sequence[Contract]) -> None:
    """A client's subscriptions go with what they signed: the contract of that offer, else the first one."""
    signed: dict[int, list[Contract]] = {}
    for contract in contracts:
        if contract.signed_on is not None:
            signed.setdefault(contract.client_id, []).append(contract)
    named = []
    for one in rows:
        free = signed.get(one.client_id, [])
        if not free:
            continue
        contract = next((each for each in free if each.offer_id == one.offer_id), free[0])
        free.remove(contract)
        contract.subscription = one
        named.append(contract)
    Contract.objects.bulk_update(named, ["subscription"])


def _subscription(demo: Demo, client: Client, offer: Offer) -> Subscription:
    draw = demo.draw
    assert client.signed_on is not None  # noqa: S101
    start = min(client.signed_on + timedelta(days=draw.between(10, 45)), demo.today)
    at = min(demo.at(start, time(draw.between(9, 17), 0)), demo.end - timedelta(hours=1))
    status, end = Subscription.Status.ACTIVE, None
    if client.status == Client.Status.CHURNED:
        status = Subscription.Status.ENDED
        end = max(start, demo.today - timedelta(days=draw.between(5, 60)))
    elif client.status == Client.Status.INACTIVE or draw.chance(0.04):
        status = Subscription.Status.PAUSED
    elif draw.chance(0.04):
        end = demo.today + timedelta(days=draw.between(10, 60))
    return Subscription(
        pk=demo.number(Subscription),
        client=client,
        offer=offer,
        label=offer.name,
        monthly_amount=offer.monthly_price,
        status=status,
        started_on=start,
        ended_on=end,
        created_at=at,
        updated_at=at,
    )
