"""How a person likes their lists: columns, density, saved views."""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from people.models import ListPreference, SavedView

DENSITIES = ("comfortable", "compact")


class PreferenceView(GuardedView):
    """Something of one's own, kept by POST; the person goes back to the list they came from."""

    signed_in = True
    http_method_names = ["post"]

    def list_key(self) -> str:
        """Which list it is about: the templates say `list_key`, programs may say `key`."""
        return (self.request.POST.get("list_key") or self.request.POST.get("key", ""))[:60]

    def back(self, path: str = "") -> HttpResponse:
        url = path or self.request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/")
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Trigger": "dw:saved"})
        return HttpResponseRedirect(url if safe else "/")


class ListPreferenceView(PreferenceView):
    """Columns (in order) and density of one list."""

    def post(self, request: HttpRequest) -> HttpResponse:
        key = self.list_key()
        if not key:
            raise Http404
        values: dict[str, Any] = {}
        user: Any = request.user
        if "columns" in request.POST:
            values["columns"] = [name[:60] for name in request.POST.getlist("columns") if name][:60]
        if request.POST.get("density") in DENSITIES:
            values["density"] = request.POST["density"]
        ListPreference.objects.update_or_create(user=user, list_key=key, defaults=values)
        return self.back()


class SavedViewCreateView(PreferenceView):
    """Keep the present state of a list under a name; the same name again replaces it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        key = self.list_key()
        name = " ".join(request.POST.get("name", "").split())
        query = request.POST.get("query", "")
        if not key or not name or len(name) > 60 or len(query) > 2000:
            toast(request, _("A view needs a name of at most 60 characters."), level="error")
            return self.back()
        owner: Any = request.user
        shared = request.POST.get("shared") in ("1", "on")
        try:
            with transaction.atomic():
                SavedView.objects.update_or_create(
                    owner=owner, list_key=key, name=name, defaults={"query": query, "shared": shared}
                )
        except IntegrityError:  # two clicks at once: the first one saved it
            pass
        toast(request, _("The view “%(name)s” is saved.") % {"name": name})
        return self.back()


class SavedViewDeleteView(PreferenceView):
    """Delete a saved view of one's own."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        owner: Any = request.user
        view = SavedView.objects.filter(owner=owner, pk=pk).first()
        if view is None:
            raise Http404
        view.delete()
        toast(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
        return self.back()
