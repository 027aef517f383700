"""The tables of people in the admin site. Roles, people and tokens keep their rules there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from people.models import (
    APIToken,
    Department,
    FormerMember,
    Grant,
    Invitation,
    KnownModule,
    ListPreference,
    Role,
    Salesperson,
    SavedView,
    Target,
    User,
)
from people.services.invitation import revoke_invitation
from people.services.salesperson import change_salesperson
from people.services.team import active_admins
from people.services.token import revoke_token
from people.services.user import change_user


class UserAdminForm(forms.ModelForm):
    """Tries the change first: what the rules refuse is told beside the form, not as an error page."""

    acting: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        values = {name: cleaned[name] for name in self.changed_data if name in cleaned}
        if values and self.instance.pk and not self.errors:
            with transaction.atomic():
                change_user(user=self.acting, person=User.objects.get(pk=self.instance.pk), values=values)
                transaction.set_rollback(True)
        return cleaned


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """People arrive by invitation and are made inactive, never deleted."""

    form = UserAdminForm
    list_display = ("email", "first_name", "last_name", "role", "is_active", "joined_at")
    list_filter = ("role", "is_active")
    list_select_related = ("role",)
    raw_id_fields = ("manager",)
    exclude = ("photo", "last_login")
    readonly_fields = ("joined_at", "created_at", "updated_at", "version")
    ordering = ("sort_name", "id")

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.acting = request.user  # type: ignore[attr-defined]
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_user(user=user, person=obj, values=values)


class RoleAdminForm(forms.ModelForm):
    """Keeps an administrators' role where somebody needs it."""

    def clean_is_admin(self) -> bool:
        is_admin: bool = self.cleaned_data["is_admin"]
        others = active_admins().exclude(role=self.instance)
        if self.instance.is_admin and not is_admin and not others.exists():
            raise ValidationError(_("The last active administrator has this role."))
        return is_admin


@admin.register(Role)
class RoleAdmin(RecordedAdmin):
    """What a role grants is edited in Settings → Roles."""

    form = RoleAdminForm
    list_display = ("name", "slug", "home", "is_admin", "mfa_required", "api_calls_per_hour")
    readonly_fields = ("slug", "shipped", "created_at", "updated_at", "version")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("role", "module", "action", "scope")
    list_filter = ("role", "module")
    list_select_related = ("role",)


@admin.register(Department)
class DepartmentAdmin(RecordedAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(FormerMember)
class FormerMemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "removed_at", "removed_by")
    list_select_related = ("user", "removed_by")
    # Read on the member's page in the product.
    exclude = ("data",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """To look at and to revoke; the row stays as a trace."""

    list_display = ("user", "invited_by", "sent_at", "expires_at", "accepted_at", "revoked_at")
    list_select_related = ("user", "invited_by")
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for invitation in queryset.filter(accepted_at=None, revoked_at=None):
            revoke_invitation(user=request.user, invitation=invitation)


@admin.register(APIToken)
class APITokenAdmin(ReadOnlyAdmin):
    list_display = ("user", "name", "prefix", "read_only", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for token in queryset.select_related("user"):
            revoke_token(user=request.user, token=token)


@admin.register(Target)
class TargetAdmin(RecordedAdmin):
    list_display = ("user", "month", "revenue", "deals_won", "new_contacts", "activities")
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    readonly_fields = ("created_at", "updated_at", "version")


@admin.register(Salesperson)
class SalespersonAdmin(RecordedAdmin):
    """Profiles come and go with their member."""

    list_display = ("user", "source_id", "commission_rate", "recurring_rate")
    list_select_related = ("user",)
    readonly_fields = ("user", "created_at", "updated_at", "version")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_salesperson(user=user, person=obj.user, values=values)


@admin.register(SavedView)
class SavedViewAdmin(RecordedAdmin):
    list_display = ("name", "list_key", "owner", "shared")
    list_select_related = ("owner",)
    raw_id_fields = ("owner",)


@admin.register(ListPreference)
class ListPreferenceAdmin(RecordedAdmin):
    list_display = ("user", "list_key", "density")
    list_select_related = ("user",)
    raw_id_fields = ("user",)


@admin.register(KnownModule)
class KnownModuleAdmin(ReadOnlyAdmin):
    list_display = ("key",)
