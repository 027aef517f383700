"""Verbs of deliveries: kept at once, worked off by a job (webhook_work.py), replayed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import Change, record_many
from digiweb.jobs import enqueue
from sync import jobs
from sync.models import WebhookDelivery
from sync.webhooks import Receiver, key_of

State = WebhookDelivery.State


class NotJSON(Exception):
    """The body is no JSON object that we can keep."""


def parse_body(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; raises NotJSON for anything else, however it is meant."""
    try:
        payload = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJSON from error
    if not isinstance(payload, dict):
        raise NotJSON
    return payload


def _refuse(name: str) -> Any:
    raise ValueError(name)  # NaN, Infinity: Python reads them, JSON has none


@transaction.atomic
def keep_delivery(*, receiver: Receiver, payload: Mapping[str, Any], body: bytes) -> WebhookDelivery | None:
    """Keep a proved delivery and have it worked off; None when it is here already."""
    arrival = receiver.read(payload)
    key = key_of(receiver.provider, arrival.key)
    if WebhookDelivery.objects.filter(key=key).exists():
        return None
    delivery = WebhookDelivery(
        provider=receiver.provider,
        event=arrival.event[:80],
        key=key,
        about=arrival.about[:60],
        body=body.decode("utf-8"),
        size=len(body),
    )
    if not arrival.known:
        delivery.state, delivery.error = State.IGNORED, _("Nobody asked for this event.")
        delivery.worked_at = timezone.now()
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        return None  # its twin was quicker
    if arrival.known:
        _ask(delivery)
    return delivery


def _ask(delivery: WebhookDelivery, user: Any = None) -> None:
    enqueue(
        jobs.work_off_delivery,
        user=user,
        label=_("Delivery of %(service)s") % {"service": delivery.provider},
        key=f"delivery-{delivery.pk}",
        delivery_id=delivery.pk,
    )


@transaction.atomic
def replay_deliveries(*, user: Any, pks: Sequence[int]) -> int:
    """Work deliveries off once more, whatever became of them; returns how many."""
    found = list(WebhookDelivery.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    WebhookDelivery.objects.filter(pk__in=[one.pk for one in found]).update(
        state=State.RECEIVED, error="", updated_at=timezone.now()
    )
    record_many(user=user, changes=[Change("replayed", one) for one in found])
    for delivery in found:
        _ask(delivery)
    return len(found)
