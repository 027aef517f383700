"""Pictures in pages, for those who signed in: photos of people, logos of agencies."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from digiweb.views.base import GuardedView

NAME = re.compile(r"[0-9a-f]{32}(_\w{7})?\.(webp|png)")
YEAR = 365 * 24 * 3600


class PictureView(GuardedView):
    """A picture by its name, which nobody can guess and which changes with the picture."""

    signed_in = True
    folder = "photos"

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        if not NAME.fullmatch(name):
            raise Http404
        try:
            file = default_storage.open(f"{self.folder}/{name}")
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(file, content_type=f"image/{name.rpartition('.')[2]}")
        response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
        response["X-Content-Type-Options"] = "nosniff"
        return response
