"""Verbs of mandates: written down, revoked, lapsed; who debits what by which."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.changes import change_record, create_record
from digiweb.models import StaleVersion
from sales.models import Agency, BankAccount, Mandate
from sales.services.subscription import hold_clients

Status = Mandate.Status
AROUND = ("agency", "client__company", "client__contact", "client__owner", "account")
# What says what was signed: once a collection was made, it stays.
SIGNED = ("client", "agency", "rum", "scheme", "frequency", "account", "signed_on")


@transaction.atomic
def create_mandate(*, user: Any, mandate: Mandate) -> Mandate:
    """Write a signed mandate down; without a reference it gets the agency's next one of this client.

    Raises PermissionDenied for a client out of sight of `user`, ValidationError for an account that is not in
    use, a reference that exists, or a second mandate in use for a client and agency.
    """
    if user is not None and not user.can("crm.client", "view", mandate.client):
        raise PermissionDenied
    hold_clients([mandate.client_id])
    if not mandate.rum:
        mandate.rum = next_rum(mandate.agency, mandate.client_id)
    mandate.clean()
    _check(mandate)
    return create_record(user=user, obj=mandate, also=also_of(mandate))


@transaction.atomic
def change_mandate(
    *, user: Any, mandate: Mandate, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Correct a mandate. Raises StaleVersion; ValidationError for what was signed, once it was used."""
    hold_clients([mandate.client_id, getattr(values.get("client"), "pk", None)])
    before = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    changed = {name for name, value in values.items() if getattr(before, name) != value}
    if not before.is_active:
        raise ValidationError(_("“%(mandate)s” is not in use any more.") % {"mandate": before})
    if before.is_used and changed & set(SIGNED):
        text = _("“%(mandate)s” was used: revoke it and write a new one down.")
        raise ValidationError(text % {"mandate": before})
    for name, value in values.items():
        setattr(before, name, value)
    before.clean()
    _check(before)
    return change_record(user=user, obj=mandate, values=values, also=also_of(before))


@transaction.atomic
def revoke_mandate(
    *, user: Any, mandate: Mandate, reason: str = "", on: date | None = None, version: int | None = None
) -> None:
    """No collection any more, from a day (today). Raises ValidationError for one that is not in use."""
    hold_clients([mandate.client_id])
    held = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if not held.is_active:
        raise ValidationError(_("“%(mandate)s” is not in use any more.") % {"mandate": held})
    values = {
        "status": Status.REVOKED,
        "revoked_on": on or timezone.localdate(),
        "revoked_because": reason.strip()[:200],
    }
    change_record(
        user=user, obj=mandate, values=values, version=version, also=also_of(held), action="revoked"
    )


def lapse_mandates(today: date | None = None) -> int:
    """By night: mandates that were not used for 36 months are void; returns how many."""
    today = today or timezone.localdate()
    lapsed = 0
    for mandate in Mandate.objects.filter(status=Status.ACTIVE).order_by("pk").select_related(*AROUND):
        if mandate.lapses_on() > today:
            continue
        with transaction.atomic():
            held = Mandate.objects.select_for_update().get(pk=mandate.pk)
            if held.is_active and held.lapses_on() <= today:
                change_record(user=None, obj=held, values={"status": Status.LAPSED}, also=also_of(mandate))
                lapsed += 1
    return lapsed


def mandate_for(client_id: int | None, agency_id: int, today: date | None = None) -> Mandate | None:
    """The mandate by which an agency may debit a client now; None where there is none."""
    if client_id is None:
        return None
    found = Mandate.objects.filter(client_id=client_id, agency_id=agency_id, status=Status.ACTIVE)
    mandate = found.select_related("account").first()
    return mandate if mandate is not None and is_usable(mandate, today or timezone.localdate()) else None


def is_usable(mandate: Mandate, today: date) -> bool:
    """In use, not lapsed, not a one-off that was used, and its account still in use."""
    once = mandate.frequency == Mandate.Frequency.ONCE and mandate.is_used
    in_use = mandate.account.status == BankAccount.Status.ACTIVE
    return mandate.is_active and not once and in_use and mandate.lapses_on() > today


def mandates_for(pairs: Iterable[tuple[int, int]], today: date) -> dict[tuple[int, int], Mandate]:
    """{(client, agency): mandate} of those that may be used; one query."""
    clients = {client for client, _agency in pairs}
    found = Mandate.objects.filter(client__in=clients, status=Status.ACTIVE).select_related("account")
    return {(mandate.client_id, mandate.agency_id): mandate for mandate in found if is_usable(mandate, today)}


def next_rum(agency: Agency, client_id: int) -> str:
    """« DF-000042 », then « DF-000042-2 »: agency, client, and which one of them."""
    first = re.sub(r"[^A-Za-z0-9-]", "", f"{agency.code}-{client_id:06d}")
    taken = set(Mandate.objects.filter(rum__startswith=first).values_list("rum", flat=True))
    turn = 1
    while (rum := first if turn == 1 else f"{first}-{turn}") in taken:
        turn += 1
    return rum


def also_of(mandate: Mandate) -> tuple[Any, ...]:
    """On whose time line the events of a mandate show too."""
    return (mandate.client,)


def _check(mandate: Mandate) -> None:
    if mandate.account.status != BankAccount.Status.ACTIVE:
        raise ValidationError({"account": _("This account is not in use.")})
    others = Mandate.objects.exclude(pk=mandate.pk)
    if others.filter(rum=mandate.rum).exists():
        raise ValidationError({"rum": _("This reference exists already.")})
    if others.filter(client=mandate.client_id, agency=mandate.agency_id, status=Status.ACTIVE).exists():
        raise ValidationError(_("The client has a mandate in use for this agency already: revoke it first."))
