"""Messages by e-mail, sent by jobs: what becomes of the job when the server does not take one."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from digiweb.jobs import JobError, TryAgain
from digiweb.mail import MailRefused, MailServerDown, send


def send_to(person: Any, template: str, context: Mapping[str, Any]) -> None:
    """Send `email/<template>` to a member in their language.

    Raises JobError for an address that the server refuses, TryAgain where it does not answer.
    """
    try:
        send(template, to=person.email, language=person.language, context=context)
    except MailRefused as error:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": error}) from error
    except MailServerDown as error:
        raise TryAgain(_("The mail server does not answer; the message is tried again by itself.")) from error
