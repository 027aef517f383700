"""Sign-ins, refusals and sign-outs as events: the signals are Django's and allauth's own."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from digiweb.audit import record


@receiver(user_logged_in)
def signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    record(user=user, action="signed_in", obj=user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if user is not None and user.pk:
        record(user=user, action="signed_out", obj=user)


@receiver(user_login_failed)
def sign_in_refused(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    address = str(credentials.get("email") or credentials.get("username") or "")[:254]
    record(user=None, action="sign_in_refused", data={"email": address})


@receiver(password_changed)
@receiver(password_reset)
def password_was_changed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    record(user=user, action="password_changed", obj=user)


@receiver(authenticator_added)
def second_factor_added(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record(user=user, action="second_factor_added", obj=user, data={"type": authenticator.type})


@receiver(authenticator_removed)
def second_factor_removed(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record(user=user, action="second_factor_removed", obj=user, data={"type": authenticator.type})
