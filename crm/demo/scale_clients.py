"""Clients for `seed_scale`: the companies that are clients, and the contact on which a lot hangs."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from crm.models import Client, Company, Contact
from crm.services.client import client_of
from digiweb.demo.scale import BATCH, Scale

NAMED = ("id", "name", "sort_name", "city", "siren", "email", "phone", "owner_id")


def scale_clients(scale: Scale) -> None:
    """A client for each company of that status; the first is that of the busy contact."""
    busy = next((pk for kind, pk in scale.busy if kind == Contact._meta.label_lower), 0)
    place = count()
    contact = Contact.objects.select_related("company").filter(pk=busy).first()
    if contact is not None and client_of(contact) is None:
        Client.objects.bulk_create([_client(next(place), contact.company, contact, scale)])
    last = 0
    while True:
        firms = Company.objects.filter(pk__gt=last, status=Company.Status.CLIENT, clients=None).order_by("pk")
        companies = list(firms.only(*NAMED)[:BATCH])
        if not companies:
            return
        last = companies[-1].pk
        clients = [_client(next(place), company, None, scale) for company in companies]
        Client.objects.bulk_create(clients, batch_size=1000)


def _client(place: int, company: Company | None, contact: Contact | None, scale: Scale) -> Client:
    subject = company or contact
    assert subject is not None  # noqa: S101
    today = timezone.localdate(scale.end)
    return Client(
        company=company,
        contact=contact,
        owner_id=subject.owner_id,
        status=("active", "active", "active", "inactive", "churned")[place % 5],
        signed_on=today - timedelta(days=place % 900),
        renewal_on=today + timedelta(days=place * 7 % 365) if place % 9 else None,
        mrr=Decimal(place * 13 % 400) if place % 4 else Decimal(0),
        health=place * 31 % 101,
        last_contact_at=scale.end - timedelta(days=place % 200) if place % 6 else None,
        next_activity_at=scale.end + timedelta(days=place % 30) if place % 3 else None,
    )
