"""The resources of the API; each app registers its own in its `apps.py`, one line each."""

from functools import cache
from typing import Any

from django.utils.module_loading import import_string

_paths: dict[str, tuple[int, str]] = {}


def register(path: str, viewset: str, *, order: int = 50) -> None:
    """Offer the viewset of this dotted name at /api/v1/<path>/; `order` is its place in the documentation."""
    _paths[path] = (order, viewset)


@cache
def router() -> Any:
    """All resources; imported with the addresses: when apps start, DRF cannot be yet."""
    from rest_framework.routers import SimpleRouter

    built = SimpleRouter()
    for path, (_order, viewset) in sorted(_paths.items(), key=lambda item: item[1][0]):
        built.register(path, import_string(viewset), basename=path)
    return built
