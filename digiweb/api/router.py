"""The resources of the API; each app registers its own in its `apps.py`, one line each."""

from typing import Any

from rest_framework.routers import SimpleRouter

router = SimpleRouter()


def register(path: str, viewset: Any) -> None:
    """Offer `viewset` at /api/v1/<path>/."""
    router.register(path, viewset, basename=path)
