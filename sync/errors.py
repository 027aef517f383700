"""What goes wrong with a provider: five causes, each with what a person can do about it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _


class ProviderError(Exception):
    """A provider did not answer what was asked; `state` is what its connection shows from then on.

    The detail is for the log: it never holds a secret, nor what the provider sent word for word.
    """

    state = ""
    text = _("The service did not answer.")
    # Of a list that is read as it comes: how many of its elements had arrived whole.
    came = 0

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__class__.__name__)
        self.detail = detail


class NoKey(ProviderError):
    """Nobody gave us a key, or the connection is switched off."""

    state = "no_key"
    text = _("No key is set for this service.")


class WrongKey(ProviderError):
    """The provider refuses the key: mistyped, ended, or without the right to this data."""

    state = "wrong_key"
    text = _("The service refuses the key.")


class Unknown(ProviderError):
    """The provider works, and knows nothing by this number or name."""

    text = _("The service knows nothing by this number.")


class Quota(ProviderError):
    """Enough was asked for now; `retry_at` says when it may be asked again, where the provider told."""

    state = "quota"
    text = _("The quota of this service is used up.")

    def __init__(self, detail: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class Down(ProviderError):
    """It cannot be reached, takes too long, or answers what cannot be understood."""

    state = "down"
    # Asking again would bring the same.
    final = False
    # It may have been done all the same: a POST whose answer did not come.
    doubtful = False
    text = _("The service does not answer at the moment.")
