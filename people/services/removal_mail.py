"""The message to the manager of a removed member, and to those who take over."""

from collections.abc import Mapping

from django.conf import settings

from digiweb.mail_jobs import send_to
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
    send_to(recipient, "people/removed", context)
