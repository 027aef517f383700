"""What figures of sales are about: a period, people, a source; and the lists that show the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.filters.owner import leaders
from crm.models import Deal
from crm.models.deal_total import EVERY_SOURCE
from crm.services.deal_totals import source_key
from digiweb.numbers import whole_number
from digiweb.periods import PERIODS, Period, period_named
from digiweb.querysets import people_in, reach_of
from people.models import User

TEAM = "team-"
MOST_SOURCES = 100


@dataclass
class Selection:
    """What was asked for, within what `user` may see; whatever is unknown or out of sight is left out."""

    user: Any
    data: QueryDict
    # The period shown where none is asked for.
    usual: str = "12m"
    # Whether a source may be asked for.
    by_source: bool = True
    # Whether people may be asked for.
    by_people: bool = True
    # The address of the page, to which links of the filters lead.
    path: str = ""
    module: str = field(default=Deal.module)

    # --- Period

    @cached_property
    def period(self) -> Period:
        return period_named(self.data.get("period", "") or self.usual)

    # --- People

    @cached_property
    def offered(self) -> list[User]:
        """The people one may choose among: those whose rows one sees."""
        return list(User.objects.within_reach(self.user, self.module, "view"))

    @cached_property
    def chosen(self) -> tuple[str, int]:
        """("owner" or "team", number), or ("", 0) for everybody in sight."""
        asked = self.data.get("who", "") if self.by_people else ""
        if asked == "me":
            return "owner", self.user.pk
        kind, text = ("team", asked[len(TEAM) :]) if asked.startswith(TEAM) else ("owner", asked)
        number = whole_number(text)
        among = leaders(self.offered) if kind == "team" else self.offered
        if number is None or all(person.pk != number for person in among):
            return "", 0
        return kind, number

    @cached_property
    def people(self) -> list[int] | None:
        """The people whose rows are meant; None for everybody."""
        kind, number = self.chosen
        if kind == "owner":
            return [number]
        if kind == "team":
            manager = next(person for person in self.offered if person.pk == number)
            return list(manager.team_ids)
        return None

    def within(self, module: str) -> list[int] | None:
        """The same, as far as one sees the rows of `module`; None for everybody, an empty list for nobody."""
        reach = reach_of(self.user, module, "view")
        if reach is None:
            return []
        if reach == "all":
            return self.people
        seen = people_in(self.user, reach)
        return seen if self.people is None else [pk for pk in seen if pk in self.people]

    def narrow(self, lines: QuerySet, module: str = Deal.module) -> QuerySet:
        """Lines of a roll-up (`owner_id`) of these people."""
        people = self.within(module)
        return lines if people is None else lines.filter(owner_id__in=people)

    @property
    def who_query(self) -> dict[str, Any]:
        """What a list is given to show the rows of these people."""
        kind, number = self.chosen
        return {kind: number} if kind else {}

    @property
    def who_text(self) -> str:
        """Whose rows are meant, in words; empty for everybody in sight."""
        kind, number = self.chosen
        person = next((one for one in self.offered if one.pk == number), None)
        if person is None:
            return str(self.user) if kind else ""
        return _("Team of %(person)s") % {"person": person} if kind == "team" else str(person)

    # --- Source

    @cached_property
    def sources(self) -> list[str]:
        """Where the deals in sight came from, in alphabetical order, one spelling each."""
        if not self.by_source:
            return []
        # Of each owner: the index then gives each source once, without reading the deals.
        deals = Deal.objects.visible_to(self.user)
        keys = ("owner_id", "source") if deals.query.where else ("source",)
        pairs = deals.filter(source__gt="").order_by().values_list(*keys).distinct()
        named = {pair[-1] for pair in pairs}
        found: dict[str, str] = {}
        for name in sorted(named, key=source_key)[:MOST_SOURCES]:
            found.setdefault(source_key(name), name)
        return list(found.values())

    @cached_property
    def source(self) -> str:
        asked = self.data.get("source", "")
        wanted = source_key(asked) if asked and self.by_source else ""
        return next((name for name in self.sources if source_key(name) == wanted), "")

    @property
    def source_line(self) -> str:
        """The `source` of the lines of a roll-up that are meant."""
        return source_key(self.source) if self.source else EVERY_SOURCE

    # --- Addresses

    def deals(self, **asked: Any) -> str:
        """The list of the deals that are meant, narrowed further."""
        source = {"source": self.source} if self.source else {}
        return self.address("crm:deal_list", {**self.who_query, **source, **asked})

    def rows(self, url_name: str, **asked: Any) -> str:
        """Another list of these people, narrowed further."""
        return self.address(url_name, {**self.who_query, **asked})

    @staticmethod
    def address(url_name: str, asked: dict[str, Any]) -> str:
        query = urlencode({"mode": "list", **asked} if url_name == "crm:deal_list" else asked, doseq=True)
        return f"{reverse(url_name)}?{query}"

    # --- The form

    def describe(self) -> dict[str, Any]:
        """What the template draws the filters from."""
        kind, number = self.chosen
        who = f"{TEAM}{number}" if kind == "team" else str(number) if kind else ""
        offered = self.offered if self.by_people else []
        people = [(str(person.pk), str(person)) for person in offered]
        teams = [
            (f"{TEAM}{person.pk}", _("Team of %(person)s") % {"person": person})
            for person in leaders(offered)
        ]
        return {
            "period": self.period,
            "periods": options(PERIODS, self.period.name),
            "who": options([("", _("All I see")), *teams, *people], who) if len(people) > 1 else [],
            "sources": options([("", _("All sources")), *((s, s) for s in self.sources)], self.source)
            if self.sources
            else [],
            "narrowed": bool(kind or self.source or self.period.name != self.usual),
            "path": self.path,
        }

    def query(self, **more: Any) -> str:
        """This selection as the query of an address of the same page."""
        kept = {name: self.data[name] for name in ("period", "who", "source") if self.data.get(name)}
        return urlencode({**kept, **more})


def options(choices: Sequence[tuple[str, Any]], chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "chosen": value == chosen} for value, label in choices]
