"""The filter by salesperson: me, nobody, or a colleague within sight."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.numbers import whole_number
from digiweb.scopes import EVERYBODY
from people.models import User

ME, NOBODY = "me", "nobody"


class OwnerFilter(django_filters.ChoiceFilter):
    """`owner=me`, `owner=nobody` or `owner=<number>`, among those whose rows the person sees."""

    # For the documentation of the API (digiweb/api/filters.py).
    about = _("“me”, “nobody”, or the id of a person")

    def __init__(self, *args: Any, module: str, **kwargs: Any) -> None:
        self.module = module
        super().__init__(*args, **kwargs)

    @property
    def field(self) -> Any:
        request = getattr(self.parent, "request", None)
        choices: list[tuple[str, Any]] = [(ME, _("Me")), (NOBODY, _("Nobody"))]
        if request is not None:
            people = people_on_offer(self.parent, self.module)
            choices += [(str(person.pk), person.full_name) for person in people]
            choices += self.asked_besides(request.user, {person.pk for person in people})
        self.extra["choices"] = choices
        self.__dict__.pop("_field", None)
        return super().field

    def asked_besides(self, user: Any, offered: set[int]) -> list[tuple[str, Any]]:
        """Who is asked for without being on offer: somebody inactive, whose rows are seen all the same."""
        asked = next((name for name, one in self.parent.filters.items() if one is self), "")
        number = whole_number(str(self.parent.data.get(asked, "")))
        if number is None or number in offered:
            return []
        found = User.objects.owner_in_reach(user, self.module, number)
        return [(str(person.pk), str(person)) for person in found]

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        owner_id = owner_asked(value, self.parent.user)
        if owner_id == EVERYBODY:
            return queryset.filter(**{f"{self.field_name}__isnull": True})
        return queryset.filter(**{self.field_name: owner_id})


def owner_asked(value: str, user: Any) -> int:
    """The id that a value of the filter means to `user`; EVERYBODY for rows that nobody owns."""
    return {ME: user.pk, NOBODY: EVERYBODY}[value] if value in (ME, NOBODY) else int(value)


def people_on_offer(filterset: Any, module: str) -> list[User]:
    """The active people whose rows of `module` the person sees, read once a set of filters."""
    if not hasattr(filterset, "people_on_offer"):
        filterset.people_on_offer = {}
    offered: dict[str, list[User]] = filterset.people_on_offer
    if module not in offered:
        offered[module] = list(User.objects.within_reach(filterset.request.user, module, "view"))
    return offered[module]


class TeamFilter(django_filters.ChoiceFilter):
    """`team=<number>`: the rows of a manager and of all whom they lead, among those that the person sees."""

    about = _("the id of a manager: their own and those of all whom they manage")

    def __init__(self, *args: Any, module: str, **kwargs: Any) -> None:
        self.module = module
        super().__init__(*args, **kwargs)

    @property
    def field(self) -> Any:
        request = getattr(self.parent, "request", None)
        leads = leaders(people_on_offer(self.parent, self.module)) if request is not None else []
        self.extra["choices"] = [(str(person.pk), person.full_name) for person in leads]
        self.__dict__.pop("_field", None)
        return super().field

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(
            **{f"{self.field_name}_id__in": team_asked(value, self.parent.user, self.module)}
        )


def leaders(people: list[User]) -> list[User]:
    """Those of these people who manage another of them."""
    managers = {person.manager_id for person in people}
    return [person for person in people if person.pk in managers]


def team_asked(value: str, user: Any, module: str) -> list[int]:
    """The people whom a value of the filter means: a manager in sight, and all whom they lead."""
    manager = User.objects.owner_in_reach(user, module, int(value)).first()
    return list(manager.team_ids) if manager is not None else []
