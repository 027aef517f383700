"""The services that exist here, and how each is tested."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.templatetags.digiweb import number
from sync.coface.client import CofaceApi
from sync.colleague.provider import PROVIDER as COLLEAGUE
from sync.directory.client import DirectoryApi
from sync.pappers.client import PappersApi
from sync.providers import Provider, Setting
from sync.sirene.client import SireneApi

COMPANY_DATA = gettext_lazy("Company data")


def test_pappers(connection: Any) -> str:
    found = PappersApi(connection).test()
    return _("Pappers answers: %(count)s bakeries found for a try.") % {"count": number(found)}


def test_sirene(connection: Any) -> str:
    return _("INSEE answers: version %(version)s.") % {"version": SireneApi(connection).test() or "3.11"}


def test_directory(connection: Any) -> str:
    found = len(DirectoryApi(connection).search("boulangerie"))
    return _("The directory answers: %(count)s firms for a try.") % {"count": number(found)}


def test_coface(connection: Any) -> str:
    found = CofaceApi(connection).test()
    text = ngettext("Coface answers: %(n)s country.", "Coface answers: %(n)s countries.", found)
    return text % {"n": found}


def providers() -> list[Provider]:
    api_key = gettext_lazy("API key")
    return [
        COLLEAGUE,
        Provider(
            "pappers",
            "Pappers",
            "building-bank",
            COMPANY_DATA,
            gettext_lazy("Fills companies with identity, managers, headcount and turnover. A credit a firm."),
            test_pappers,
            (Setting("api_key", api_key, secret=True),),
            docs="https://www.pappers.fr/api",
            order=10,
        ),
        Provider(
            "sirene",
            "INSEE Sirene",
            "certificate",
            COMPANY_DATA,
            gettext_lazy("The official register, by SIREN and SIRET. Free, 30 requests a minute."),
            test_sirene,
            (
                Setting(
                    "api_key",
                    api_key,
                    secret=True,
                    help=gettext_lazy("From portail-api.insee.fr, plan “Simple”."),
                ),
            ),
            docs="https://portail-api.insee.fr",
            order=20,
        ),
        Provider(
            "directory",
            gettext_lazy("Company directory"),
            "address-book",
            COMPANY_DATA,
            gettext_lazy("The State’s directory proposes firms while one types. Free, without a key."),
            test_directory,
            docs="https://recherche-entreprises.api.gouv.fr/docs/",
            keyless=True,
            order=30,
        ),
        Provider(
            "coface",
            "Coface",
            "scale",
            gettext_lazy("Solvency"),
            gettext_lazy("Scores of solvency from 1 to 10, asked for one by one; each is billed by Coface."),
            test_coface,
            (
                Setting("api_key", api_key, secret=True),
                Setting("username", gettext_lazy("User name")),
                Setting("password", gettext_lazy("Password"), secret=True),
            ),
            docs="https://coface.github.io",
            order=40,
        ),
    ]
