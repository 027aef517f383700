"""Verbs of clients. Page, API, bulk action and import call the same functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from crm.models import Client, Company, Contact
from crm.services.client_signs import reword_named, touch_clients
from crm.services.company import change_company
from crm.services.contact import change_contact
from crm.services.holding import hold
from digiweb.changes import change_many, change_record, create_record
from digiweb.models import StaleVersion
from timeline.services.bin import move_to_bin

# What the health is worked out from, on the row.
TELLING = {"status", "renewal_on", "company", "contact"}


@transaction.atomic
def create_client(*, user: Any, client: Client) -> Client:
    """Save a new client; its company and contact get the status of clients.

    A contact brings their company. Raises ValidationError where company or person is a client already.
    """
    hold(contacts=[client.contact_id], companies=[client.company_id])
    if client.company is None and client.contact is not None:
        client.company = client.contact.company
        hold(companies=[client.company_id])
    client.clean()
    _check_alone(client)
    _mark_subject(user, client)
    create_record(user=user, obj=client, also=_also(client))
    touch_clients([client.pk])
    client.refresh_from_db(fields=["health", "health_lines", "last_contact_at", "next_activity_at"])
    return client


@transaction.atomic
def make_client(*, user: Any, subject: Company | Contact, values: Mapping[str, Any] | None = None) -> Client:
    """The client of a company or a contact: the one that it is, or a new one, with its salesperson.

    Called twice it gives the same one. Raises PermissionDenied for who may not create clients.
    """
    if isinstance(subject, Contact):
        company = subject.company
        given: dict[str, Any] = {"company": company, "contact": subject}
        hold(contacts=[subject.pk], companies=[subject.company_id])
    else:
        given = {"company": subject}
        hold(companies=[subject.pk])
    present = client_of(subject)
    if present is not None:
        return present
    if user is not None and not user.can(Client.module, "create"):
        raise PermissionDenied
    client = Client(**{**given, "owner": subject.owner, **(values or {})})
    return create_client(user=user, client=client)


def client_of(subject: Company | Contact, among: QuerySet[Client] | None = None) -> Client | None:
    """The client that a company is; that of a contact is the one of their company, when it is one.

    `among` narrows it to those that somebody sees.
    """
    clients = (Client.objects.all() if among is None else among).defer("identity_card", "search_text")
    if isinstance(subject, Company):
        return clients.filter(company=subject.pk).first()
    mine = Q(company=None, contact=subject.pk)
    if subject.company_id:
        mine |= Q(company=subject.company_id)
    found = list(clients.filter(mine).order_by("pk"))
    return next((each for each in found if each.company_id), found[0] if found else None)


@transaction.atomic
def change_client(
    *, user: Any, client: Client, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a client; raises StaleVersion when `version` is no longer the current one."""
    if {"company", "contact"} & values.keys():
        given = {name: getattr(values.get(name), "pk", None) for name in ("company", "contact")}
        hold(contacts=[client.contact_id, given["contact"]], companies=[client.company_id, given["company"]])
    before = Client.objects.select_for_update().get(pk=client.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    after = Client.objects.get(pk=client.pk)
    for name, value in values.items():
        setattr(after, name, value)
    after.clean()
    if after.derive_subject() != before.subject:
        _check_alone(after)
    changes = change_record(user=user, obj=client, values=values, version=version, also=_also(before))
    if {"company", "contact"} & changes.keys():
        reword_named([client.pk])
    if TELLING & changes.keys():
        touch_clients([client.pk])
        client.refresh_from_db(fields=["health", "health_lines", "last_contact_at", "next_activity_at"])
    return changes


@transaction.atomic
def change_clients(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many clients (assign, status); returns how many differed."""
    # Locked alone: a join would lock companies and people too.
    locked = list(Client.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    models.prefetch_related_objects(locked, "company", "contact", "owner")
    changed = change_many(user=user, objs=locked, values=values, also=_also)
    if TELLING & values.keys():
        touch_clients(client.pk for client in changed)
    return len(changed)


@transaction.atomic
def delete_clients(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move clients to the bin as one batch; company and contact stay.

    Raises ValidationError for one that has contracts or anything else that needs it.
    """
    clients = list(Client.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=clients, batch=batch)


def clients_came_or_went(clients: Sequence[Client], *, came: bool) -> None:
    """What happened while they were in the bin counts when they come back."""
    if came:
        touch_clients(client.pk for client in clients)


def _check_alone(client: Client) -> None:
    """A company is a client once, so is a person without one; its lock keeps others from being quicker."""
    other = Client.objects.filter(subject=client.derive_subject()).exclude(pk=client.pk).first()
    if other is not None:
        raise ValidationError(_("“%(client)s” is a client already.") % {"client": other})


def _mark_subject(user: Any, client: Client) -> None:
    """Company and contact become clients too, where they were less."""
    company, contact = client.company, client.contact
    if client.status != Client.Status.ACTIVE:
        return
    if company is not None and company.status != Company.Status.CLIENT:
        change_company(user=user, company=company, values={"status": Company.Status.CLIENT})
    if contact is not None and contact.status != Contact.Status.CLIENT:
        change_contact(user=user, contact=contact, values={"status": Contact.Status.CLIENT})


def _also(client: Client) -> tuple[Any, ...]:
    """On whose time lines the events of a client show too."""
    return tuple(each for each in (client.company, client.contact) if each is not None)
