"""« Voir comme »: starting and stopping (the looking itself is done by people/middleware.py)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.views.base import GuardedView
from people.middleware import VIEW_AS_KEY
from people.models import User
from people.services.view_as import may_view_as, start_view_as, stop_view_as
from people.views.user import UserConfirmView


class ViewAsView(UserConfirmView):
    """Begin to see what a person may see."""

    action = "view"
    submit_label = gettext_lazy("View as this person")

    @property
    def person(self) -> User:
        person = super().person
        if not may_view_as(self.request.user, person):
            raise PermissionDenied
        return person

    def get_title(self) -> Any:
        return _("View as %(person)s?") % {"person": self.person}

    def consequences(self) -> list[str]:
        return [
            _("You see the pages as this person does, and nothing can be changed."),
            _("The audit log keeps when you began and when you stopped."),
        ]

    def run(self) -> str:
        start_view_as(user=self.request.user, person=self.person)
        self.request.session[VIEW_AS_KEY] = self.person.pk
        return ""

    def get_success_url(self) -> str:
        return "/"

    def get_cancel_url(self) -> str:
        return self.person.get_absolute_url()


class ViewAsStopView(GuardedView):
    """Back to one's own view."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        seen: Any = request.user
        if request.session.pop(VIEW_AS_KEY, None) is None:
            return HttpResponseRedirect("/")
        stop_view_as(user=getattr(request, "real_user", seen), person=seen)
        return HttpResponseRedirect(seen.get_absolute_url())
