"""Paths of documents that come from outside: opened only where they lead to an allowed host."""

import pytest
from django.test import override_settings

from people.models import User
from sales.services.document_link import open_link
from tests.base import client_of, make_cast
from tests.sales.records import make_contract

HOSTS = override_settings(DOCUMENT_HOSTS=["docs.example.fr", ".signature.fr"])


@pytest.mark.parametrize(
    "path",
    [
        "https://docs.example.fr/contrats/2026/142.pdf",
        "http://docs.example.fr/a?b=c&d=%20#e",
        "https://DOCS.example.fr:443/a",
        "https://eu.signature.fr/audit/142",
    ],
)
@HOSTS
def test_a_link_to_an_allowed_host_opens(path: str) -> None:
    assert open_link(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/contrats/2026/142.pdf",
        "\\\\serveur\\contrats\\142.pdf",
        "javascript:alert(1)",
        "JaVaScRiPt://docs.example.fr/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://docs.example.fr/a",
        "//docs.example.fr/a",
        "https:docs.example.fr/a",
        "https:///docs.example.fr/a",
        "https://docs.example.fr@evil.example/a",
        "https://docs.example.fr:pass@docs.example.fr/a",
        "https://evil.example/docs.example.fr",
        "https://evil.example#@docs.example.fr/",
        "https://evil.example?@docs.example.fr/",
        "https://evil.example\\@docs.example.fr/",
        "https://evil.example/\\docs.example.fr",
        "https://docs.example.fr.evil.example/",
        "https://evildocs.example.fr/",
        "https://signature.fr/",
        "https://evilsignature.fr/",
        "https://docs.example.fr:8443/a",
        "https://docs.example.fr:99999/a",
        "https://docs.example.fr:x/a",
        "https://[docs.example.fr/a",
        " https://docs.example.fr/a",
        "https://docs.example.fr/a\nb",
        "https://docs.example.fr\t/a",
        "https://docs\u3002example.fr/a",
        "https://docs.example.fr\u200b/a",
        "https://dоcs.example.fr/a",
        'https://docs.example.fr/"onmouseover="alert(1)',
    ],
)
@HOSTS
def test_anything_else_is_text(path: str) -> None:
    assert open_link(path) == ""


def test_without_a_setting_nothing_opens() -> None:
    assert open_link("https://docs.example.fr/a") == ""


@pytest.mark.django_db
@HOSTS
def test_the_page_links_what_is_allowed_and_shows_the_rest_to_copy() -> None:
    cast: dict[str, User] = make_cast()
    good, bad = "https://docs.example.fr/142.pdf", "javascript:alert(142)"
    contract = make_contract(cast["sales"], document_path=good, audit_trail_path=bad)
    page = client_of(cast["sales"]).get(contract.get_absolute_url()).content.decode()
    assert f'href="{good}"' in page
    assert f'href="{bad}"' not in page
    assert bad in page
