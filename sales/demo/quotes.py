"""Quotes of the demo: what came before the contracts, and what waits for an answer.

Won deals had a quote that was accepted; deals in proposal or negotiation have one that was sent, some of the
others a draft. PDFs are drawn when somebody first opens them, out of the words frozen here.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Client, Deal
from digiweb.changes import initial_values
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sales.demo.contracts import SOLD
from sales.models import Agency, Contract, Offer, Quote, QuoteLine, Series
from sales.services.quote import also_of, figures_of, sums_of_quote
from sales.services.quote_facts import fresh_facts
from sales.services.quote_link import fresh_link
from sales.services.quote_sums import line_net, with_choices

SEED = 20261124
TERMS = (
    "Acompte à la commande, solde à la mise en ligne. Délai : six semaines après réception des contenus, "
    "deux allers-retours de corrections compris. Garantie de trois mois sur les anomalies."
)
REFUSALS = (
    "Budget reporté à l’an prochain.",
    "Nous avons retenu un autre prestataire.",
    "Trop cher pour nous.",
)
OPTION = ("Photographies professionnelles (une demi-journée)", Decimal(390))
MAINTENANCE = "Maintenance"


def build_quotes(
    demo: Demo, agencies: Sequence[Agency], offers: dict[str, Offer], contracts: Sequence[Contract]
) -> list[Quote]:
    """All quotes of the year, in the order of their days: so they were numbered."""
    story = Story(demo, agencies, offers, contracts)
    deals = Deal.objects.select_related("company", "contact", "owner").order_by("pk")
    told = [told for deal in deals for told in story.of(deal)]
    told.sort(key=lambda pair: (pair[0].created_at, pair[0].deal_id))
    _number(demo, [quote for quote, _lines in told])
    quotes = [quote for quote, _lines in told]
    lines = [line for _quote, lines in told for line in lines]
    for line in lines:
        line.pk = demo.number(QuoteLine)
        line.quote_id = line.quote.pk
        line.net = line_net({"kind": line.kind, **line.counted().__dict__})
    for quote, own in told:
        for name, value in figures_of(sums_of_quote(quote, with_choices(own))).items():
            setattr(quote, name, value)
    demo.insert(quotes)
    demo.insert(lines)
    _freeze(quotes, links=demo.logins)
    for quote in quotes:
        _told(demo, quote)
    return quotes


class Story:
    """What a deal's quotes were."""

    def __init__(
        self, demo: Demo, agencies: Sequence[Agency], offers: dict[str, Offer], contracts: Sequence[Contract]
    ) -> None:
        self.demo, self.draw, self.offers = demo, Draw(SEED), offers
        self.agencies = {agency.code: agency for agency in agencies}
        self.clients = {
            client.company_id: client
            for client in Client.objects.select_related("company", "contact", "owner")
        }
        self.contracts = {
            (contract.client.company_id, contract.description, contract.owner_id): contract
            for contract in contracts
            if contract.signed_on
        }

    def of(self, deal: Deal) -> list[tuple[Quote, list[QuoteLine]]]:
        """The quotes of a deal with their lines: none, one, or one that another replaced."""
        if deal.company is None and deal.contact is None:
            return []
        status = self.status_of(deal)
        if not status:
            return []
        contract = self.contracts.get((deal.company_id, deal.title, deal.owner_id))
        if status == Quote.Status.ACCEPTED and contract is None:
            return []
        return [self.quote(deal, status, contract if status == Quote.Status.ACCEPTED else None)]

    def status_of(self, deal: Deal) -> str:
        if deal.stage == Deal.Stage.WON:
            return Quote.Status.ACCEPTED
        if deal.stage in (Deal.Stage.PROPOSAL, Deal.Stage.NEGOTIATION):
            return Quote.Status.SENT if self.draw.chance(0.85) else Quote.Status.DRAFT
        if deal.stage == Deal.Stage.QUALIFICATION:
            return Quote.Status.DRAFT if self.draw.chance(0.15) else ""
        if deal.stage == Deal.Stage.LOST and self.draw.chance(0.4):
            return Quote.Status.REFUSED if self.draw.chance(0.6) else Quote.Status.EXPIRED
        return ""

    def quote(self, deal: Deal, status: str, contract: Contract | None) -> tuple[Quote, list[QuoteLine]]:
        demo, draw = self.demo, self.draw
        code = "BH" if (contract.reference.startswith("BH") if contract else deal.pk % 4 == 0) else "DF"
        agency = self.agencies[code]
        answered = (
            demo.at(deal.closed_on, time(draw.between(9, 17), draw.between(0, 59)))
            if deal.closed_on
            else None
        )
        made = self.moment(deal, answered, status)
        quote = Quote(
            agency=agency,
            client=self.clients.get(deal.company_id) if contract or status != Quote.Status.DRAFT else None,
            company=deal.company,
            contact=deal.contact,
            owner=deal.owner,
            deal=deal,
            subject=deal.title,
            introduction="Merci de votre confiance. Voici notre proposition, telle que nous en avons parlé.",
            terms=TERMS,
            language="fr",
            treatment="standard",
            status=status,
            deposit_percent=agency.deposit_percent if deal.amount >= 1000 else Decimal(0),
            contract=contract,
            created_at=made,
            updated_at=made,
        )
        sent = made + timedelta(hours=draw.between(1, 6))
        quote.quoted_on = sent.date() if status != Quote.Status.DRAFT else made.date()
        quote.valid_until = quote.quoted_on + timedelta(days=agency.quote_days)
        if status == Quote.Status.SENT and quote.valid_until < demo.today:
            quote.valid_until = demo.today + timedelta(days=draw.between(2, 25))
        if status != Quote.Status.DRAFT:
            quote.sent_at = min(sent, demo.end - timedelta(minutes=30))
        self.answer(quote, answered)
        return quote, self.lines(quote, deal, contract)

    def moment(self, deal: Deal, answered: datetime | None, status: str) -> datetime:
        """When it was written: after the deal began, before its answer."""
        last = (answered or self.demo.end) - timedelta(hours=30)
        back = (
            self.draw.between(2, 18) if answered or status == Quote.Status.SENT else self.draw.between(1, 6)
        )
        at = max(last - timedelta(days=back), deal.created_at + timedelta(minutes=20))
        return min(at, self.demo.end - timedelta(hours=8))

    def answer(self, quote: Quote, answered: datetime | None) -> None:
        if quote.status == Quote.Status.DRAFT or quote.sent_at is None:
            return
        if quote.status != Quote.Status.SENT or self.draw.chance(0.6):
            quote.opened_at = quote.sent_at + timedelta(hours=self.draw.between(1, 20))
        if quote.opened_at and quote.opened_at >= self.demo.end:
            quote.opened_at = None
        if quote.status == Quote.Status.EXPIRED:
            quote.valid_until = min(quote.valid_until, self.demo.today - timedelta(days=1))
            quote.valid_until = max(quote.valid_until, quote.quoted_on)
        if quote.status not in (Quote.Status.ACCEPTED, Quote.Status.REFUSED) or answered is None:
            return
        quote.answered_at = max(answered, quote.sent_at + timedelta(minutes=40))
        quote.opened_at = min(quote.opened_at or quote.answered_at, quote.answered_at)
        quote.valid_until = max(quote.valid_until, quote.answered_at.date())
        if quote.contact is not None:
            quote.answer_name, quote.answer_email = quote.contact.full_name, quote.contact.email
        if quote.status == Quote.Status.ACCEPTED:
            quote.answer_ip = f"203.0.113.{self.draw.between(2, 250)}"  # RFC 5737: nobody's
        else:
            quote.refusal_reason = self.draw.pick(REFUSALS)
        quote.updated_at = quote.answered_at

    def lines(self, quote: Quote, deal: Deal, contract: Contract | None) -> list[QuoteLine]:
        """Those of the contract, to the cent; of an open deal what such a title costs, and an option."""
        _word, name, _months, besides, price = next(
            (one for one in SOLD if one[0].lower() in deal.title.lower()), SOLD[2]
        )
        if contract is not None:
            bill = [
                (line.label, line.unit_amount * line.quantity) for line in contract.lines.order_by("position")
            ]
        elif Decimal(price) * 3 < deal.amount:
            bill = [(name, deal.amount - price), (besides, Decimal(price))]
        else:
            bill = [(name, deal.amount or Decimal(price))]
        rows = [
            QuoteLine(label=label, unit_price=amount, offer=self.offers.get(label), unit="LS")
            for label, amount in bill
        ]
        if contract is None and "site" in deal.title.lower() and MAINTENANCE in self.offers:
            offer = self.offers[MAINTENANCE]
            rows.append(
                QuoteLine(
                    label=offer.name, unit_price=offer.monthly_price, offer=offer, unit="MON", period="month"
                )
            )
        if contract is None and deal.amount >= 2000:
            rows.append(QuoteLine(label=OPTION[0], unit_price=OPTION[1], unit="LS", is_optional=True))
        for place, row in enumerate(rows):
            row.quote, row.position = quote, place
        return rows


def _number(demo: Demo, quotes: Sequence[Quote]) -> None:
    """One after the other, in each agency's series of the year."""
    given: dict[tuple[int, int], Series] = {}
    for quote in quotes:
        day = quote.created_at.date()
        series = given.setdefault(
            (quote.agency_id, day.year),
            Series(pk=None, agency=quote.agency, kind=Series.Kind.QUOTE, year=day.year),
        )
        series.last_number += 1
        series.last_on = max(series.last_on, day)
        quote.pk = demo.number(Quote)
        quote.number = quote.root = series.number(series.last_number)
    for series in given.values():
        series.pk = demo.number(Series)
    demo.insert(given.values())


def _freeze(quotes: Sequence[Quote], *, links: bool) -> None:
    """The words of those that were sent; their links, not in fixtures: the house's secret makes them."""
    sent = [quote for quote in quotes if quote.sent_at is not None]
    for quote in sent:
        quote.facts = fresh_facts(quote)
        for name, value in fresh_link(quote).items() if links else ():
            setattr(quote, name, value)
    Quote.objects.bulk_update(sent, ["facts", "link_serial", "token_hash"], batch_size=200)


def _told(demo: Demo, quote: Quote) -> None:
    also = also_of(quote)
    changes: dict[str, Any] = {
        name: pair
        for name, pair in initial_values(quote).items()
        if name in ("number", "company", "contact", "deal", "subject", "agency")
    }
    demo.happened(quote.created_at, quote.owner, "created", quote, changes=changes, also=also)
    to = quote.contact.email if quote.contact else ""
    for at, actor, action, data in (
        (quote.sent_at, quote.owner, "sent", {"added": [to]} if to else {}),
        (quote.opened_at, None, "opened", {}),
        (quote.answered_at, None, str(quote.status), {}),
        (_night_of(demo, quote.valid_until) if quote.status == "expired" else None, None, "expired", {}),
    ):
        if at is not None and at < demo.end:
            demo.happened(at, actor, action, quote, data=data, also=also)


def _night_of(demo: Demo, day: date) -> datetime:
    return demo.at(day + timedelta(days=1), time(0, 5))
