"""The latest events: of the person, of their team, or of the whole house.

The home page asks for them after it was drawn, as they cost as many queries as there are kinds of records.
"""

from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from digiweb.paging import Sort, fetch_in_order, keyset_page
from timeline.models import Event
from timeline.services.event import in_sight
from timeline.words import ACTIONS, words_of_action

NEWEST = Sort("newest", "", ("id",), descending=True)
SHOWN = 8


def events_widget(user: Any) -> dict[str, Any]:
    """Where the home page gets the latest events from."""
    return {"title": _("Recent events"), "url": reverse("latest_events")}


def latest_events(user: Any) -> list[dict[str, Any]]:
    """What was done lately to records, by the people whose work this person follows."""
    actions = [name for name, words in ACTIONS.items() if words.kind != "system"]
    people = None if user.is_admin else user.team_ids
    branches = (
        [Event.objects.filter(subject_id__isnull=False)]
        if people is None
        else [Event.objects.filter(actor_id=person) for person in people]
    )
    page = keyset_page([branch.filter(action__in=actions) for branch in branches], NEWEST, size=SHOWN)
    events = in_sight(user, fetch_in_order(Event.objects.all(), page.ids))
    return [
        {
            "at": event.at,
            "actor": event.actor_name or _("The system"),
            "sentence": words_of_action(event.action, event.subject_type).sentence,
            "icon": words_of_action(event.action, event.subject_type).icon,
            "label": event.subject_label,
            "url": address_of(event),
        }
        for event in events
    ]


def address_of(event: Event) -> str:
    """The page of an event's record; empty where there is none (the page itself decides who sees it)."""
    try:
        model: Any = apps.get_model(event.subject_type)
        return str(model(pk=event.subject_id).get_absolute_url()) if event.action != "deleted" else ""
    except (LookupError, ValueError, AttributeError, NoReverseMatch):
        return ""
