"""My space: one's profile, what protects the account, sessions, tokens, latest sign-ins."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, PageView
from digiweb.views.edit import EditView
from digiweb.views.field import answer_field, field_asked
from people.forms.token import TokenForm
from people.forms.user import ProfileForm
from people.models import APIToken, User
from people.services.access import end_session, second_factor_of, session_count
from people.services.token import make_token, revoke_token
from people.services.user import change_profile, own_record
from people.views.confirm import ConfirmView
from timeline.models import Event
from timeline.words import words_of_action

CRUMB = (gettext_lazy("My space"), "/me/")
SIGN_INS = (
    "signed_in",
    "signed_out",
    "password_changed",
    "second_factor_added",
    "second_factor_removed",
    "session_ended",
)
SIGN_INS_SHOWN = 10
TOKENS_SHOWN = 100
THEME_COOKIE = "dw_theme"


class MeView(PageView):
    """What is one's own."""

    signed_in = True
    template_name = "people/me/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        tokens = APIToken.objects.filter(user=user)
        events = Event.objects.filter(subject_type="people.user", subject_id=user.pk, action__in=SIGN_INS)
        return super().get_context_data(
            page_title=_("My space"),
            person=user,
            second_factor=second_factor_of(user),
            session_count=session_count(user),
            tokens=list(tokens.order_by("-pk")[:TOKENS_SHOWN]),
            sign_ins=[
                {"event": event, "words": words_of_action(event.action, event.subject_type)}
                for event in events.order_by("-id")[:SIGN_INS_SHOWN]
            ],
            **kwargs,
        )


class ProfileEditView(EditView):
    """One's own name, phone, photo, language and theme."""

    signed_in = True
    model = User
    form_class = ProfileForm
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("My profile")
    submit_label = gettext_lazy("Save my profile")

    def get_object(self) -> Any:
        user: Any = self.request.user
        return own_record(user)

    def save(self, form: Any) -> User:
        person: User = self.get_instance()
        change_profile(user=person, values=form.values(), version=form.cleaned_data["version"])
        return person

    def saved(self, record: Any) -> HttpResponse:
        with translation.override(record.language):  # the page that shows it speaks the chosen one
            toast(self.request, _("Your profile is saved."))
        response: HttpResponse
        if self.in_drawer():  # language and theme change the whole page
            response = HttpResponse(status=204, headers={"HX-Redirect": reverse("people:me")})
        else:
            response = HttpResponseRedirect(reverse("people:me"))
        response.set_cookie(THEME_COOKIE, record.theme, max_age=365 * 86400, samesite="Lax")
        return response

    def get_cancel_url(self) -> str:
        return reverse("people:me")


class TokenCreateView(GuardedView):
    """A new API token; its secret is in this one answer and nowhere else."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(TokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if name := field_asked(request):
            return answer_field(request, form, name)
        if not form.is_valid():
            return self.answer(form, status=422)
        token, secret = make_token(
            user=request.user,
            name=form.cleaned_data["name"],
            expires_at=form.expires_at(),
            read_only=form.cleaned_data["read_only"],
        )
        context = {
            "token": token,
            "secret": secret,
            "page_title": _("Your new token"),
            "breadcrumbs": [CRUMB],
        }
        response = render(request, "people/token/made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def answer(self, form: TokenForm, status: int = 200) -> HttpResponse:
        style_fields(form)
        drawer = self.request.htmx and self.request.htmx.target == "drawer-body"  # type: ignore[attr-defined]
        context = {
            "form": form,
            "page_title": _("New API token"),
            "submit_label": _("Make the token"),
            "action_url": self.request.get_full_path(),
            "cancel_url": reverse("people:me"),
            "breadcrumbs": [CRUMB],
        }
        template = "components/drawer.html" if drawer else "generic/edit.html"
        return render(self.request, template, context, status=status)


class TokenRevokeView(ConfirmView):
    """A token of one's own stops working."""

    signed_in = True
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Revoke the token")
    danger = True

    @property
    def token(self) -> APIToken:
        user: Any = self.request.user
        mine = APIToken.objects.filter(user=user).select_related("user")
        found: APIToken | None = mine.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_title(self) -> Any:
        return _("Revoke the token “%(name)s”?") % {"name": self.token}

    def consequences(self) -> list[str]:
        return [_("Programs that use it are refused from now on. It cannot be taken back.")]

    def run(self) -> str:
        token = self.token
        revoke_token(user=self.request.user, token=token)
        return _("The token “%(name)s” is revoked.") % {"name": token}

    def get_success_url(self) -> str:
        return reverse("people:me")


class SessionEndView(GuardedView):
    """One of one's own sessions ends."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not end_session(user=request.user, number=pk):
            raise Http404
        toast(request, _("The session is ended."))
        return HttpResponseRedirect(reverse("usersessions_list"))
