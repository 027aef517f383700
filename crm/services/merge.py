"""Merging two contacts or two companies, and parting them again (SPEC C12)."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.models import Company, Contact
from crm.models.duplicate import DuplicatePair
from crm.services.client_merge import clients_of_both, merge_clients
from crm.services.client_signs import clients_about, reword_clients, touch_clients
from crm.services.company import (
    change_company,
    companies_came_or_went,
    refresh_companies,
    reword_contacts,
)
from crm.services.contact import change_contact, contacts_came_or_went
from crm.services.custom_value import index_values
from crm.services.holding import hold_members
from crm.services.score import contacts_of, touch_scores
from crm.services.tally import adjust_tally, tally_of
from digiweb.custom import names_of, value_of
from digiweb.models import StaleVersion
from timeline.models import Merge
from timeline.services.merge import absorb, part

# What a person chooses between, in the order of the page.
CONTACT_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "job_title",
    "company",
    "address",
    "postcode",
    "city",
    "country",
    "status",
    "source",
    "owner",
)
COMPANY_FIELDS = (
    "name",
    "status",
    "industry",
    "headcount",
    "turnover",
    "siren",
    "siret",
    "vat_number",
    "naf_code",
    "legal_form",
    "legal_manager",
    "email",
    "phone",
    "website",
    "address",
    "postcode",
    "city",
    "country",
    "owner",
)
FIELDS: dict[type[Any], tuple[str, ...]] = {Contact: CONTACT_FIELDS, Company: COMPANY_FIELDS}


def fields_between(kept: Any, lost: Any) -> list[str]:
    """What a person chooses between for these two, the custom fields that either has included."""
    return [*FIELDS[type(kept)], *dict.fromkeys([*names_of(kept), *names_of(lost)])]


def best_choice(kept: Any, lost: Any) -> set[str]:
    """The fields that the kept record should take from the other: those it lacks."""
    return {
        name
        for name in fields_between(kept, lost)
        if value_of(kept, name) in (None, "") and value_of(lost, name) not in (None, "")
    }


@transaction.atomic
def merge_records(
    *, user: Any, kept: Any, lost: Any, take: set[str], versions: Mapping[int, int] | None = None
) -> Merge:
    """Merge `lost` into `kept`, which takes the fields named in `take` from it and all that hangs on it.

    Where both are clients, their clients become one too (crm/services/client_merge.py). `versions`
    ({number: version}) guards both: raises StaleVersion when one was saved meanwhile. Raises
    ValidationError for a record with itself and for clients that `user` may not merge, PermissionDenied
    where `user` may not change the one and delete the other.
    """
    model = type(kept)
    if kept.pk == lost.pk or type(lost) is not model:
        raise ValidationError(_("Choose two different records."))
    if model is Company:
        hold_members([kept.pk, lost.pk])
    locked = model.objects.select_for_update().filter(pk__in=[kept.pk, lost.pk]).order_by("pk")
    found = {record.pk: record for record in locked}
    if len(found) < 2:
        raise ValidationError(_("One of the two records is gone."))
    kept, lost = found[kept.pk], found[lost.pk]
    if not (user.can(model.module, "change", kept) and user.can(model.module, "delete", lost)):
        raise PermissionDenied
    for record in (kept, lost):
        if versions and versions.get(record.pk, record.version) != record.version:
            raise StaleVersion(record)
    clients = clients_of_both(kept, lost)
    inner = merge_clients(user=user, kept=clients[0], lost=clients[1]) if clients else None
    values = {name: value_of(lost, name) for name in fields_between(kept, lost) if name in take}

    def change() -> None:
        if model is Contact:
            change_contact(user=user, contact=kept, values=values)
        else:
            change_company(user=user, company=kept, values=values)

    merge = absorb(user=user, kept=kept, lost=lost, change=change)
    if inner is not None:
        inner.part_of = merge
        inner.save(update_fields=["part_of"])
    DuplicatePair.objects.between(model, kept.pk, lost.pk).update(state=DuplicatePair.State.MERGED)
    return merge


@transaction.atomic
def undo_merge(*, user: Any, merge: Merge) -> list[str]:
    """Part two merged records; returns what has changed since and was left, in sentences.

    For who merged, and administrators. Raises PermissionDenied, ValidationError.
    """
    if not (user.is_admin or merge.merged_by_id == user.pk):
        raise PermissionDenied
    told = part(user=user, merge=merge)
    for inner in merge.parts.filter(undone_at=None).order_by("-pk"):
        told += part(user=user, merge=inner)
    pairs = DuplicatePair.objects.between(apps.get_model(merge.subject_type), merge.kept_id, merge.lost_id)
    pairs.update(state=DuplicatePair.State.OPEN)
    return told


def merges_to_undo(user: Any) -> QuerySet:
    """The merges that `user` may undo: their own, or any for administrators."""
    merges = Merge.objects.filter(subject_type__in=[model._meta.label_lower for model in FIELDS])
    return merges if user.is_admin else merges.filter(merged_by=user)


def merge_to_undo(user: Any, pk: int) -> Merge | None:
    """The merge of this number, if `user` may undo it."""
    merge: Merge | None = merges_to_undo(user).filter(pk=pk).first()
    return merge


def contacts_merged(kept: Contact, lost: Contact, *, came: bool, before: Contact) -> None:
    """Tallies, companies, scores follow the row that came or went, and the kept one with its fields."""
    contacts_came_or_went([lost], came=came)
    touch_scores([kept.pk])
    if came:
        index_values([kept])
        deltas = tally_of([kept])
        deltas.subtract(tally_of([before]))
        refresh_companies([kept.company_id or 0, before.company_id or 0])
        adjust_tally(deltas)
    reword_clients(contacts=[kept.pk, lost.pk])
    touch_clients(clients_about(contacts=[kept.pk, lost.pk]))


def companies_merged(kept: Company, lost: Company, *, came: bool, before: Company) -> None:
    """Who sees the companies follows their contacts, which are found by the company's name."""
    refresh_companies([kept.pk])
    companies_came_or_went([lost], came=came)
    if came:
        index_values([kept])
    if kept.solvency is not None or lost.solvency is not None:
        touch_scores(contacts_of([kept.pk, lost.pk]))
    if kept.name != before.name:
        reword_contacts(kept)
    reword_clients(companies=[kept.pk, lost.pk])
    touch_clients(clients_about(companies=[kept.pk, lost.pk]))
