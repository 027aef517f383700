# ruff: noqa: SIM905 (columns read better as text)
"""Clients for `seed_scale`: the companies that are or were clients, and the contact on which a lot hangs.

What the model derives is put together here, many times faster; tests/crm/test_client_demo.py compares both.
"""

import random
from array import array
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from crm.models import Client, Company, Contact
from crm.models.client import NO_DATE
from crm.services.client import client_of
from digiweb.demo.scale import BATCH, Scale, without_words
from digiweb.fulltext import search_text
from digiweb.phones import phone_suffixes

COLUMNS = (
    "id created_at updated_at version company_id contact_id owner_id status signed_on renewal_on mrr health "
    "health_lines upsell last_contact_at next_activity_at identity_card subject renewal_key sort_name "
    "search_text"
).split()
FIRM = ("id", "status", "name", "sort_name", "city", "siren", "email", "phone")
OF_STATUS = (Company.Status.CLIENT, Company.Status.FORMER)
# One salesperson has hardly any clients, one very many; some are nobody's.
FEW, MANY, UNOWNED = 200, 0.1, 0.05


def scale_clients(scale: Scale) -> None:
    """A client for each such company; the first is that of the busy contact."""
    busy = next((pk for kind, pk in scale.busy if kind == Contact._meta.label_lower), 0)
    contact = Contact.objects.select_related("company").filter(pk=busy).first()
    if contact is not None and client_of(contact) is not None:
        contact = None
    firms = Company.objects.filter(status__in=OF_STATUS, clients=None)
    if contact is not None and contact.company_id:
        firms = firms.exclude(pk=contact.company_id)
    pks = array("q", firms.order_by("pk").values_list("pk", flat=True))
    number = len(pks) + (contact is not None)
    first = (Client.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    owners = owners_of(scale, number)
    with without_words(Client):
        rows = (
            _client(scale, place, number, first, owners[place], firm, person)
            for place, (firm, person) in enumerate(_subjects(pks, contact))
        )
        scale.write(Client, COLUMNS, rows, number)


def owners_of(scale: Scale, number: int) -> list[int | None]:
    """Who has which of so many clients."""
    rng = random.Random(number)  # noqa: S311 (repeatable; the deals that follow keep their own draw)
    sellers = [pk for key, pk in scale.people.items() if key.startswith("seller")]
    places = rng.sample(range(1, number), max(number - 1, 0))  # the first, a large one, is some seller's
    owners: list[int | None] = rng.choices(sellers, k=number)
    few = min(FEW, number // 5)
    many = max(int(number * MANY), min(50, number // 4))
    for place in places[:few]:
        owners[place] = scale.people["few"]
    for place in places[few : few + many]:
        owners[place] = scale.people["many"]
    for place in places[few + many : few + many + int(number * UNOWNED)]:
        owners[place] = None
    return owners


def _subjects(pks: "array[int]", contact: Contact | None) -> Iterator[tuple[Any, Contact | None]]:
    """(company, person) of each client; a company as the values of FIRM."""
    if contact is not None:
        company = contact.company
        yield company and tuple(getattr(company, name) for name in FIRM), contact
    for start in range(0, len(pks), BATCH):
        part = pks[start : start + BATCH]
        firms = Company.objects.filter(pk__gte=part[0], pk__lte=part[-1], pk__in=part).order_by("pk")
        for firm in list(firms.values_list(*FIRM)):
            yield firm, None


def _client(
    scale: Scale, place: int, number: int, first: int, owner: int | None, firm: Any, person: Contact | None
) -> tuple[Any, ...]:
    words: list[str] = []
    phones: list[str] = []
    pk, status, name, sort_name, city, siren, email, phone = firm or (None, "", "", "", "", "", "", "")
    if firm:
        words += [name, city, siren, email]
        phones.append(phone)
    if person is not None:
        words += [person.full_name, person.email, person.city]
        phones += [person.phone, person.mobile]
        sort_name = sort_name if firm else person.sort_name
    now = ("active", "active", "active", "inactive")[place % 4]
    at, today = scale.moment(place, number).replace(tzinfo=None), timezone.localdate(scale.end)
    renewal = today + timedelta(days=place * 7 % 365) if place % 9 else None
    met = (scale.end - timedelta(days=place % 200)).replace(tzinfo=None) if place % 6 else None
    planned = (scale.end + timedelta(days=place % 30)).replace(tzinfo=None) if place % 3 else None
    return (
        first + place, at, at, 1, pk, person and person.pk, owner,
        "churned" if status == Company.Status.FORMER else now, today - timedelta(days=place % 900), renewal,
        Decimal(place * 13 % 400) if place % 4 else Decimal(0), place * 31 % 101, "[]", "", met, planned,
        None, f"company:{pk}" if firm else f"contact:{person.pk}",  # type: ignore[union-attr]
        renewal or NO_DATE, sort_name,
        search_text(words, [each for phone in phones if phone for each in phone_suffixes(phone)]),
    )  # fmt: skip
