"""Two clients become one when the companies or contacts that they are become one (SPEC C12, N3)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import Client, Company
from crm.services.client_signs import touch_clients
from digiweb.changes import change_record
from timeline.models import Merge
from timeline.services.bin_rows import incoming
from timeline.services.merge import absorb, is_derived

# What the kept client takes from the other where it has nothing itself; where both have something, its own
# stays. Who it is and what is worked out are not among them.
TAKEN = ("owner", "contact", "signed_on", "renewal_on", "upsell", "identity_card")


def clients_of_both(kept: Any, lost: Any) -> tuple[Client, Client] | None:
    """The clients that two companies, or two people who buy for themselves, are: None unless both are."""
    name = "company" if isinstance(kept, Company) else "contact"
    alone = {} if name == "company" else {"company": None}
    found = Client.objects.filter(**{f"{name}__in": [kept.pk, lost.pk]}, **alone)
    by_subject = {
        getattr(client, f"{name}_id"): client for client in found.select_related("company", "contact")
    }
    return (by_subject[kept.pk], by_subject[lost.pk]) if len(by_subject) == 2 else None


def may_merge_clients(user: Any, kept: Client, lost: Client) -> bool:
    """As with all merges: who may change the one and delete the other."""
    return bool(user.can(Client.module, "change", kept) and user.can(Client.module, "delete", lost))


def merge_clients(*, user: Any, kept: Client, lost: Client) -> Merge:
    """Carry contracts, subscriptions, payments, bank details and all else of `lost` over to `kept`.

    In the transaction of the merge of their companies or contacts, before that one. Raises ValidationError
    where `user` may not merge them.
    """
    if not may_merge_clients(user, kept, lost):
        raise ValidationError(
            _(
                "Both records are clients, and you may not merge the two clients: "
                "somebody who may change the one and delete the other can."
            )
        )
    held = Client.objects.select_for_update().filter(pk__in=[kept.pk, lost.pk]).order_by("pk").in_bulk()
    kept, lost = held[kept.pk], held[lost.pk]
    values = {
        name: getattr(lost, name)
        for name in TAKEN
        if getattr(kept, name) in (None, "") and getattr(lost, name) not in (None, "")
    }

    def change() -> None:
        change_record(user=user, obj=kept, values=values, unlogged=("identity_card",))

    return absorb(user=user, kept=kept, lost=lost, change=change, more=("identity_card",))


def clients_merged(kept: Client, lost: Client, *, came: bool, before: Client) -> None:
    """Health and moments follow; what higher modules keep of clients they follow themselves."""
    touch_clients([kept.pk, lost.pk] if came else [kept.pk])


def attached_to(client: Client) -> list[dict[str, Any]]:
    """[{"label", "count"}]: what goes over with a client, such as its contracts, for who is asked."""
    told = []
    for relation in incoming(Client):
        table = relation.related_model
        if is_derived(table) or getattr(table, "worked_out", False):
            continue
        count = table._base_manager.filter(**{relation.field.name: client.pk}).count()
        if count:
            told.append({"label": table._meta.verbose_name_plural, "count": count})
    return told
