"""The person behind the request: their language, « voir comme », a compulsory second factor."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from people.models import User
from people.services.view_as import stop_view_as

VIEW_AS_KEY = "view_as"
SEEN_KEY = "seen_at"
# How often the last activity of a session is written down (seconds): not at every request.
SEEN_STEP = 300
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Where somebody who has yet to set up a second factor may go.
MFA_SETUP_PREFIXES = ("/accounts/", "/static/", "/healthz/")


class SessionActivityMiddleware:
    """Keeps « last seen » of one's sessions true to five minutes, without a write at each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.session_key:
            now = int(time.time())
            if now - request.session.get(SEEN_KEY, 0) >= SEEN_STEP:
                request.session[SEEN_KEY] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class PersonMiddleware:
    """Runs after Django knows who signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        translation.activate(user.language)  # what is refused here is told in their language, too
        if self.lacks_second_factor(request, user):
            if request.path.startswith("/api/"):
                raise PermissionDenied
            return self.ask_second_factor(request)
        self.look_through(request, user)
        translation.activate(request.user.language)  # type: ignore[union-attr]
        request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

    def lacks_second_factor(self, request: HttpRequest, user: Any) -> bool:
        if not (user.role_id and user.role.mfa_required) or request.path.startswith(MFA_SETUP_PREFIXES):
            return False
        return not is_mfa_enabled(user)

    def ask_second_factor(self, request: HttpRequest) -> HttpResponse:
        """To the page that sets it up; only a page that the person opens leads there.

        Each time that page is asked for, the key on it is another one. What loads by itself (the bell, a
        photo) must not ask for it behind the person's back: the code that they scanned would be refused.
        """
        setup = reverse("mfa_activate_totp")
        if request.headers.get("HX-Request"):
            there = urlsplit(request.headers.get("HX-Current-URL", "")).path
            if there.startswith(MFA_SETUP_PREFIXES):
                return HttpResponse(status=204)
            return HttpResponse(status=204, headers={"HX-Redirect": setup})
        if "text/html" not in request.headers.get("Accept", "text/html"):
            raise PermissionDenied
        messages.warning(request, _("Your role asks for a second factor: set it up to go on."))
        return HttpResponseRedirect(setup)

    def look_through(self, request: HttpRequest, user: Any) -> None:
        """« Voir comme »: the administrator sees what the other may see, and changes nothing."""
        target_id = request.session.get(VIEW_AS_KEY)
        if not target_id:
            return
        target = User.objects.select_related("role").filter(pk=target_id).first()
        if target is None or not target.is_active or not user.is_admin or target.is_admin:
            del request.session[VIEW_AS_KEY]
            stop_view_as(user=user, person=target)
            return
        # First of all: the page of a refusal bears the band that leads back, too.
        request.real_user = user  # type: ignore[attr-defined]
        request.user = target
        if "export" in request.GET:
            raise PermissionDenied(_("Nothing is exported in somebody else's name."))
        if request.method not in SAFE_METHODS and request.path != reverse("people:view_as_stop"):
            raise PermissionDenied(_("While viewing as somebody else, nothing can be changed."))
        if request.path.startswith(("/accounts/", "/admin/", "/me/")):
            raise PermissionDenied(_("A person's own pages are theirs alone."))
