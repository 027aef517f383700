"""The message to somebody on whose account a colleague weakened the sign-in."""

from django.conf import settings

from digiweb.mail_jobs import send_to
from people.models import User


def deliver_news_of_reset(*, person_id: int, by_id: int) -> None:
    """Tell a member that an administrator took the second factor off their account."""
    people = User.objects.in_bulk([person_id, by_id])
    person, by = people.get(person_id), people.get(by_id)
    if person is None or by is None or not person.is_active:
        return
    context = {"person": person, "by": by, "action_url": f"{settings.SITE_URL}/me/"}
    send_to(person, "people/second_factor_reset", context)
