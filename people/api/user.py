"""People in the API: the team for those who may see it, and oneself."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from digiweb.models import StaleVersion
from people.filters.user import UserFilterSet
from people.forms.user import ProfileForm, UserForm
from people.models import User
from people.services.user import change_profile, change_user
from people.views.user import UserListView


class UserSerializer(RecordSerializer):
    """A member of the staff. Address, role and access change in the pages only."""

    status = serializers.ChoiceField(choices=User.Status.choices, read_only=True)
    role_name = LabelField(source="role")
    manager_name = LabelField(source="manager")
    department = LabelField(read_only=False, required=False, allow_blank=True, max_length=80)

    class Meta:
        model = User
        form = UserForm
        fields = [
            "id", "version", "email", "first_name", "last_name", "phone", "job_title", "department",
            "role", "role_name", "manager", "manager_name", "status", "start_date", "joined_at", "created_at",
        ]  # fmt: skip
        read_only_fields = ["email", "role"]
        example = {
            "first_name": "Hugo",
            "last_name": "Lefèvre",
            "phone": "+33612345678",
            "job_title": "Commercial",
            "department": "Vente",
            "manager": 2,
            "start_date": "2025-09-01",
        }
        example_read = {
            "id": 3, "version": 4, "email": "hugo@example.com", "role": 2, "role_name": "Vente",
            "manager_name": "Claire Fontaine", "status": "active",
            "joined_at": "2025-09-01T07:30:00Z", "created_at": "2025-08-28T12:00:00Z",
        }  # fmt: skip


class ProfileSerializer(RecordSerializer):
    """Oneself."""

    role_name = LabelField(source="role")
    rights = serializers.SerializerMethodField(
        help_text=_("What your role allows: {module: {action: scope}}; scopes are own, team, all.")
    )

    class Meta:
        model = User
        form = ProfileForm
        fields = [
            "id", "version", "email", "first_name", "last_name", "phone", "language", "theme",
            "role", "role_name", "rights",
        ]  # fmt: skip
        read_only_fields = ["email", "role"]

    def get_rights(self, user: User) -> dict[str, dict[str, str]]:
        rights: dict[str, dict[str, str]] = {}
        for (module, verb), scope in sorted(user.grants.items()):
            rights.setdefault(module, {})[verb] = scope
        return rights


class UserViewSet(RecordViewSet):
    """The team, within one's sight; `me` is everybody's own."""

    module = "people.user"
    model = User
    http_method_names = ["get", "head", "patch"]
    signed_in_actions = ("me", "change_me")
    serializer_class = UserSerializer
    filterset_class = UserFilterSet
    sorts = UserListView.sorts
    reads = ("is_active", "removed_at")
    labels = {
        "role": ("name",),
        "department": ("name",),
        "manager": ("first_name", "last_name", "email"),
    }
    title = _("Team")
    about = _(
        "Members of the staff. Inviting, deactivating, changing addresses and roles are done in the pages. "
        "`/api/v1/users/me/` is you, and tells what you may do."
    )
    summaries = {"me": _("Read yourself"), "change_me": _("Change yourself")}
    descriptions = {
        "me": _("Who the token or the session stands for, and their rights."),
        "change_me": _("Your name, phone, language or theme."),
    }

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_user(user=self.request.user, person=record, values=form.values(), version=version)

    @extend_schema(responses=ProfileSerializer)
    @action(detail=False, serializer_class=ProfileSerializer)
    def me(self, request: Any) -> Response:
        return self.answer(request.user)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    @me.mapping.patch
    def change_me(self, request: Any) -> Response:
        person: User = request.user
        expected = self.expected_version(person)
        form = self.valid_form(person)
        version = expected if expected is not None else self.sent_version
        try:
            with transaction.atomic():
                change_profile(user=person, values=form.values(), version=version)
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=expected is not None) from None
        return self.answer(person)
