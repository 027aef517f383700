"""Legal data of firms: asking the sources one after the other, and comparing with what is there."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.company_data import Answer, Firm, SourceTrouble, last_known, ready_sources
from crm.models import Company
from crm.services.company import change_company
from crm.services.holding import hold
from crm.services.score import contacts_of, touch_scores
from digiweb.countries import country_choices
from digiweb.fulltext import fold
from digiweb.identifiers import clean_siren, clean_siret
from digiweb.numbers import whole_number
from digiweb.templatetags.digiweb import money, number
from timeline.words import field_label

SHORTEST = 3


@dataclass
class Search:
    """What came of a search by name or number: firms, and words on what went wrong."""

    firms: Sequence[Firm] = ()
    answer: Answer | None = None
    notices: list[str] = field(default_factory=list)
    # « no_source », or what stopped the last source: no_key, wrong_key, unknown, quota, down, invalid.
    state: str = "ok"


@dataclass(frozen=True)
class Difference:
    """A field of which the source says something else than we have."""

    name: str
    label: Any
    ours: str
    theirs: str
    value: Any

    @property
    def fills(self) -> bool:
        """Nothing of ours would be lost."""
        return not self.ours


def number_in(text: str) -> tuple[str, str]:
    """(SIREN, SIRET) that was typed, blanks aside; ("", "") for a name. Raises ValidationError for a
    number with a wrong digit.
    """
    digits = "".join(text.split()).replace(".", "").replace("-", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) < 7:
        return "", ""
    if len(digits) == 14:
        siret = clean_siret(digits)
        return siret[:9], siret
    return clean_siren(digits), ""


def look_for(*, user: Any, text: str, fresh: bool = False) -> Search:
    """A firm by SIREN or SIRET, or several by name."""
    try:
        siren, siret = number_in(text)
    except ValidationError as error:
        return Search(notices=list(error.messages), state="invalid")
    if siren:
        return find_firm(user=user, siren=siren, siret=siret, fresh=fresh)
    return suggest_firms(user=user, text=text)


def suggest_firms(*, user: Any, text: str) -> Search:
    """Firms by name, of the first source that answers."""
    words = " ".join(text.split())[:100]
    if len(words) < SHORTEST:
        return Search()
    search = Search()
    for source in sorted(ready_sources(), key=lambda each: each.suggest_order):
        try:
            search.firms, search.state = source.suggest(user, words), "ok"
        except SourceTrouble as trouble:
            _note(search, source.label, trouble)
            continue
        return search
    return _without_source(search)


def find_firm(*, user: Any, siren: str, siret: str = "", fresh: bool = False) -> Search:
    """A firm by its number, of the best source that knows it; what is kept when none answers."""
    search = Search()
    known: Answer | None = None
    for source in ready_sources():
        try:
            search.answer, search.state = source.fetch(user, siren, siret, fresh), "ok"
        except SourceTrouble as trouble:
            _note(search, source.label, trouble)
            known = known or trouble.known
            continue
        return search
    search = _without_source(search)
    if search.state != "unknown" and (known := known or last_known(siren)):
        search.answer = known
        day = date_format(timezone.localdate(known.fetched_at), "d/m/Y")
        text = _("Here is what %(source)s said on %(day)s.")
        search.notices.append(text % {"source": known.source_label, "day": day})
    return search


def _note(search: Search, label: Any, trouble: SourceTrouble) -> None:
    search.state = trouble.state
    search.notices.append(f"{label} – {trouble.text}")


def _without_source(search: Search) -> Search:
    if not search.notices:
        search.state = "no_source"
        search.notices = [_("No service for company data is connected.")]
    return search


def differences(firm: Firm, ours: Mapping[str, Any]) -> list[Difference]:
    """What a firm says otherwise than `ours`: {field: value or text as typed}, in the order of the form."""
    found = []
    for name, value in firm.given().items():
        mine = ours.get(name)
        if name == "country" and mine:
            continue  # every French firm is in France: nothing to learn
        if not same(firm, name, mine, value):
            label = field_label("crm.company", name)
            found.append(Difference(name, label, shown(name, mine), theirs(firm, name, value), value))
    return found


def same(firm: Firm, name: str, mine: Any, value: Any) -> bool:
    """Whether two values are one to a person: case, accents and blanks aside, a range as a range."""
    if mine in (None, ""):
        return False
    if name == "headcount":
        given = whole_number(str(mine).strip())
        high = firm.headcount_to if firm.headcount_to is not None else value
        return given is not None and bool(value <= given <= max(high, value))
    if name == "turnover":
        return bool(_plain_amount(mine) == value)
    return "".join(fold(str(mine)).split()) == "".join(fold(str(value)).split())


def _plain_amount(value: Any) -> Any:
    try:
        return Decimal("".join(str(value).split()).replace(",", "."))
    except ArithmeticError:
        return None


def shown(name: str, value: Any) -> str:
    """A value as a person reads it."""
    if value in (None, ""):
        return ""
    if name == "turnover":
        plain = _plain_amount(value)
        return str(value) if plain is None else money(plain)
    if name == "country":
        return str(dict(country_choices()).get(value, value))
    return number(value) if name == "headcount" and isinstance(value, int) else str(value)


def theirs(firm: Firm, name: str, value: Any) -> str:
    """The same of the firm's, with what is known of its age or precision."""
    text = shown(name, value)
    if name == "turnover" and firm.turnover_year:
        return _("%(amount)s in %(year)s") % {"amount": text, "year": firm.turnover_year}
    if name == "headcount" and firm.headcount_to is None:
        return _("%(number)s or more") % {"number": text}
    if name == "headcount" and firm.headcount_to != value:
        return _("%(low)s to %(high)s") % {"low": text, "high": number(firm.headcount_to or 0)}
    return text


def state_of(firm: Firm) -> list[str]:
    """What one must know before working with a firm."""
    lines = []
    if firm.closed:
        lines.append(
            _("This firm closed on %(day)s.") % {"day": date_format(firm.closed_on, "d/m/Y")}
            if firm.closed_on
            else _("This firm has closed.")
        )
    if firm.hidden:
        lines.append(_("This firm asks for its data not to be spread: what it hides stays empty."))
    return lines


def stamp_of(siren: str) -> dict[str, Any]:
    """What the event of a company filled from outside keeps: the source and the day of the data."""
    known = last_known(siren)
    if known is None:
        return {}
    day = timezone.localdate(known.fetched_at)
    return {"source": str(known.source_label), "on": str(day), "siren": siren}


def take_over(
    *, user: Any, company: Company, firm: Firm, names: Sequence[str] | None = None, version: int | None = None
) -> dict[str, list[Any]]:
    """Write what a firm says into a company: the fields named, or those that are empty there.

    Raises ValidationError where the company would contradict itself (another firm's SIRET), StaleVersion.
    """
    given = firm.given()
    wanted = [name for name in given if (name in names if names is not None else not getattr(company, name))]
    values = {name: given[name] for name in wanted}
    after = copy(company)
    for name, value in values.items():
        setattr(after, name, value)
    after.clean()
    return change_company(
        user=user, company=company, values=values, version=version, filled=stamp_of(firm.siren)
    )


def set_solvency(*, company: Company, value: int | None, on: Any, today: date | None = None) -> None:
    """The last score of solvency, which the scores of its contacts follow: no event, the asking has one.

    `today` is the day as of which they are reckoned, where the story is of another one.
    """
    with transaction.atomic():
        contacts = contacts_of([company.pk])
        hold(contacts=contacts)
        Company.objects.filter(pk=company.pk).update(solvency=value, solvency_on=on)
        touch_scores(contacts, today)
    company.solvency, company.solvency_on = value, on
