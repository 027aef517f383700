"""Pages of the team: list, member, new member, change, active or not."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from digiweb.paging import Sort
from digiweb.phones import format_phone
from digiweb.tables import Column, text_of
from digiweb.views.base import RecordMixin
from digiweb.views.edit import CreateView, EditView, FormView
from digiweb.views.list import ListView
from digiweb.views.tabs import TabbedDetailView
from people.filters.user import UserFilterSet
from people.forms.user import UserForm
from people.models import Invitation, Salesperson, User
from people.services.access import has_second_factor
from people.services.hand_over import archived_data
from people.services.second_factor import reset_second_factor
from people.services.target import targets_of
from people.services.user import change_user, create_user
from people.services.view_as import may_view_as
from people.tables import user as columns
from people.tables.user import STATUS_COLOURS, UserTable
from people.views.confirm import ConfirmView
from people.views.invitation import describe_invitations
from people.views.sight import sight_of
from people.views.target import this_year
from timeline.words import field_label

MODULE = "people.user"
CRUMB = (gettext_lazy("Team"), "/settings/team/")
REPORTS_SHOWN = 50
GENERAL = "generic/overview.html"
# Name, label, icon and template of the tabs that are no list.
OWN_TABS = (
    ("targets", gettext_lazy("Targets"), "target", "people/user/targets.html"),
    ("sight", gettext_lazy("What they may see"), "eye", "people/user/sight.html"),
)


class UserListView(ListView):
    """Everybody, with the invitations that are under way."""

    module = MODULE
    model = User
    urls = "people:user"
    title = gettext_lazy("Team")
    filterset_class = UserFilterSet
    table = UserTable
    sorts = (
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Invite somebody")
    drawing = "empty-team"
    empty_text = gettext_lazy("Nobody here yet: invite your first colleague.")
    template_name = "people/user/list.html"

    def describe(self) -> dict[str, Any]:
        pending = Invitation.objects.visible_to(self.request.user).filter(
            user__joined_at=None, user__is_active=True, accepted_at=None, revoked_at=None
        )
        return {**super().describe(), "invitations": describe_invitations(self.request.user, pending)}


class UserDetailView(TabbedDetailView):
    """A member: facts, time line, manager and team; what they sold, do, are to reach and may see."""

    module = MODULE
    model = User
    urls = "people:user"
    breadcrumbs = (CRUMB,)
    select_related = ("role", "department", "manager")
    template_name = "people/user/detail.html"
    facts = (
        (gettext_lazy("How to reach them"), (columns.EMAIL, columns.PHONE)),
        (
            gettext_lazy("Place in the company"),
            (columns.JOB_TITLE, columns.ROLE, columns.DEPARTMENT, columns.MANAGER, columns.START),
        ),
        (gettext_lazy("Account"), (columns.STATUS, columns.CREATED)),
    )
    editable = ("email", "phone", "job_title", "role", "department", "manager", "start_date")
    side = (
        "people/user/former.html",
        "people/user/salesperson.html",
        "people/user/team.html",
        "people/user/invitations.html",
    )

    @property
    def tab(self) -> str:
        return self.request.GET.get("tab", "")

    def subtitle(self, record: Any) -> Any:
        parts = [record.job_title, str(record.department or "")]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.removed_at:
            return []
        actions = super().actions(record)
        user: Any = self.request.user
        if record.status == User.Status.TO_INVITE and user.can(MODULE, "change", record):
            invite = {"label": pgettext("verb", "Invite"), "icon": "mail-forward", "drawer": True}
            actions.insert(0, {**invite, "url": self.url("invitation_send", record)})
        return actions

    def describe_fact(self, record: Any, column: Column, *, changes: bool) -> dict[str, Any]:
        return super().describe_fact(record, column, changes=changes and not record.removed_at)

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines = []
        if may_view_as(user, record):
            lines.append(
                {"label": _("View as…"), "url": self.url("view_as", record), "icon": "eye", "drawer": True}
            )
        if not record.removed_at and user.can(MODULE, "change", record):
            targets = {
                "label": _("Set the targets"),
                "url": self.url("user_targets", record),
                "icon": "target",
            }
            lines.append({**targets, "drawer": False})
            if not record.joined_at and record.is_active:
                again = {"label": _("Send the invitation again"), "icon": "mail-forward", "drawer": True}
                lines.append({**again, "url": self.url("invitation_send", record)})
            if user.is_admin and record.pk != user.pk and has_second_factor(record):
                reset = {
                    "label": _("Reset the two-step sign-in"),
                    "icon": "device-mobile-off",
                    "drawer": True,
                }
                lines.append({**reset, "url": self.url("user_second_factor", record)})
            if record.is_active and record.pk != user.pk:
                off = {"label": _("Deactivate"), "icon": "user-off", "danger": True, "drawer": True}
                lines.append({**off, "url": self.url("user_deactivate", record)})
            if not record.is_active and record.joined_at:
                on = {"label": _("Activate again"), "icon": "user-check", "drawer": True}
                lines.append({**on, "url": self.url("user_activate", record)})
        if record.pk != user.pk and not record.removed_at and user.can(MODULE, "delete", record):
            away = {"label": _("Remove from the team"), "icon": "user-x", "danger": True, "drawer": False}
            lines.append({**away, "url": self.url("user_remove", record)})
        return lines

    def url(self, name: str, record: Any) -> str:
        return reverse(f"people:{name}", args=[record.pk])

    def describe(self, record: Any) -> dict[str, Any]:
        return {**super().describe(record), "logo_url": record.photo_url}

    def describe_tabs(self, record: Any) -> list[dict[str, Any]]:
        """Besides the lists of other modules, what only members have."""
        tabs, here = super().describe_tabs(record), record.get_absolute_url()
        for name, label, icon, _template in OWN_TABS:
            url = f"{here}?tab={name}"
            tab = {"name": name, "label": label, "icon": icon, "url": url, "load_url": url}
            tabs.append({**tab, "active": name == self.tab})
        if self.overview_template != GENERAL:
            tabs[0]["active"] = False
        return tabs

    @property
    def overview_template(self) -> str:  # type: ignore[override]
        """The panel of the tab that is no list."""
        return next((template for name, _label, _icon, template in OWN_TABS if name == self.tab), GENERAL)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, user = kwargs["object"], self.request.user
        context = super().get_context_data(**kwargs)
        if self.tab == "targets":
            context["year"] = this_year(self.request)
            context["targets"] = targets_of(person, context["year"])
        elif self.tab == "sight":
            context["sight"] = sight_of(person)
        else:
            reports = User.objects.visible_to(user).active().filter(manager=person)
            context["reports"] = list(reports.order_by("sort_name", "id")[:REPORTS_SHOWN])
            context.update(former_data(user, person))
            sent = Invitation.objects.visible_to(user).filter(user=person)
            context["invitations"] = describe_invitations(user, sent, limit=5)
            context.update(profile_of(user, person))
        return context


def profile_of(user: Any, person: User) -> dict[str, Any]:
    """What is known of them as a salesperson, and where administrators change it."""
    edits = user.is_admin and not person.removed_at
    return {
        "profile": Salesperson.objects.visible_to(user).filter(user=person).first(),
        "profile_url": reverse("people:user_salesperson", args=[person.pk]) if edits else "",
    }


def former_data(user: Any, person: User) -> dict[str, Any]:
    """What an administrator sees of a removed member's archive (SPEC T9)."""
    if not person.removed_at or not user.is_admin:
        return {}
    former = person.former
    data = archived_data(former)
    return {
        "former": former,
        "archived": [
            (field_label("people.user", name), archived_text(name, value))
            for name, value in data.items()
            if value
        ],
    }


def archived_text(name: str, value: str) -> str:
    """A value of the archive as people write it."""
    if name == "phone":
        return format_phone(value)
    day = parse_date(value) or parse_datetime(value) if name in ("start_date", "joined_at") else None
    return str(text_of(day)) if day else value


class UserFormView(FormView):
    """What creating and changing a member share."""

    module = MODULE
    form_class = UserForm
    breadcrumbs = (CRUMB,)


class UserCreateView(UserFormView, CreateView):
    """A new member, who is invited at once."""

    model = User
    title = gettext_lazy("Invite somebody")
    submit_label = gettext_lazy("Send the invitation")

    def save(self, form: Any) -> User:
        return create_user(user=self.request.user, person=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("people:user_list")

    def get_success_text(self, record: Any) -> str:
        return _("%(person)s is invited: a message is on its way.") % {"person": record}


class UserEditView(UserFormView, EditView):
    """A member changed: whole, or one field in place."""

    model = User
    select_related = ("role", "department", "manager")
    submit_label = gettext_lazy("Save the changes")

    def save(self, form: Any) -> User:
        person: User = self.get_instance()
        version = form.cleaned_data["version"]
        change_user(user=self.request.user, person=person, values=form.values(), version=version)
        return person

    def resolve_conflict(self, data: QueryDict) -> QueryDict:
        resolved = super().resolve_conflict(data)
        if data.get("keep_department") == "theirs":  # the field speaks in names, not in numbers
            resolved["department"] = str(self.get_instance().department or "")
        return resolved

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return UserDetailView.fact_named(record, name)


class UserConfirmView(RecordMixin, ConfirmView):
    """Something done to one member after asking."""

    module = MODULE
    action = "change"
    model = User
    select_related = ("role",)
    breadcrumbs = (CRUMB,)

    @property
    def person(self) -> User:
        if not hasattr(self, "_person"):
            self._person: User = self.get_object()
        return self._person

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.get_object()
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return self.person.get_absolute_url()


class UserDeactivateView(UserConfirmView):
    """Access ends at once; what is theirs stays."""

    submit_label = gettext_lazy("Deactivate the account")
    danger = True

    def get_title(self) -> Any:
        return _("Deactivate %(person)s?") % {"person": self.person}

    def consequences(self) -> list[str]:
        return [
            _("Their sessions, API tokens and invitations end at once; they cannot sign in any more."),
            _("Contacts, companies and everything else assigned to them stay as they are."),
            _("The account can be activated again at any time."),
        ]

    def run(self) -> str:
        change_user(user=self.request.user, person=self.person, values={"is_active": False})
        return _("%(person)s is inactive.") % {"person": self.person}


class UserActivateView(UserConfirmView):
    """An inactive member comes back."""

    submit_label = gettext_lazy("Activate the account")

    def get_title(self) -> Any:
        return _("Activate %(person)s again?") % {"person": self.person}

    def consequences(self) -> list[str]:
        if self.person.joined_at:
            return [_("They sign in with their former password; API tokens stay revoked.")]
        return [_("They never joined: send an invitation afterwards.")]

    def run(self) -> str:
        if self.person.is_active:
            raise ValidationError(_("%(person)s is active already.") % {"person": self.person})
        change_user(user=self.request.user, person=self.person, values={"is_active": True})
        return _("%(person)s is active again.") % {"person": self.person}


class UserSecondFactorView(UserConfirmView):
    """For who lost their phone and their recovery codes."""

    submit_label = gettext_lazy("Reset the two-step sign-in")
    danger = True

    @property
    def person(self) -> User:
        person = super().person
        user: Any = self.request.user
        if not user.is_admin or person.pk == user.pk:
            raise PermissionDenied
        return person

    def get_title(self) -> Any:
        return _("Reset the two-step sign-in of %(person)s?") % {"person": self.person}

    def consequences(self) -> list[str]:
        told = [
            _("Make sure that it is them who ask: until they set it up again, the password alone suffices."),
            _("Their app and their recovery codes no longer work, and their sessions end."),
        ]
        if self.person.role and self.person.role.mfa_required:
            told.append(_("Their role makes it compulsory: they set it up again as soon as they sign in."))
        return told

    def run(self) -> str:
        reset_second_factor(user=self.request.user, person=self.person)
        return _("The two-step sign-in of %(person)s is reset.") % {"person": self.person}
