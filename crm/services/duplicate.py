"""Finding records that are probably one and the same: while typing, and all of them by a job (SPEC C12)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from crm.models import Company, Contact, DuplicatePair
from digiweb.fulltext import fold
from digiweb.jobs import Progress
from digiweb.phones import normalise_phone

Reason = DuplicatePair.Reason
# More records than these with one e-mail or phone are a shared address or a switchboard, not twins.
SHARED = 5
# As one types: at most so many are shown, out of so many looked at.
SHOWN, LOOKED_AT = 5, 200
BATCH = 1000
LEGAL_FORMS = frozenset(
    ["sarl", "sas", "sasu", "eurl", "sa", "sci", "snc", "scop", "ei", "societe", "ste", "ets", "et", "cie"]
)


def close_name(text: str) -> str:
    """What stays of a name when spelling is forgiven: order of words, accents, doubled and silent letters.

    « Boulangeries Martin SARL » and « Martin Boulangerie » are alike, « Phillipe Dupond » and
    « Philippe Dupont » too. Empty when nothing distinctive stays.
    """
    words = [word for word in re.findall(r"\w+", fold(text)) if word not in LEGAL_FORMS]
    return " ".join(sorted(filter(None, (_sound(word) for word in words))))


def _sound(word: str) -> str:
    word = re.sub(r"(.)\1+", r"\1", word.replace("ph", "f").replace("qu", "k"))
    word = re.sub(r"[hy]", lambda found: {"h": "", "y": "i"}[found[0]], word)
    return re.sub(r"(?<=\w\w\w)[sxtde]+$", "", word)


# --- As one types


def twins_of_contact(user: Any, values: Mapping[str, str], *, besides: int = 0) -> list[tuple[Contact, str]]:
    """Contacts within sight that look like the one being typed, with the reason; the surest first."""
    seen = Contact.objects.visible_to(user).exclude(pk=besides).select_related("company", "owner")
    found: dict[int, tuple[Contact, str]] = {}
    email = values.get("email", "").strip().lower()
    if email:
        _add(found, seen.filter(email=email), Reason.EMAIL)
    numbers = [number for name in ("phone", "mobile") if (number := _number(values.get(name, "")))]
    if numbers:
        _add(found, seen.filter(Q(phone__in=numbers) | Q(mobile__in=numbers)), Reason.PHONE)
    last_name, city = values.get("last_name", "").strip(), values.get("city", "").strip()
    key = close_name(f"{last_name} {values.get('first_name', '')}")
    if city and key and last_name:
        words = " ".join(word[:3] for word in fold(last_name).split()[:1])
        near = seen.filter(city=city, search_text__words=words).order_by("pk")[:LOOKED_AT]
        _add(found, [one for one in near if close_name(one.sort_name) == key], Reason.NAME)
    return list(found.values())[:SHOWN]


def twins_of_company(user: Any, values: Mapping[str, str], *, besides: int = 0) -> list[tuple[Company, str]]:
    """Companies within sight that look like the one being typed, with the reason."""
    seen = Company.objects.visible_to(user).exclude(pk=besides).select_related("owner")
    found: dict[int, tuple[Company, str]] = {}
    siret, siren = (re.sub(r"\s", "", values.get(name, "")) for name in ("siret", "siren"))
    if len(siret) == 14:
        _add(found, seen.filter(siret=siret), Reason.SIRET)
        siren = siren or siret[:9]
    if len(siren) == 9:
        _add(found, seen.filter(siren=siren), Reason.SIREN)
    key, city = close_name(values.get("name", "")), values.get("city", "").strip()
    if key:
        words = " ".join(word[:3] for word in fold(values["name"]).split()[:2])
        near = seen.filter(search_text__words=words)
        near = near.filter(city=city) if city else near
        alike = [one for one in near.order_by("pk")[:LOOKED_AT] if close_name(one.name) == key]
        _add(found, alike, Reason.NAME)
    return list(found.values())[:SHOWN]


def _add(found: dict[int, Any], records: Iterable[Any], reason: Any) -> None:
    for record in list(records[:SHOWN] if isinstance(records, QuerySet) else records):
        found.setdefault(record.pk, (record, reason.label))


def _number(text: str) -> str:
    try:
        return normalise_phone(text) if text.strip() else ""
    except ValidationError:
        return ""


# --- All of them


def find_pairs(progress: Progress | None = None) -> int:
    """Look for likely pairs among all records; returns how many are to be looked at.

    Pairs that somebody said are not the same stay so; those that no longer look alike go away. Run again
    it finds the same.
    """
    steps = (
        (Contact, _contacts_by_email),
        (Contact, _contacts_by_phone),
        (Contact, _contacts_by_name),
        (Company, _companies_by_number),
        (Company, _companies_by_name),
    )
    found: dict[type[Any], dict[tuple[int, int], str]] = {Contact: {}, Company: {}}
    for done, (model, step) in enumerate(steps, 1):
        for first, second, reason in step():
            found[model].setdefault((min(first, second), max(first, second)), reason)
        if progress:
            progress.set(done, len(steps) + 1)
    with transaction.atomic():
        for model, pairs in found.items():
            _keep(model._meta.label_lower, pairs)
        if progress:
            progress.set(len(steps) + 1, len(steps) + 1)
    return int(DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN).count())


def _keep(kind: str, pairs: Mapping[tuple[int, int], str]) -> None:
    known = DuplicatePair.objects.filter(subject_type=kind)
    still_open = known.filter(state=DuplicatePair.State.OPEN).values_list("first_id", "second_id", "pk")
    gone = [pk for first, second, pk in still_open if (first, second) not in pairs]
    for start in range(0, len(gone), BATCH):
        DuplicatePair.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(subject_type=kind, first_id=first, second_id=second, reason=reason)
            for (first, second), reason in sorted(pairs.items())
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _contacts_by_email() -> Iterator[tuple[int, int, str]]:
    return _same(Contact, "email", Reason.EMAIL)


def _same(model: Any, column: str, reason: str) -> Iterator[tuple[int, int, str]]:
    """Pairs with one value of an indexed column."""
    rows = model.objects.exclude(**{column: ""}).order_by().values(column)
    values = rows.annotate(number=Count("pk")).filter(number__gt=1, number__lte=SHARED)
    shared = list(values.values_list(column, flat=True))
    for start in range(0, len(shared), BATCH):
        groups: dict[str, list[int]] = defaultdict(list)
        chunk = model.objects.filter(**{f"{column}__in": shared[start : start + BATCH]})
        for value, pk in chunk.values_list(column, "pk"):
            groups[value].append(pk)
        for pks in groups.values():
            yield from ((one, other, reason) for one, other in combinations(sorted(pks), 2))


def _contacts_by_phone() -> Iterator[tuple[int, int, str]]:
    """One number in either column; two people of known and different names share a switchboard."""
    pairs = [
        *_same(Contact, "phone", Reason.PHONE),
        *_same(Contact, "mobile", Reason.PHONE),
        *_across_columns(),
    ]
    for start in range(0, len(pairs), BATCH):
        chunk = pairs[start : start + BATCH]
        ids = {pk for first, second, _reason in chunk for pk in (first, second)}
        names = dict(Contact.objects.filter(pk__in=ids).values_list("pk", "sort_name"))
        for first, second, reason in chunk:
            keys = [close_name(names.get(pk, "")) for pk in (first, second)]
            if not all(keys) or keys[0] == keys[1]:
                yield first, second, reason


def _across_columns() -> list[tuple[int, int, str]]:
    """A number that is one contact's phone and another's mobile."""
    twin = Contact.objects.filter(mobile=OuterRef("phone")).exclude(pk=OuterRef("pk"))
    rows = Contact.objects.exclude(phone="").exclude(phone=F("mobile")).filter(Exists(twin))
    phones = dict(rows.values_list("pk", "phone"))
    holders: dict[str, list[int]] = defaultdict(list)
    for pk, mobile in Contact.objects.filter(mobile__in=set(phones.values())).values_list("pk", "mobile"):
        holders[mobile].append(pk)
    return [
        (pk, other, Reason.PHONE)
        for pk, phone in phones.items()
        if len(holders[phone]) < SHARED
        for other in holders[phone]
        if other != pk
    ]


def _contacts_by_name() -> Iterator[tuple[int, int, str]]:
    return _alike_in_a_town(Contact, "sort_name")


def _companies_by_name() -> Iterator[tuple[int, int, str]]:
    return _alike_in_a_town(Company, "name")


def _companies_by_number() -> Iterator[tuple[int, int, str]]:
    """One SIRET; or one SIREN in one town (other towns are the firm's other places)."""
    yield from _same(Company, "siret", Reason.SIRET)
    pairs = list(_same(Company, "siren", Reason.SIREN))
    ids = {pk for first, second, _reason in pairs for pk in (first, second)}
    towns = {pk: fold(city) for pk, city in Company.objects.filter(pk__in=ids).values_list("pk", "city")}
    yield from (pair for pair in pairs if towns.get(pair[0]) == towns.get(pair[1]))


def _alike_in_a_town(model: Any, column: str) -> Iterator[tuple[int, int, str]]:
    """Close names, town by town: only one town's names are in memory."""
    cities = model.objects.exclude(city="").order_by().values("city").annotate(number=Count("pk"))
    for city in cities.filter(number__gt=1).values_list("city", flat=True):
        groups: dict[str, list[int]] = defaultdict(list)
        for pk, name in model.objects.filter(city=city).values_list("pk", column):
            key = close_name(name)
            if len(key) > 3:
                groups[key].append(pk)
        for pks in groups.values():
            if len(pks) <= SHARED:
                yield from ((one, other, Reason.NAME) for one, other in combinations(sorted(pks), 2))


@transaction.atomic
def dismiss_pairs(*, pks: Iterable[int]) -> int:
    """Say that these pairs are two different records each: they are not suggested again."""
    pairs = DuplicatePair.objects.filter(pk__in=list(pks), state=DuplicatePair.State.OPEN)
    changed = {"version": F("version") + 1, "updated_at": timezone.now()}
    return int(pairs.update(state=DuplicatePair.State.DISMISSED, **changed))
