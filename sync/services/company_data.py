"""The sources of company data that the CRM asks: each provider's client, behind what is kept of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import redis.exceptions
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.company_data import Answer, Firm, Source, SourceTrouble
from sync.directory.client import DirectoryApi
from sync.errors import ProviderError, Quota
from sync.http import WHILE_TYPING, Limits
from sync.models import CompanyLookup, Connection
from sync.pappers.client import PappersApi
from sync.providers import provider_named
from sync.services.connection import connection_of
from sync.sirene.client import SireneApi

# For so long (seconds) one who asks has their turn, and others look so often whether the answer is there.
TURN, LOOKS = 8, 16
Ask = Callable[[Connection, Any, Limits | None], Any]


def sources() -> list[Source]:
    """Pappers knows most, INSEE is the register itself, the directory needs no key.

    For names the directory is asked first: it is made for typing and costs nothing.
    """
    return [
        _source("pappers", PappersApi, order=10, suggest_order=30),
        _source("sirene", SireneApi, order=20, suggest_order=20, by_place=True),
        _source("directory", DirectoryApi, order=30, suggest_order=10),
    ]


def _source(name: str, api: Any, *, order: int, suggest_order: int, by_place: bool = False) -> Source:
    label: Any = _Label(name)

    def fetch(user: Any, siren: str, siret: str, fresh: bool) -> Answer:
        def ask(client: Any) -> Firm:
            firm: Firm = client.firm(siren, siret) if by_place else client.firm(siren)
            return firm

        key = siret if by_place and siret else siren
        return fetch_firm(api, ask, user=user, key=key, fresh=fresh)

    def suggest(user: Any, words: str) -> Sequence[Firm]:
        client = api(connection_of(name), user=user, limits=WHILE_TYPING)
        try:
            found: Sequence[Firm] = client.search(words)
        except ProviderError as error:
            raise SourceTrouble(error.state or "unknown", words_of(error)) from error
        return found

    return Source(
        name,
        label,
        fetch,
        known=lambda siren: _answer(last_lookup(name, siren)),
        ready=lambda: is_connected(name),
        suggest=suggest,
        order=order,
        suggest_order=suggest_order,
    )


def last_lookup(provider: str, siren: str) -> CompanyLookup | None:
    """The youngest answer about a firm, of its seat or of another of its establishments."""
    rows = CompanyLookup.objects.filter(provider=provider, key__startswith=siren) if siren else None
    return rows.select_related("asked_by").order_by("-fetched_at").first() if rows is not None else None


class _Label:
    """A provider's name, looked up when it is shown: sources are registered before all providers are."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        provider = provider_named(self.name)
        return str(provider.label) if provider else self.name


def is_connected(name: str) -> bool:
    """Whether a provider can be asked: it has its keys, or needs none, and is not switched off."""
    provider = provider_named(name)
    if provider is None:
        return False
    if settings.DEMO_MODE:
        return True
    connection = connection_of(name)
    if not connection.active:
        return False
    kept = connection.secrets() if provider.required_secrets else {}
    return all(kept.get(secret) for secret in provider.required_secrets)


def fetch_firm(api: Any, ask: Callable[[Any], Firm], *, user: Any, key: str, fresh: bool = False) -> Answer:
    """A firm as it is kept, if that is young; else asked anew and kept. Raises SourceTrouble.

    Nothing is written unless the whole answer was understood.
    """
    kept = _kept(api.provider, key)
    known = _answer(kept)
    if kept is not None and known is not None and kept.is_fresh and not fresh:
        return known
    with _turn(f"firm:{api.provider}:{key}"):
        # Somebody else asked the same this very moment: it is paid once, not twice.
        newer = _kept(api.provider, key)
        if newer is not None and (kept is None or newer.fetched_at > kept.fetched_at):
            answer = _answer(newer)
            if answer is not None:
                return answer
        return _ask_and_keep(api, ask, user=user, key=key, known=known)


def _ask_and_keep(
    api: Any, ask: Callable[[Any], Firm], *, user: Any, key: str, known: Answer | None
) -> Answer:
    try:
        firm = ask(api(connection_of(api.provider), user=user))
    except ProviderError as error:
        raise SourceTrouble(error.state or "unknown", words_of(error), known=known) from error
    row, _made = CompanyLookup.objects.update_or_create(
        provider=api.provider,
        key=key,
        defaults={
            "payload": firm.as_json(),
            "fetched_at": timezone.now(),
            "asked_by": user if getattr(user, "pk", None) else None,
            "demo": settings.DEMO_MODE,
        },
    )
    answer = _answer(row)
    assert answer is not None  # noqa: S101 (it was written from a firm just now)
    return answer


def _kept(provider: str, key: str) -> CompanyLookup | None:
    return CompanyLookup.objects.filter(provider=provider, key=key).select_related("asked_by").first()


@contextmanager
def _turn(name: str) -> Iterator[None]:
    """One at a time; who waited `TURN` seconds, or finds no Redis, goes on all the same."""
    held = False
    with suppress(redis.exceptions.RedisError):
        for _look in range(LOOKS):
            held = cache.add(name, 1, TURN)
            if held:
                break
            time.sleep(TURN / LOOKS)
    try:
        yield
    finally:
        if held:
            with suppress(redis.exceptions.RedisError):
                cache.delete(name)


def _answer(row: CompanyLookup | None) -> Answer | None:
    if row is None:
        return None
    try:
        firm = Firm.from_json(row.payload)
    except (TypeError, ValueError):
        return None  # kept by an older version of the mapping
    return Answer(firm, row.provider, _Label(row.provider), row.fetched_at, row.asked_by, row.demo)


def words_of(error: ProviderError) -> str:
    """What a person reads of a trouble: what happened, and until when."""
    if isinstance(error, Quota) and error.retry_at:
        local = timezone.localtime(error.retry_at)
        today = local.date() == timezone.localdate()
        moment = date_format(local, "H:i") if today else date_format(local, "d/m/Y H:i")
        return _("The quota is used up: it can be asked again from %(moment)s.") % {"moment": moment}
    return str(error.text)
