"""Invitations: sent again, revoked, and accepted by the person they were sent to."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import activate, get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from digiweb.forms import style_fields
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.errors import too_many
from people.forms.invitation import AcceptForm
from people.models import Invitation, User
from people.services.invitation import (
    InvitationOver,
    accept_invitation,
    find_invitation,
    revoke_invitation,
)
from people.services.team import check_may_manage
from people.services.user import invite_member
from people.views.confirm import ConfirmView

SHOWN = 50
COLOURS = {
    "accepted": "good",
    "revoked": "slate",
    "expired": "warn",
    "sent": "info",
    "waiting": "warn",
    "failed": "bad",
}
LABELS = {
    "accepted": gettext_lazy("Accepted"),
    "revoked": gettext_lazy("Revoked"),
    "expired": gettext_lazy("Expired"),
    "sent": gettext_lazy("Sent"),
    "waiting": gettext_lazy("Not sent yet"),
    "failed": gettext_lazy("Not sent"),
}


def describe_invitations(user: Any, invitations: QuerySet, limit: int = SHOWN) -> list[dict[str, Any]]:
    """The lines that the team's pages draw, newest first."""
    may_change = user.can("people.user", "change")
    return [
        {
            "invitation": invitation,
            "person": invitation.user,
            "badge": {"label": LABELS[invitation.state], "colour": COLOURS[invitation.state]},
            "send_url": reverse("people:invitation_send", args=[invitation.user_id])
            if may_change and not invitation.accepted_at and not invitation.revoked_at
            else "",
            "revoke_url": reverse("people:invitation_revoke", args=[invitation.pk])
            if may_change and invitation.is_pending
            else "",
        }
        for invitation in invitations.select_related("user", "invited_by").order_by("-pk")[:limit]
    ]


class InvitationSendView(ConfirmView):
    """A fresh link for a person who has not joined; links sent before stop working."""

    module = "people.user"
    action = "change"
    submit_label = gettext_lazy("Send the invitation")

    @property
    def is_first(self) -> bool:
        """Whether the person was known to us only, and gets access by it."""
        return self.person.status == User.Status.TO_INVITE

    @property
    def person(self) -> User:
        if not hasattr(self, "_person"):
            seen = User.objects.visible_to(self.request.user).filter(pk=self.kwargs["pk"]).first()
            if seen is None:
                raise Http404
            user: Any = self.request.user
            if not user.can("people.user", "change", seen):
                raise PermissionDenied
            check_may_manage(user, seen)
            self._person: User = seen
        return self._person

    def get_title(self) -> Any:
        if self.is_first:
            return _("Invite %(person)s?") % {"person": self.person}
        return _("Send %(person)s a new invitation?") % {"person": self.person}

    def consequences(self) -> list[str]:
        if self.is_first:
            return [
                _("A message with a link goes to %(email)s.") % {"email": self.person.email},
                _("The account becomes active: by the link they choose their password."),
            ]
        return [
            _("It goes to %(email)s.") % {"email": self.person.email},
            _("The links that were sent before no longer work."),
        ]

    def run(self) -> str:
        invite_member(user=self.request.user, person=self.person)
        return _("The invitation is on its way to %(email)s.") % {"email": self.person.email}

    def get_success_url(self) -> str:
        return self.person.get_absolute_url()


class InvitationRevokeView(ConfirmView):
    """The link in the message stops working."""

    module = "people.user"
    action = "change"
    submit_label = gettext_lazy("Revoke the invitation")
    danger = True

    @property
    def invitation(self) -> Invitation:
        if not hasattr(self, "_invitation"):
            rows = Invitation.objects.visible_to(self.request.user, "change").select_related("user")
            found = rows.filter(pk=self.kwargs["pk"]).first()
            if found is None:
                raise Http404
            self._invitation: Invitation = found
        return self._invitation

    def get_title(self) -> Any:
        return _("Revoke the invitation of %(person)s?") % {"person": self.invitation.user}

    def consequences(self) -> list[str]:
        return [_("The link stops working at once. Another invitation can be sent later.")]

    def run(self) -> str:
        revoke_invitation(user=self.request.user, invitation=self.invitation)
        return _("The invitation of %(person)s is revoked.") % {"person": self.invitation.user}

    def get_success_url(self) -> str:
        return reverse("people:user_list")


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class InvitationAcceptView(GuardedView):
    """The link in the message: choose a password, and one is in.

    Opening it changes nothing (programs that check links open it too). A link that is dead answers
    410 with what to do; one that never was, 404.
    """

    public = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = self.find(token)
        if invitation is None or not self.is_live(invitation):
            return self.over(invitation)
        return self.ask(invitation, AcceptForm(person=invitation.user))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if not ratelimit.consume(request, action="accept_invitation"):
            return too_many(request)
        invitation = self.find(token)
        if invitation is None or not self.is_live(invitation):
            return self.over(invitation)
        form = AcceptForm(request.POST, person=invitation.user)
        if not form.is_valid():
            return self.ask(invitation, form, status=422)
        try:
            person = accept_invitation(invitation=invitation, password=form.cleaned_data["password"])
        except InvitationOver:
            return self.over(find_invitation(token))
        record_authentication(request, person, method="password", email=person.email)
        toast(request, _("Welcome, %(name)s: your account is ready.") % {"name": person.first_name})
        response: HttpResponse = perform_login(request, person, email_verification="none")
        return response

    def find(self, token: str) -> Invitation | None:
        """The link's invitation; the page speaks the language of the person invited."""
        invitation = find_invitation(token)
        if invitation is not None:
            activate(invitation.user.language)
            self.request.LANGUAGE_CODE = get_language()
        return invitation

    def is_live(self, invitation: Invitation) -> bool:
        return invitation.is_pending and invitation.user.is_active

    def ask(self, invitation: Invitation, form: AcceptForm, status: int = 200) -> HttpResponse:
        style_fields(form)
        context = {"form": form, "invitation": invitation, "person": invitation.user}
        return render(self.request, "people/invitation/accept.html", context, status=status)

    def over(self, invitation: Invitation | None) -> HttpResponse:
        context: dict[str, Any] = {
            "invitation": invitation,
            "state": invitation.state if invitation else "unknown",
        }
        return render(self.request, "people/invitation/over.html", context, status=410 if invitation else 404)
