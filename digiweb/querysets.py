"""Querysets that know who is asking."""

from typing import Any, Self, cast

from django.db import models


class ScopedQuerySet(models.QuerySet):
    """Base of every queryset of the house; its model names `module` and `ownership`."""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """Rows on which `user` may do `action`; none at all without a grant (it fails closed)."""
        model: Any = self.model
        reach = reach_of(user, model.module, action)
        if reach is None:
            return self.none()
        if reach == "all":
            return self
        return cast(Self, model.ownership.restrict(self, people_in(user, reach)))

    def scope_portions(self, user: Any, action: str = "view") -> list[Self]:
        """The same rows as `visible_to`, as a few querysets without a row in common, for counting."""
        model: Any = self.model
        reach = reach_of(user, model.module, action)
        if reach is None:
            return [self.none()]
        if reach == "all":
            return [self]
        return cast(list[Self], model.ownership.portions(self, people_in(user, reach)))

    def scope_branches(self, user: Any, action: str = "view") -> list[Self]:
        """The same rows as `visible_to`, as querysets that one index each serves in order."""
        model: Any = self.model
        reach = reach_of(user, model.module, action)
        if reach is None:
            return [self.none()]
        if reach == "all":
            return [self]
        return cast(list[Self], model.ownership.branches(self, people_in(user, reach)))


def reach_of(user: Any, module: str, action: str) -> str | None:
    """The scope in which `user` may do `action` on `module`: own, team, all, or None."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    return user.scope(module, action)  # type: ignore[no-any-return]


def people_in(user: Any, reach: str) -> list[int]:
    """The people whose rows a scope covers, the asking person first."""
    return [user.pk] if reach == "own" else list(user.team_ids)
