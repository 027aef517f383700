"""Aircall on the page of integrations."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sync.aircall.client import AircallApi
from sync.aircall.mapping import read_arrival
from sync.aircall.receiver import NAME, proved, work
from sync.models import Connection
from sync.providers import Provider, Setting
from sync.services.call_log import person_named
from sync.services.call_upkeep import MOST_RECORDING_DAYS
from sync.services.connection import save_connection
from sync.webhooks import Receiver, hook_path


def test(connection: Any) -> str:
    """Whose account the key opens."""
    company = AircallApi(connection).company()
    if not connection.secret("webhook_token"):
        return _("The key opens the account “%(company)s”. Now create the webhook.") % {"company": company}
    return _("The key opens the account “%(company)s”.") % {"company": company}


def check_person(email: str) -> None:
    """A mistyped address would send the calls elsewhere without a word."""
    if person_named(email.strip()) is None:
        raise ValidationError(_("No active colleague has this address."))


def check_days(text: str) -> None:
    """What is no number would be read as the longest time."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= MOST_RECORDING_DAYS:
        raise ValidationError(_("Enter a number of days from 1 to %(most)s.") % {"most": MOST_RECORDING_DAYS})


def make_webhook(*, user: Any, connection: Connection) -> None:
    """Have Aircall call us, and keep the token by which it proves itself; raises one of sync.errors."""
    token = AircallApi(connection, user=user).webhook_token(hook_url(), "DigiWeb ERP")
    save_connection(
        user=user,
        provider=PROVIDER,
        settings=connection.settings,
        secrets={"webhook_token": token},
        active=connection.active,
    )


def hook_url() -> str:
    """Where Aircall is to call."""
    return f"{settings.SITE_URL}{hook_path(NAME)}"


RECEIVER = Receiver(NAME, gettext_lazy("Aircall"), proved, read_arrival, work)
PROVIDER = Provider(
    name=NAME,
    label=gettext_lazy("Aircall"),
    icon="phone",
    group=gettext_lazy("Telephone"),
    text=gettext_lazy("Calls stand on the time line of the contact with that number."),
    test=test,
    fields=(
        Setting("api_id", gettext_lazy("API ID"), secret=True),
        Setting("api_token", gettext_lazy("Token of the API"), secret=True),
        Setting(
            "webhook_token",
            gettext_lazy("Token of the webhook"),
            secret=True,
            required=False,
            help=gettext_lazy("Filled in by “Create the webhook”; type it only if you made one by hand."),
        ),
        Setting(
            "person",
            gettext_lazy("Who takes calls that are nobody’s (e-mail)"),
            required=False,
            help=gettext_lazy("Missed calls of unknown numbers go there; empty: to administrators."),
            check=check_person,
        ),
        Setting(
            "recordings",
            gettext_lazy("Links to recordings and voicemails"),
            choices=(("no", gettext_lazy("Not kept")), ("yes", gettext_lazy("Kept"))),
            default="no",
            help=gettext_lazy("Callers must be told that they are recorded."),
        ),
        Setting(
            "recording_days",
            gettext_lazy("Days that these links are kept"),
            required=False,
            default="180",
            help=gettext_lazy("180 at the most: six months (CNIL)."),
            check=check_days,
        ),
    ),
    docs="https://dashboard.aircall.io/integrations/api-keys",
    url_name="sync:aircall",
    order=50,
)
