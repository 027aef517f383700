"""Verbs of offers. Page, API, admin site and the colleague's import call the same functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from digiweb.changes import change_record, create_record
from sales.models import Contract, Offer, Subscription
from timeline.services.bin import move_to_bin


@transaction.atomic
def create_offer(*, user: Any, offer: Offer) -> Offer:
    """Save a new offer."""
    return create_record(user=user, obj=offer)


@transaction.atomic
def change_offer(
    *, user: Any, offer: Offer, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change an offer; what was sold keeps its own prices. Raises StaleVersion."""
    return change_record(user=user, obj=offer, values=values, version=version)


@transaction.atomic
def delete_offers(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move offers to the bin as one batch; raises ValidationError for one that is sold to somebody."""
    offers = list(Offer.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    used = uses_of([offer.pk for offer in offers])
    for offer in offers:
        if any(used.get(offer.pk, (0, 0))):
            raise ValidationError(
                _("“%(offer)s” stands on contracts or subscriptions: take it off the catalogue instead."),
                params={"offer": offer},
            )
    return move_to_bin(user=user, objs=offers, batch=batch)


def uses_of(pks: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{offer: (contracts, subscriptions)} of those that are used: whether, not how often."""
    contracts = set(
        Contract.objects.filter(offer__in=pks).order_by().values_list("offer", flat=True).distinct()
    )
    others = set(
        Subscription.objects.filter(offer__in=pks).order_by().values_list("offer", flat=True).distinct()
    )
    return {pk: (int(pk in contracts), int(pk in others)) for pk in contracts | others}


@transaction.atomic
def offer_by_name(*, user: Any, name: str) -> Offer:
    """The offer of this name, but for case and accents; created when there is none (SPEC Y2).

    A new one is on no price list yet: it is not offered until somebody completes it.
    """
    name = " ".join(name.split())[:160]
    if not name:
        raise ValidationError(_("An offer has a name."))
    found = Offer.objects.filter(name__same=name).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return create_offer(user=user, offer=Offer(name=name, is_active=False))
    except IntegrityError:
        return Offer.objects.get(name__same=name)
