"""The entrance of the API, and what answers where nothing is."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from digiweb.api.errors import ProblemError
from digiweb.api.permissions import SignedIn
from digiweb.api.router import router
from digiweb.api.views import APIMixin


class RootView(APIMixin, APIView):
    """The addresses of the resources."""

    signed_in = True
    permission_classes = [SignedIn]
    schema = None

    def get(self, request: Any) -> Response:
        names = {path: f"api:{path}-list" for path, _viewset, _basename in router().registry}
        more = {"schema": "api:schema", "docs": "api:docs"}
        return Response({key: reverse(name, request=request) for key, name in {**names, **more}.items()})


class NotFoundView(APIMixin, APIView):
    """Any other address, with any method; without it Django would redirect a POST and lose its body."""

    public = True
    http_method_names = [*APIMixin.http_method_names, "put", "options"]
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    schema = None

    def get(self, request: Any, rest: str) -> Response:
        if not rest.endswith("/"):
            raise ProblemError(404, _("Addresses of the API end with a slash."))
        raise Http404

    post = patch = delete = put = options = get
