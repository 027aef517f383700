"""The demo's background jobs: a week of nights, and what people asked for."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps

from crm.models import Contact
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from timeline.models import JobLine, JobRun

SEED = 20261122
NIGHTS = 7
AWAY = "Aircall ne répond pas."
# (entry, what it is called, when, its job, how long in seconds, what it says of how many)
NIGHTLY: tuple[tuple[str, str, tuple[int, int], str, float, str], ...] = (
    ("decay_scores", "Retirer des scores les points périmés", (0, 10), "crm.jobs.decay_scores", 6, ""),
    (
        "find_duplicates",
        "Chercher les doublons",
        (2, 20),
        "crm.jobs.find_duplicates",
        11,
        "",
    ),
    (
        "check_custom_values",
        "Vérifier ce par quoi les champs personnalisés sont filtrés",
        (2, 50),
        "crm.jobs.check_custom_values",
        3,
        "0 ligne corrigée.",
    ),
    (
        "purge_bin",
        "Vider la corbeille de ce qui a plus de 30 jours",
        (3, 30),
        "timeline.jobs.purge_bin",
        1,
        "0 fiche supprimée définitivement.",
    ),
    (
        "clear_sessions",
        "Supprimer les sessions expirées",
        (3, 40),
        "people.jobs.clear_sessions",
        1,
        "{sessions} sessions expirées supprimées.",
    ),
    (
        "remove_orphans",
        "Supprimer les fichiers qui n’appartiennent à aucun document",
        (3, 50),
        "timeline.jobs.remove_orphans",
        2,
        "0 fichier supprimé.",
    ),
)
CALLS = ("catch_up_calls", "Lire chez Aircall les appels des derniers jours", (2, 10))
CALLS_JOB = "sync.aircall.jobs.catch_up_calls"


@dataclass
class Told:
    """A run of the story, with its log."""

    run: JobRun
    lines: list[tuple[datetime, str, str]] = field(default_factory=list)


def build_jobs(demo: Demo) -> None:
    """Oldest first, so that numbers follow time; by a draw of its own, so that the rest stays as it is."""
    draw = Draw(SEED)
    told = [*_nights(demo, draw), *_asked_for(demo)]
    runs, lines = [], []
    for one in sorted(told, key=lambda one: one.run.created_at):
        one.run.pk = demo.number(JobRun)
        runs.append(one.run)
        for at, level, text in one.lines:
            lines.append(JobLine(pk=demo.number(JobLine), run_id=one.run.pk, at=at, level=level, text=text))
    demo.insert(runs)
    demo.insert(lines)


def _nights(demo: Demo, draw: Draw) -> list[Told]:
    told = []
    for back in range(NIGHTS, 0, -1):
        night = demo.today - timedelta(days=back)
        for name, label, clock, func, seconds, text in NIGHTLY:
            one = _of_clock(demo, night, (name, label, clock), func, seconds + draw.random.random())
            if text:
                one.lines.append((one.run.ended_at, "info", text.format(sessions=2 + back % 5)))  # type: ignore[arg-type]
            told.append(one)
        told.append(_calls_of(demo, night, back, draw))
    return told


def _of_clock(
    demo: Demo, night: date, entry: tuple[str, str, tuple[int, int]], func: str, seconds: float
) -> Told:
    name, label, (hour, minute) = entry
    at = demo.at(night, time(hour, minute, 1))
    return Told(_run(None, label, func, at, seconds, twin_key=f"schedule-{name}"))


def _calls_of(demo: Demo, night: date, back: int, draw: Draw) -> Told:
    """Four nights before the last, Aircall was away for an hour: an administrator had it done again."""
    one = _of_clock(demo, night, CALLS, CALLS_JOB, 4 + draw.random.random())
    run, start = one.run, one.run.created_at
    if back == 5:
        waits = (10, 60, 300)
        at = start
        for number, wait in enumerate(waits, 2):
            one.lines.append((at, "warning", f"{AWAY} Nouvel essai dans {wait} s."))
            at += timedelta(seconds=wait + 2)
            one.lines.append((at, "warning", f"Reprise après une interruption, essai {number}."))
        one.lines.append((at, "error", AWAY))
        morning = demo.at(night, time(8, 52, 10))
        alice = demo.people["admin"]
        one.lines.append((morning, "info", f"Relancé par {alice.full_name}."))
        run.started_at, run.ended_at = morning, morning + timedelta(seconds=5)
    elif back == 2:
        run.state, run.error = JobRun.State.FAILED, "Aircall refuse la clé : elle a expiré ou a été retirée."
        one.lines.append((run.ended_at, "error", run.error))  # type: ignore[arg-type]
        return one
    one.lines.append((run.ended_at, "info", f"{draw.random.randint(3, 9)} appels lus."))  # type: ignore[arg-type]
    return one


def _asked_for(demo: Demo) -> list[Told]:
    """What people asked for on working days."""
    contacts, calls = Contact.objects.count(), apps.get_model("sync", "PhoneCall").objects.count()
    alice, claire, hugo = (demo.people[key] for key in ("admin", "manager", "sales"))
    duplicates: dict[str, Any] = {"twin_key": "duplicates", "url": "/crm/duplicates/", "done": 6, "total": 6}
    scores: dict[str, Any] = {"done": contacts, "total": contacts, "twin_key": "scores-1-2"}
    aircall: dict[str, Any] = {"done": calls, "total": calls, "twin_key": "aircall-fetch"}
    scored = "Scores selon les nouvelles règles"
    plan = (
        (
            26,
            time(9, 31, 12),
            alice,
            scored,
            "crm.jobs.recompute_scores",
            8.4,
            scores,
        ),
        (12, time(14, 5, 40), claire, "Recherche de doublons", "crm.jobs.find_duplicates", 12.2, duplicates),
        (9, time(10, 17, 3), alice, "Appels d’Aircall", "sync.aircall.jobs.fetch_calls", 21.7, aircall),
        (6, time(11, 44, 51), hugo, "Recherche de doublons", "crm.jobs.find_duplicates", 11.9, duplicates),
        (1, time(16, 20, 8), hugo, "Recherche de doublons", "crm.jobs.find_duplicates", 12.6, duplicates),
    )
    told = []
    for back, clock, person, label, func, seconds, more in plan:
        run = _run(person, label, func, demo.at(_working_day(demo.today, back), clock), seconds, **more)
        told.append(Told(run))
        if func.endswith("fetch_calls"):
            told[-1].lines.append((run.ended_at, "info", f"{calls} appels lus."))  # type: ignore[arg-type]
    return told


def _working_day(today: date, back: int) -> date:
    day = today - timedelta(days=back)
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _run(person: Any, label: str, func: str, at: datetime, seconds: float, **values: Any) -> JobRun:
    begun = at + timedelta(milliseconds=300)
    values = {"kwargs": {}, "attempts": 1, "done": 0, "total": 0, "url": "", **values}
    return JobRun(
        user=person,
        label=label,
        func=func,
        state=JobRun.State.DONE,
        created_at=at,
        started_at=begun,
        ended_at=begun + timedelta(seconds=round(seconds, 3)),
        **values,
    )
