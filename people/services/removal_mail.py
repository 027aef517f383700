"""The message to the manager of a removed member, and to those who take over."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from digiweb.jobs import JobError, TryAgain
from digiweb.mail import MailRefused, MailServerDown, send
from people.hand_over import owned_kinds
from people.models import User


def deliver_news_of_removal(*, recipient_id: int, person_id: int, given: Mapping[str, int]) -> None:
    """Tell a manager that a member left, and a successor what is theirs from now on."""
    people = User.objects.in_bulk([recipient_id, person_id])
    recipient, person = people.get(recipient_id), people.get(person_id)
    if recipient is None or person is None or not recipient.is_active:
        return
    context = {
        "recipient": recipient,
        "name": person.full_name,
        "given": [kind.counted(given[kind.model]) for kind in owned_kinds() if kind.model in given],
        "action_url": settings.SITE_URL + "/",
    }
    try:
        send("people/removed", to=recipient.email, language=recipient.language, context=context)
    except MailRefused as error:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": error}) from error
    except MailServerDown as error:
        raise TryAgain(_("The mail server does not answer; the message is tried again by itself.")) from error
