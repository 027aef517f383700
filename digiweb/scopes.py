"""How far a person's sight reaches into a table: the three scopes of a grant, as querysets.

A model says once how it is owned (`ownership = OwnerScope("owner")`) and everything that reads it
starts from `Model.objects.visible_to(user)`. Three shapes of the same answer are given:

- `restrict(queryset, ids)`: one plain condition, for exporting, fetching one record;
- `portions(queryset, ids)`: a few querysets without a row in common, for counting up to a limit;
- `branches(queryset, ids)`: one queryset an owner, for sorted pages. `owner = me OR owner IS NULL`
  makes MariaDB sort the whole table (measured 400 times slower at a million rows), whereas each
  branch is served in order by its own index and the branches are merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import F, Model, Q, QuerySet

# The person number of an access table that stands for all.
EVERYBODY = 0


class Scope(Protocol):
    """How the rows of a model belong to people; `ids` are the people whose rows may be seen."""

    def restrict(self, queryset: QuerySet, ids: Sequence[int]) -> QuerySet: ...

    def portions(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]: ...

    def branches(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]: ...


@dataclass(frozen=True)
class OwnerScope:
    """Rows with an owner column; with `unowned`, rows that nobody owns are everybody's."""

    path: str
    unowned: bool = False

    def restrict(self, queryset: QuerySet, ids: Sequence[int]) -> QuerySet:
        mine = Q(**{f"{self.path}__in": ids})
        return queryset.filter(mine | Q(**{f"{self.path}__isnull": True}) if self.unowned else mine)

    def portions(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        mine = queryset.filter(**{f"{self.path}__in": ids})
        # One's own first, which are mostly more: counting then ends with them.
        return [mine, queryset.filter(**{f"{self.path}__isnull": True})] if self.unowned else [mine]

    def branches(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        branches = [queryset.filter(**{self.path: owner}) for owner in ids]
        if self.unowned:
            branches.append(queryset.filter(**{f"{self.path}__isnull": True}))
        return branches


@dataclass(frozen=True)
class AccessScope:
    """Rows that are seen through a table of who sees what: `relation` leads to it.

    That table has a column `person_id`; the number 0 stands for everybody, so that each branch
    is served by one index (a NULL would not be); where it stands, it stands alone. What the table
    carries (digiweb/carriers.py), pages and counts are read from it. The columns of `sorts` are also
    offered by branches (with the key) as `seen_<name>`: the order of a page that has to be joined.
    """

    relation: str
    sorts: tuple[str, ...] = ()

    def restrict(self, queryset: QuerySet, ids: Sequence[int]) -> QuerySet:
        return queryset.filter(pk__in=self.seen(queryset.model, ids))

    def seen(self, model: type[Model], ids: Sequence[int]) -> QuerySet:
        """The numbers of the rows of `model` that these people see, out of the table of who sees what."""
        relation: Any = model._meta.get_field(self.relation)
        rows = relation.related_model.objects.filter(person_id__in=[*ids, EVERYBODY])
        return rows.values(relation.field.attname)  # type: ignore[no-any-return]

    def portions(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        everybody = queryset.filter(**{f"{self.relation}__person_id": EVERYBODY})
        theirs = queryset.filter(**{f"{self.relation}__person_id__in": ids})
        # Several of these people may see a row.
        return [everybody, theirs.distinct() if len(ids) > 1 else theirs]

    def branches(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        relation: Any = queryset.model._meta.get_field(self.relation)
        keys = {f"seen_{name}": F(f"{self.relation}__{name}") for name in self.sorts}
        keys["seen_id"] = F(f"{self.relation}__{relation.field.attname}")
        branches = [
            queryset.filter(**{f"{self.relation}__person_id": person}) for person in (*ids, EVERYBODY)
        ]
        # Annotations use the join of the condition; a later filter on the relation would join again.
        return [branch.annotate(**keys) for branch in branches]


@dataclass(frozen=True)
class EverybodyScope:
    """Rows that belong to nobody in particular: whoever has the grant sees all of them."""

    def restrict(self, queryset: QuerySet, ids: Sequence[int]) -> QuerySet:
        return queryset

    def portions(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        return [queryset]

    def branches(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        return [queryset]
