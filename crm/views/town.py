"""Towns of a postcode, offered while an address is typed."""

from django.http import HttpRequest, JsonResponse

from digiweb.geo.places import towns_of
from digiweb.views.base import GuardedView


class TownsView(GuardedView):
    """`?postcode=69100&country=FR`: the names, as JSON. Whoever signed in may ask: the data is public."""

    signed_in = True

    def get(self, request: HttpRequest) -> JsonResponse:
        names = towns_of(request.GET.get("postcode", "")[:20], request.GET.get("country", "")[:2])
        response = JsonResponse({"towns": names})
        response["Cache-Control"] = "private, max-age=86400"
        return response
