"""Renewals: their salesperson is told 90, 60 and 30 days before, once each (SPEC R6)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import ngettext

from crm.models import Client, RenewalNotice
from people.models import User
from timeline.services.notification import notify

DAYS = (90, 60, 30)
BATCH = 200


def tell_renewals(today: date | None = None) -> int:
    """Tell who answers for active clients of their renewals ahead; returns how many clients were told of.

    A row unique by client, renewal date and days is written in the same transaction as the notification:
    killed at any line, run twice or by two at once, each is told once. Another date is told anew. Who comes
    late (signed 20 days before the renewal) is told the nearest only.
    """
    today = today or timezone.localdate()
    last, told = 0, 0
    while True:
        with transaction.atomic():
            ahead = Client.objects.filter(
                status=Client.Status.ACTIVE,
                renewal_key__gte=today,
                renewal_key__lte=today + timedelta(days=max(DAYS)),
                pk__gt=last,
            )
            # Locked alone: joined, the lock would hold companies and people too.
            pks = list(ahead.select_for_update().order_by("pk").values_list("pk", flat=True)[:BATCH])
            if not pks:
                return told
            told += _tell(pks, today)
            last = pks[-1]


def _tell(pks: Sequence[int], today: date) -> int:
    clients = list(
        Client.objects.filter(pk__in=pks).select_related("company", "contact", "owner").order_by("pk")
    )
    given = set(RenewalNotice.objects.filter(client__in=pks).values_list("client_id", "renewal_on", "days"))
    admins: list[Any] | None = None
    notices: list[RenewalNotice] = []
    told = 0
    for client in clients:
        assert client.renewal_on is not None  # noqa: S101 (the key says so)
        left = (client.renewal_on - today).days
        due = [days for days in DAYS if left <= days]
        new = [days for days in due if (client.pk, client.renewal_on, days) not in given]
        notices += [RenewalNotice(client=client, renewal_on=client.renewal_on, days=days) for days in new]
        if min(due) not in new:
            continue
        people = [client.owner] if client.owner is not None and client.owner.is_active else []
        if not people:
            if admins is None:
                admins = [user for user in User.objects.filter(is_active=True) if user.is_admin]
            people = admins
        for person in people:
            notify(
                people=[person],
                kind="client.renewal",
                text=_text(client, left, person.language),
                obj=client,
                key=f"renewal-{client.pk}-{client.renewal_on:%Y%m%d}-{min(due)}",
                mail=True,
            )
        told += 1
    RenewalNotice.objects.bulk_create(notices)
    return told


def _text(client: Client, left: int, language: str) -> str:
    with translation.override(language):
        text = ngettext(
            "%(client)s: renewal in %(count)s day, on %(day)s",
            "%(client)s: renewal in %(count)s days, on %(day)s",
            left,
        )
        return text % {
            "client": client,
            "count": left,
            "day": date_format(client.renewal_on, "SHORT_DATE_FORMAT") if client.renewal_on else "",
        }
