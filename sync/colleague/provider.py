"""The colleague's system on the page of integrations."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sync.colleague.client import NAME, ColleagueApi, check_address
from sync.errors import NoKey
from sync.providers import Provider, Setting


def test(connection: Any) -> str:
    """Reads the beginning of the list only."""
    found = ColleagueApi(connection).test()
    host = urlsplit(settings.EXTERNAL_API_URL).netloc.rpartition("@")[2]
    if found:
        return _("%(host)s answers: a list of prospects.") % {"host": host}
    return _("%(host)s answers: an empty list.") % {"host": host}


def missing() -> str:
    try:
        check_address(settings.EXTERNAL_API_URL)
    except NoKey as error:
        return str(error.text)
    return ""


def check_token(text: str) -> None:
    if not (text.isascii() and text.isprintable()):
        raise ValidationError(_("A token has plain letters, digits and signs only."))


PROVIDER = Provider(
    name=NAME,
    label=gettext_lazy("Colleague’s system"),
    icon="database-import",
    group=gettext_lazy("Import of clients"),
    text=gettext_lazy("Clients and contracts arrive from it every hour."),
    test=test,
    fields=(
        Setting(
            "token",
            gettext_lazy("Token"),
            secret=True,
            required=False,
            help=gettext_lazy(
                "As the header carries it, with “Bearer” where that is wanted. Empty: the server’s setting."
            ),
            check=check_token,
        ),
    ),
    keyless=True,
    order=5,
    real_in_demo=True,
    missing=missing,
)
