"""Testing a connection, and what its card says."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sync.errors import ProviderError
from sync.models import Call, CompanyLookup, Connection
from sync.providers import Provider
from sync.services.company_data import words_of

KEEP = timedelta(days=30)
# Names of managers stand in them: what nobody asked for again in a year goes.
KEEP_LOOKUPS = timedelta(days=365)
State = Connection.State
COLOURS = {
    State.NO_KEY: "slate",
    State.SAVED: "blue",
    State.OK: "green",
    State.WRONG_KEY: "red",
    State.QUOTA: "amber",
    State.DOWN: "red",
}


def test_connection(*, user: Any, provider: Provider, connection: Connection) -> tuple[bool, str]:
    """(whether it works, what to tell): asks the provider something that costs nothing.

    Asked now, whatever was known: a trouble of a moment ago does not stop it.
    """
    connection.state, connection.retry_at, connection.asking = State.SAVED, None, user
    try:
        return True, provider.test(connection)
    except ProviderError as error:
        return False, words_of(error)


def state_of(provider: Provider, connection: Connection) -> dict[str, str]:
    """The badge of a card: word, colour, and a sentence where there is more to say."""
    if lacking := provider.missing():
        return {"label": _("Not set up"), "colour": "slate", "text": lacking}
    if settings.DEMO_MODE and not provider.real_in_demo:
        return {"label": _("Demo"), "colour": "amber", "text": _("Nothing leaves: the answers are invented.")}
    if not connection.active:
        return {"label": _("Switched off"), "colour": "slate", "text": ""}
    state = State(connection.state)
    if state is State.NO_KEY and provider.keyless and not connection.checked_at:
        if provider.secrets:
            return {"label": str(State.SAVED.label), "colour": COLOURS[State.SAVED], "text": ""}
        return {"label": _("Ready, without a key"), "colour": "green", "text": ""}
    if state is State.SAVED and provider.keyless and not provider.secrets:
        state = State.OK
    text = ""
    if state is State.QUOTA and connection.retry_at:
        moment = date_format(timezone.localtime(connection.retry_at), "d/m/Y H:i")
        text = _("It can be asked again from %(moment)s.") % {"moment": moment}
    return {"label": str(state.label), "colour": COLOURS[state], "text": text}


def purge_calls() -> int:
    """Forget calls older than thirty days, returns how many; and company data older than a year."""
    CompanyLookup.objects.filter(fetched_at__lt=timezone.now() - KEEP_LOOKUPS).delete()
    old = Call.objects.filter(at__lt=timezone.now() - KEEP)
    gone = 0
    while ids := list(old.values_list("pk", flat=True)[:5000]):
        gone += Call.objects.filter(pk__in=ids).delete()[0]
    return gone
