"""Django's own permission questions, answered from the same grants as everything else."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.apps import apps
from django.contrib.auth.backends import BaseBackend

from digiweb.permissions import DJANGO_ACTIONS


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in; it fetches the person with their role, which every page asks for."""

    def get_user(self, user_id: int) -> Any:
        from people.models import User

        user = User.objects.select_related("role").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class GrantBackend(BaseBackend):
    """`user.has_perm("crm.view_contact")` asks the grant ("crm.contact", "view").

    The admin site is for administrators, who may see and repair every table there, the house's
    bookkeeping tables included; for anybody else a model without a module answers no.
    """

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        if not user.is_active:
            return False
        if user.is_superuser:
            return True
        app_label, _, codename = perm.partition(".")
        verb, _, model_name = codename.partition("_")
        action = DJANGO_ACTIONS.get(verb)
        try:
            model = apps.get_model(app_label, model_name)
        except LookupError:
            return False
        module = getattr(model, "module", "")
        if action is None or not module:
            return bool(action) and user.is_admin
        return bool(user.can(module, action, obj))

    def has_module_perms(self, user: Any, app_label: str) -> bool:
        if not user.is_active:
            return False
        return bool(user.is_admin or any(module.startswith(f"{app_label}.") for module, _ in user.grants))
