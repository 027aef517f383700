"""Yousign on the page of integrations."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sales.services.quote_signing import Signing
from sync.providers import Provider, Setting
from sync.services.signature import ask_signature, waiting_for, yousign_ready
from sync.webhooks import Receiver, hook_path
from sync.yousign.client import YousignApi
from sync.yousign.mapping import read_arrival
from sync.yousign.receiver import NAME, proved, work


def test(connection: Any) -> str:
    """Whether the key opens the account; and where its messages are to go."""
    YousignApi(connection).test()
    url = f"{settings.SITE_URL}{hook_path(NAME)}"
    return _("Yousign answers. Have its webhook call %(url)s.") % {"url": url}


RECEIVER = Receiver(NAME, gettext_lazy("Yousign"), proved, read_arrival, work)
SIGNING = Signing(gettext_lazy("Yousign"), yousign_ready, ask_signature, waiting_for)
PROVIDER = Provider(
    NAME,
    "Yousign",
    "signature",
    gettext_lazy("Signatures"),
    gettext_lazy("Clients sign quotes electronically; signed PDF and audit trail are kept with the quote."),
    test,
    (
        Setting("api_key", gettext_lazy("API key"), secret=True),
        Setting(
            "webhook_secret",
            gettext_lazy("Secret of the webhook"),
            secret=True,
            help=gettext_lazy("By which Yousign signs its messages; both keys are needed to sign quotes."),
        ),
        Setting(
            "mode",
            gettext_lazy("Environment"),
            choices=(("sandbox", gettext_lazy("Sandbox")), ("production", gettext_lazy("Production"))),
            default="sandbox",
        ),
    ),
    docs="https://developers.yousign.com",
    order=60,
)
