"""Activities of the demo: a year of calls and meetings around the contacts and deals, and what is planned."""

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.utils import timezone

from crm.models import Activity, Contact, Deal
from crm.services.activity_totals import adjust_activities, lines_of
from crm.services.next_activity import refresh_next_activity
from digiweb.demo import Demo

# What people do, how often, for how long (minutes), and what came of it.
KINDS = (
    ("call", 46, (5, 10, 15, 20, 30)),
    ("email", 22, (5, 10, 15)),
    ("meeting", 16, (30, 45, 60, 90)),
    ("video", 11, (30, 45, 60)),
    ("task", 5, (15, 30, 60)),
)
SUBJECTS = {
    "call": (
        "Premier appel de découverte",
        "Relancer sur le devis",
        "Prendre des nouvelles du projet",
        "Fixer une date de rendez-vous",
        "Répondre à une question sur la facture",
        "Appel après la mise en ligne",
    ),
    "email": (
        "Envoyer la plaquette",
        "Envoyer le compte rendu",
        "Demander les textes et les photos",
        "Confirmer le rendez-vous",
        "Envoyer deux références du même métier",
    ),
    "meeting": (
        "Rendez-vous dans leurs locaux",
        "Présenter la proposition",
        "Réunion de lancement",
        "Atelier sur l’arborescence",
        "Point sur les statistiques",
    ),
    "video": ("Démonstration en visio", "Point d’étape en visio", "Recette du site en visio"),
    "task": (
        "Préparer le devis",
        "Vérifier la solvabilité",
        "Préparer la démonstration",
        "Chiffrer la maintenance",
    ),
}
OUTCOMES = (
    "Très intéressé, rappeler après la réunion des associés.",
    "Pas disponible, message laissé à l’accueil.",
    "D’accord sur le principe, attend le devis.",
    "Demande un délai de deux semaines.",
    "Souhaite voir une maquette avant de décider.",
    "Tout est clair, rien à ajouter.",
    "A transmis le dossier à sa comptable.",
    "Préfère être recontacté par e-mail.",
)
# How many of every hundred are tied to a deal, and are still planned.
ABOUT_DEALS = 0.55


def build_activities(
    demo: Demo, contacts: Sequence[Contact], deals: Sequence[Deal], number: int
) -> list[Activity]:
    """`number` activities, numbered as they were added: done over the year, some overdue, some ahead."""
    ahead = _ahead(demo, deals, number // 12)
    lives = [
        sorted(abouts, key=attrgetter("created_at"))
        for abouts in (deals, [contact for contact in contacts if contact.owner_id])
    ]
    met = [[about.created_at for about in life] for life in lives]
    past: list[tuple[datetime, Any]] = []
    while len(past) < number - len(ahead):
        at = demo.moment()  # its months are busy in September and January, quiet in August
        which = 0 if demo.draw.chance(ABOUT_DEALS) else 1
        known = bisect(met[which], at)
        about: Any = lives[which][demo.draw.between(0, known - 1)] if known else None
        if about is not None and not _is_over(about, at):
            past.append((at, about))
    past.sort(key=lambda each: each[0])
    activities = [_done(demo, at, about) for at, about in past] + ahead
    demo.insert(activities)
    refresh_next_activity(activity.deal_id for activity in activities)
    adjust_activities(Counter(), lines_of(activities))
    return activities


def _is_over(about: Any, at: datetime) -> bool:
    """Nobody works on a deal a month after it was won or lost."""
    closed = getattr(about, "closed_on", None)
    return closed is not None and at.date() > closed + timedelta(days=30)


def _ahead(demo: Demo, deals: Sequence[Deal], number: int) -> list[Activity]:
    """What is planned: on most open deals something soon, a few things forgotten in the past days."""
    rows = []
    for deal in [deal for deal in deals if deal.is_open][:number]:
        if demo.draw.chance(0.2):
            continue  # these stand out on the board: nothing is planned
        days = demo.draw.weighted(((-6, 6), (-3, 6), (0, 18), (1, 18), (2, 16), (5, 14), (9, 12), (16, 10)))
        at = _working(demo, demo.end + timedelta(days=days))
        rows.append(_activity(demo, at, deal, created_at=demo.moment(deal.created_at)))
    return rows


def _working(demo: Demo, at: datetime) -> datetime:
    local = timezone.localtime(at)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.replace(
        hour=demo.draw.between(9, 17), minute=demo.draw.pick((0, 0, 15, 30, 30, 45)), second=0, microsecond=0
    )


def _activity(demo: Demo, at: datetime, about: Any, *, created_at: datetime) -> Activity:
    kind, _weight, durations = demo.draw.weighted([(each, each[1]) for each in KINDS])
    deal = about if isinstance(about, Deal) else None
    contact = deal.contact if deal else about
    activity = Activity(
        pk=demo.number(Activity),
        kind=kind,
        subject=demo.draw.pick(SUBJECTS[kind]),
        priority=demo.draw.weighted((("high", 15), ("medium", 65), ("low", 20))),
        starts_at=at,
        duration=demo.draw.pick(durations),
        contact=contact,
        company=contact.company if contact else None,
        deal=deal,
        owner=about.owner,
        reminder=demo.draw.weighted(((None, 60), (15, 30), (60, 10))),
        created_at=created_at,
        updated_at=created_at,
    )
    # Not by the clock: the same day makes the same rows, whatever the hour.
    if activity.reminder is not None and at > demo.end + timedelta(days=1):
        activity.remind_at = at - timedelta(minutes=activity.reminder)
    return activity


def _done(demo: Demo, at: datetime, about: Any) -> Activity:
    """Something of the past: done as a rule, called off now and then; told on the time lines as one line."""
    activity = _activity(demo, at, about, created_at=max(about.created_at, at - timedelta(days=3)))
    activity.updated_at = at
    if demo.draw.chance(0.06):
        activity.status = Activity.Status.CANCELLED
        return activity
    activity.status, activity.done_at, activity.remind_at = Activity.Status.DONE, at, None
    if demo.draw.chance(0.45):
        activity.notes = demo.draw.pick(OUTCOMES)
    demo.happened(at, activity.owner, "done", activity, also=activity.subjects)
    return activity
