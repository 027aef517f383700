"""What every page knows: the `shell` of its template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from digiweb.navigation import create_menu_for, menu_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """Menu, « + », theme, language, demo and « voir comme »; worked out only where a page asks."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    menu = menu_for(request) if signed_in else []
    theme = request.COOKIES.get("dw_theme") or (user.theme if signed_in and user else "auto")
    return {
        "menu": menu,
        # All that the menu and what lists its lines depend on (templates/base/page.html keeps them drawn).
        "menu_key": [
            get_language(),
            *((line["url"], line["active"]) for part in menu for line in part["items"]),
        ],
        "create": create_menu_for(request) if signed_in else [],
        "demo": settings.DEMO_MODE,
        "viewing_as": user if getattr(request, "real_user", None) else None,
        "theme": theme if theme in ("light", "dark", "auto") else "auto",
        "folded": request.COOKIES.get("dw_menu") == "folded",
        "language": get_language(),
    }
