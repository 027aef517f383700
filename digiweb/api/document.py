"""/api/v1/schema/: the OpenAPI document."""

from functools import lru_cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.response import Response

from digiweb.api.permissions import SignedIn
from digiweb.api.router import router
from digiweb.api.views import APIMixin


@lru_cache(maxsize=8)
def schema_in(language: str) -> dict[str, Any]:
    """The whole document; it only changes with the code, and building it takes a while."""
    with translation.override(language):
        generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
        document: dict[str, Any] = generator.get_schema(request=None, public=True)
        return {**document, "tags": described_tags()}


def described_tags() -> list[dict[str, str]]:
    """What each resource is."""
    return [
        {"name": path, "x-displayName": str(viewset.title), "description": str(viewset.about)}
        for path, viewset, _basename in router().registry
    ]


class SchemaView(APIMixin, SpectacularAPIView):
    """/api/v1/schema/: YAML, or JSON with `?format=json` or `Accept: application/json`."""

    signed_in = True
    permission_classes = [SignedIn]
    # None of the operations that it describes.
    schema = None

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        name = "digiweb-erp.json" if request.accepted_renderer.format.endswith("json") else "digiweb-erp.yaml"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(schema_in(translation.get_language() or "en"), headers=headers)
