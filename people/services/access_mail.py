"""The message to somebody on whose account a colleague weakened the sign-in."""

from django.conf import settings
from django.utils.translation import gettext as _

from digiweb.jobs import JobError, TryAgain
from digiweb.mail import MailRefused, MailServerDown, send
from people.models import User


def deliver_news_of_reset(*, person_id: int, by_id: int) -> None:
    """Tell a member that an administrator took the second factor off their account."""
    people = User.objects.in_bulk([person_id, by_id])
    person, by = people.get(person_id), people.get(by_id)
    if person is None or by is None or not person.is_active:
        return
    context = {"person": person, "by": by, "action_url": f"{settings.SITE_URL}/me/"}
    try:
        send("people/second_factor_reset", to=person.email, language=person.language, context=context)
    except MailRefused as error:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": error}) from error
    except MailServerDown as error:
        raise TryAgain(_("The mail server does not answer; the message is tried again by itself.")) from error
