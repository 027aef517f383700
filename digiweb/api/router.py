"""The resources of the API; each app registers its own in its `apps.py`, one line each."""

from functools import cache
from typing import Any

from django.utils.module_loading import import_string

_paths: dict[str, str] = {}


def register(path: str, viewset: str) -> None:
    """Offer the viewset of this dotted name at /api/v1/<path>/."""
    _paths[path] = viewset


@cache
def router() -> Any:
    """All resources; imported with the addresses: when apps start, DRF cannot be yet."""
    from rest_framework.routers import SimpleRouter

    built = SimpleRouter()
    for path, viewset in _paths.items():
        built.register(path, import_string(viewset), basename=path)
    return built
