"""Photos, for those who signed in."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from digiweb.views.base import GuardedView

NAME = re.compile(r"[0-9a-f]{32}(_\w{7})?\.webp")
YEAR = 365 * 24 * 3600


class PhotoView(GuardedView):
    """A photo by its name, which nobody can guess and which changes with the picture."""

    signed_in = True

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        if not NAME.fullmatch(name):
            raise Http404
        try:
            file = default_storage.open(f"photos/{name}")
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(file, content_type="image/webp")
        response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
        response["X-Content-Type-Options"] = "nosniff"
        return response
