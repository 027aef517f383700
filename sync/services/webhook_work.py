"""Working deliveries off, and forgetting them: what jobs call."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.jobs import TRANSIENT, TryAgain
from sync.models import Connection, WebhookDelivery
from sync.webhooks import Malformed, NothingToDo, Receiver, receiver_named

logger = logging.getLogger(__name__)

State = WebhookDelivery.State
PURGE_BATCH = 500


def connection_for(receiver: Receiver) -> Connection | None:
    """The connection that takes this provider's webhooks; None when it is off."""
    found: Connection | None = Connection.objects.filter(provider=receiver.provider, active=True).first()
    return found


def work_off(delivery_id: int) -> None:
    """Do what a delivery asks for; done already, nothing happens.

    What it asks for and the note that it is done are committed together.
    """
    try:
        with transaction.atomic():
            delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
            if delivery is None or delivery.state != State.RECEIVED:
                return
            _note(delivery, **_work(delivery))
    except (*TRANSIENT, TryAgain):
        raise
    except Exception as error:
        text = " ".join(error.messages) if isinstance(error, ValidationError) else ""
        with transaction.atomic():
            delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery_id)
            reason = text or _("An unexpected error stopped it; the log says more.")
            _note(delivery, state=State.FAILED, error=reason)
        if not text:
            raise
        logger.warning("Delivery %s cannot be worked off", delivery_id, exc_info=True)


def _work(delivery: WebhookDelivery) -> dict[str, Any]:
    receiver = receiver_named(delivery.provider)
    connection = connection_for(receiver) if receiver else None
    if receiver is None or connection is None:
        return {"state": State.IGNORED, "error": _("The connection is switched off.")}
    try:
        with transaction.atomic():
            made = receiver.work(delivery.payload, connection)
    except NothingToDo as reason:
        return {"state": State.IGNORED, "error": str(reason)}
    except Malformed as reason:
        return {"state": State.FAILED, "error": str(reason)}
    about = {"made_type": made._meta.label_lower, "made_id": made.pk} if made is not None else {}
    return {"state": State.DONE, "error": "", **about}


def _note(delivery: WebhookDelivery, **values: Any) -> None:
    """How it went is no change by a person: no version, no event."""
    values["error"] = values["error"][:300]
    values["attempts"] = min(delivery.attempts + 1, 30_000)
    values["worked_at"] = timezone.now()
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**values)


def purge_deliveries() -> int:
    """Forget the bodies that are older than `WEBHOOK_DAYS`; returns how many."""
    before = timezone.now() - timedelta(days=settings.WEBHOOK_DAYS)
    gone = 0
    while True:
        old = WebhookDelivery.objects.filter(created_at__lt=before).order_by("created_at")
        pks = list(old.values_list("pk", flat=True)[:PURGE_BATCH])
        if not pks:
            return gone
        gone += WebhookDelivery.objects.filter(pk__in=pks).delete()[0]
