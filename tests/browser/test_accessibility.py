"""Every page in light and dark, on a phone and on a wide screen: axe finds nothing, nothing overflows."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from people.models import User
from tests.base import make_cast, make_company, make_contact, make_deal
from tests.browser.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js").read_text()
PUBLIC = ["/accounts/login/", "/accounts/password/reset/", "/nowhere/"]
SALES = [
    "/",
    "/crm/contacts/?all=1",
    "/crm/contacts/?mode=kanban",
    "/crm/contacts/new/",
    "/crm/contacts/{contact}/",
    "/crm/contacts/{contact}/edit/",
    "/crm/contacts/{contact}/delete/",
    "/crm/contacts/import/",
    "/crm/imports/?all=1",
    "/crm/companies/?all=1",
    "/crm/companies/?mode=list",
    "/crm/companies/{company}/",
    "/crm/companies/{company}/edit/",
    "/crm/deals/?all=1",
    "/crm/deals/?mode=kanban",
    "/crm/deals/new/",
    "/crm/deals/{deal}/",
    "/crm/deals/{deal}/edit/",
    "/crm/deals/{deal}/lose/",
    "/crm/tags/?all=1",
    "/search/?q=durand",
    "/me/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/password/change/",
]
ADMIN = [
    "/settings/team/?all=1",
    "/settings/team/new/",
    "/settings/team/{person}/",
    "/settings/team/{person}/edit/",
    "/settings/roles/?all=1",
    "/settings/roles/{role}/edit/",
    "/settings/audit/?all=1",
    "/api/v1/docs/",
]
LONG = (
    "Établissements-Interminables-de-la-Vallée-de-la-Haute-Marne-et-des-Environs-de-Saint-Dizier-et-Fils-SARL"
)


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("who", ["nobody", "sales", "admin"])
def test_axe_finds_nothing_and_nothing_overflows(
    who: str, width: int, theme: str, new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name=LONG, headcount=12, siren="732829320")
    contact = make_contact(
        hugo, owner=hugo, first_name="Émilie", last_name=LONG[:110], company=company, email="e@exemple.fr"
    )
    deal = make_deal(hugo, title=LONG, company=company, contact=contact, amount=1234567)
    page = new_page(width=width, color_scheme=theme)
    if who != "nobody":
        sign_in(page, cast[who], live_server)
    page.context.add_cookies([{"name": "dw_theme", "value": theme, "url": live_server.url}])
    numbers = {
        "deal": deal.pk,
        "contact": contact.pk,
        "company": company.pk,
        "person": hugo.pk,
        "role": hugo.role_id,
    }
    found: list[str] = []
    for address in {"nobody": PUBLIC, "sales": SALES, "admin": ADMIN}[who]:
        page.goto(address.format(**numbers))
        page.evaluate(AXE)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in result["violations"]:
            places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:3]]
            found.append(f"{address}: {violation['id']} at {places}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            found.append(f"{address}: scrolls sideways at {width} px")
    assert not found, "\n".join(found)
