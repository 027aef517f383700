"""What every view shares: who may open it, on which record."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import TemplateView, View

from digiweb.models import Record


def asked_by_script(request: HttpRequest) -> bool:
    """Whether a script of an open page asks, which would take the sign-in page for its answer."""
    return "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Dest") == "empty"


class GuardedView(View):
    """A view that says who may open it, in one of three ways; a system check refuses one that
    says nothing (digiweb/checks.py):

    - `module` and `action`: those whose role grants it (anybody else: 403);
    - `signed_in = True`: everybody who signed in, for what is their own;
    - `public = True`: everybody.
    """

    module = ""
    action = ""
    signed_in = False
    public = False
    breadcrumbs: Any = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public:
            if not request.user.is_authenticated:
                if asked_by_script(request):
                    return HttpResponse(status=401)
                return redirect_to_login(request.get_full_path())
            if not self.signed_in and not self.is_allowed():
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def is_allowed(self) -> bool:
        """Whether the person may do this view's action at all; records are checked when fetched."""
        if not (self.module and self.action):
            raise ImproperlyConfigured(f"{type(self).__name__} names neither module and action nor signed_in")
        user: Any = self.request.user
        return bool(user.can(self.module, self.action))

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return list(self.breadcrumbs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parent: Any = super()
        context = parent.get_context_data(**kwargs) if hasattr(parent, "get_context_data") else kwargs
        context.setdefault("breadcrumbs", self.get_breadcrumbs())
        return dict(context)


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours on which a button was pressed; `otherwise` when that cannot be told."""
    referer = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()})
    return referer if safe else otherwise


class PageView(GuardedView, TemplateView):
    """A guarded page out of a template."""


class RecordMixin(GuardedView):
    """A view of one record, found within what the person may see.

    A record out of sight answers 404; one in sight on which the action is not allowed, 403.
    """

    model: type[Record]
    select_related: tuple[str, ...] = ()
    pk_url_kwarg = "pk"

    def get_queryset(self) -> QuerySet:
        return self.model.objects.visible_to(self.request.user).select_related(*self.select_related)

    def get_object(self) -> Any:
        pk = self.kwargs[self.pk_url_kwarg]
        record = self.get_queryset().filter(pk=pk).first()
        if record is None:
            raise Http404
        if self.action != "view":
            may = self.model.objects.visible_to(self.request.user, self.action)
            if not may.filter(pk=pk).exists():
                raise PermissionDenied
        return record
