"""Filters of bank details. Whole numbers are never asked for by an address: these are kept and logged."""

import re
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from digiweb.fulltext import plan_search
from sales.models import BankAccount

LAST_DIGITS = re.compile(r"[A-Za-z0-9]{4}")


class BankAccountFilterSet(FilterSet):
    """What the list can be narrowed by; `q` looks at clients, holders and last digits."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=BankAccount.Status.choices)
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    imported = django_filters.ChoiceFilter(
        label=_("Brought by"), choices=[("yes", _("An import")), ("no", _("A person"))], method="by_source"
    )

    class Meta:
        model = BankAccount
        fields: list[str] = []

    def by_source(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.exclude(source="") if value == "yes" else queryset.filter(source="")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        words = value.strip()
        found = Q(holder__icontains=words) | Q(client__in=clients_named(self, words))
        if LAST_DIGITS.fullmatch(words):
            found |= Q(last_digits=words.upper())
        return queryset.filter(found)


def clients_named(filterset: Any, words: str) -> QuerySet:
    """The numbers of the clients whom a search means; looked for once, for all branches of a scope."""
    if not hasattr(filterset, "searched"):
        filterset.searched = plan_search(Client, words)
    return (
        Client.objects.visible_to(filterset.user).filter(search_text__words=filterset.searched).values("pk")
    )
