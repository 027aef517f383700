"""Verbs of connections: keys saved and taken away, and how each call went."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from digiweb.audit import record
from digiweb.changes import change_record
from sync.errors import ProviderError, Quota
from sync.models import Connection
from sync.providers import Provider

# A use is written down at most so often: it is for people, not for accounts.
USE_EVERY = timedelta(minutes=1)


def connection_of(name: str) -> Connection:
    """The connection to a provider; an unsaved one where nobody connected it yet."""
    return Connection.objects.filter(provider=name).first() or Connection(provider=name)


@transaction.atomic
def save_connection(
    *,
    user: Any,
    provider: Provider,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    active: bool = True,
    version: int | None = None,
) -> Connection:
    """Connect a provider, or change how; an empty secret leaves the one that is there.

    Raises StaleVersion. The log says that keys were changed, never which.
    """
    Connection.objects.get_or_create(provider=provider.name)  # two who connect it at once meet here
    connection = Connection.objects.select_for_update().get(provider=provider.name)
    given = {name: key for name, key in secrets.items() if key and name in provider.secrets}
    chosen = {name: settings[name] for name in provider.settings if settings.get(name)}
    values = {"settings": chosen, "active": active}
    changed = change_record(user=user, obj=connection, values=values, version=version)
    if given:
        connection.seal({**connection.secrets(), **given})
        connection.sealed_at = timezone.now()
        connection.save(update_fields=["sealed", "sealed_at", "updated_at"])
        record(user=user, action="key_saved", obj=connection)
    if given or changed:
        _start_again(connection, provider)
    return connection


@transaction.atomic
def disconnect(*, user: Any, connection: Connection) -> None:
    """Forget the keys and call the provider no more; the settings stay for the next time."""
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    change_record(user=user, obj=connection, values={"active": False}, action="disconnected")
    connection.seal({})
    connection.sealed_at = None
    connection.save(update_fields=["sealed", "sealed_at"])
    _write(connection, state=Connection.State.NO_KEY, retry_at=None, checked_at=None, last_error="")


def note_answer(connection: Connection) -> None:
    """The provider answered as it should."""
    now = timezone.now()
    fresh = connection.last_used_at and now - connection.last_used_at < USE_EVERY
    if connection.state == Connection.State.OK and fresh:
        return
    _write(
        connection,
        state=Connection.State.OK,
        retry_at=None,
        checked_at=now,
        last_error="",
        last_used_at=now,
    )


def note_trouble(connection: Connection, error: ProviderError) -> None:
    """It did not; a trouble without a state of its own (« unknown ») is an answer too."""
    if not error.state:
        note_answer(connection)
        return
    now = timezone.now()
    retry_at = error.retry_at if isinstance(error, Quota) else None
    _write(
        connection,
        state=error.state,
        retry_at=retry_at,
        checked_at=now,
        last_error=error.detail[:200],
        last_used_at=now,
    )


def _start_again(connection: Connection, provider: Provider) -> None:
    """After a change nothing is known of how it works."""
    complete = all(connection.secret(name) for name in provider.required_secrets)
    state = Connection.State.SAVED if complete else Connection.State.NO_KEY
    _write(connection, state=state, retry_at=None, checked_at=None, last_error="")


def _write(connection: Connection, **values: Any) -> None:
    """What is noted by the way is no change of the record: no version, no event."""
    if not connection.pk:  # a provider without a key, used for the first time
        row, _made = Connection.objects.get_or_create(provider=connection.provider)
        connection.__dict__.update(row.__dict__)
    for name, value in values.items():
        setattr(connection, name, value)
    Connection.objects.filter(pk=connection.pk).update(**values)
