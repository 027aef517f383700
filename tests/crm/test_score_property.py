"""Scores equal a plain rule on the records, whatever happened to these (SPEC C2)."""

import threading
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Activity, Company, Contact, ContactTag, Deal, Tag
from crm.models.score_rule import DEFAULTS, EXCHANGES, Worth
from crm.services.activity import (
    change_activities,
    change_activity,
    complete_activity,
    delete_activities,
    reopen_activity,
)
from crm.services.company import delete_companies
from crm.services.company_data import set_solvency
from crm.services.contact import change_contact, delete_contacts
from crm.services.deal import change_deal, change_deals, delete_deals, move_deal, take_back_move
from crm.services.merge import merge_records, undo_merge
from crm.services.tag import create_tag
from people.models import User
from tests.base import make_activity, make_cast, make_company, make_contact, make_deal
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def plain_lines(contact: Contact, today: date) -> set[tuple[str, str, int, int]]:
    """(rule, kind of record, its number, points), from the records alone."""
    happened: list[tuple[str, datetime | date, int, str]] = []
    for activity in Activity.objects.filter(contact=contact, status="done"):
        if activity.kind in EXCHANGES:
            assert activity.done_at
            happened.append((EXCHANGES[activity.kind], activity.done_at, activity.pk, "crm.activity"))
    for deal in Deal.objects.filter(contact=contact):
        if deal.stage in ("won", "lost"):
            assert deal.closed_on
            happened.append((f"deal_{deal.stage}", deal.closed_on, deal.pk, "crm.deal"))
        else:
            happened.append(("deal_open", timezone.localdate(deal.created_at), deal.pk, "crm.deal"))
            if deal.stage in ("proposal", "negotiation"):
                happened.append(("deal_late", timezone.localdate(deal.stage_since), deal.pk, "crm.deal"))
    if contact.company and contact.company.solvency is not None:
        of_ten = contact.company.solvency
        rule = "solvent" if of_ten >= 7 else "fragile" if of_ten <= 3 else ""
        assert contact.company.solvency_on
        happened.append((rule, contact.company.solvency_on, contact.company_id or 0, "crm.company"))
    lines = set()
    for rule, worth in DEFAULTS.items():
        mine = [one for one in happened if one[0] == rule and _counts(one[1], worth, today)]
        mine.sort(key=lambda one: (one[1], one[2]), reverse=True)
        lines |= {(rule, kind, pk, worth.points) for _rule, _on, pk, kind in mine[: worth.limit]}
    return lines


def _counts(on: datetime | date, worth: Worth, today: date) -> bool:
    day = timezone.localdate(on) if isinstance(on, datetime) else on
    return worth.valid_days is None or day + timedelta(days=worth.valid_days) >= today


def known_points(contact: Contact) -> int:
    known = {
        "email": contact.email,
        "phone": contact.phone or contact.mobile,
        "company": contact.company_id,
        "name": contact.first_name and contact.last_name,
        "job_title": contact.job_title,
        "city": contact.city,
        "owner": contact.owner_id,
    }
    return sum(DEFAULTS[fact].points for fact, value in known.items() if value)


def assert_scores_are_plain(today: date | None = None) -> None:
    for contact in Contact.objects.all():
        lines = plain_lines(contact, today or timezone.localdate())
        held = set(contact.score_ledger.values_list("rule", "source_type", "source_id", "points"))
        assert held == lines
        assert contact.score_events == sum(line[3] for line in lines)
        assert contact.score == max(0, min(100, known_points(contact) + contact.score_events))
        done = Activity.objects.filter(contact=contact, status="done", kind__in=EXCHANGES)
        assert contact.last_contact_at == max((one.done_at for one in done if one.done_at), default=None)
    for copy in ContactTag.objects.select_related("contact"):
        assert copy.score == copy.contact.score


class Rolled(Exception):
    """Takes everything back between two walks."""


VERBS = [
    "log", "done", "undone", "moved", "bulk done", "delete activity", "deal", "move", "take back", "lose",
    "bulk deal", "give deal", "delete deal", "edit", "delete contact", "restore", "merge", "part",
    "solvency", "join", "delete company", "merge companies",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 5)), max_size=14))
def test_whatever_happens_the_score_is_that_of_the_records(steps: list[tuple[str, int, int]]) -> None:
    with suppress(Rolled), transaction.atomic():
        _walk(steps)
        raise Rolled


def _walk(steps: list[tuple[str, int, int]]) -> None:
    admin = make_cast()["admin"]
    tag = create_tag(user=admin, tag=Tag(name="Suivi"))
    for name in ("Un", "Deux"):
        make_company(admin, owner=admin, name=name)
    for number in range(3):
        make_contact(admin, owner=admin, email=f"c{number}@exemple.fr", tags=[tag])
    merges: list[Any] = []
    moves: list[Any] = []
    for verb, first, second in steps:
        _do(verb, first, second, admin, merges, moves)
        assert_scores_are_plain()


def _pick(rows: Any, number: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


def _do(verb: str, first: int, second: int, admin: User, merges: list[Any], moves: list[Any]) -> None:
    contact, other = _pick(Contact.objects, first), _pick(Contact.objects, second)
    company = _pick(Company.objects, first)
    activity, deal = _pick(Activity.objects, first), _pick(Deal.objects, first)
    kind = ("call", "meeting", "video", "email", "task")[second % 5]
    if verb == "log" and contact:
        past = timezone.now() - timedelta(days=first * 17)
        status = "planned" if second == 5 else "done"
        make_activity(admin, contact=contact, kind=kind, status=status, starts_at=past)
    elif verb == "done" and activity:
        complete_activity(user=admin, activity=activity)
    elif verb == "undone" and activity and activity.status != "planned":
        reopen_activity(user=admin, activity=activity)
    elif verb == "moved" and activity:
        change_activity(user=admin, activity=activity, values={"contact": other, "kind": kind})
    elif verb == "bulk done":
        status = ("done", "cancelled", "planned")[second % 3]
        change_activities(
            user=admin, pks=list(Activity.objects.values_list("pk", flat=True)), values={"status": status}
        )
    elif verb == "delete activity" and activity:
        delete_activities(user=admin, pks=[activity.pk])
    elif verb == "deal" and contact:
        stage = ("discovery", "proposal", "won", "lost")[second % 4]
        reason = {"lost_reason": "price"} if stage == "lost" else {}
        make_deal(admin, contact=contact, stage=stage, **reason)
    elif verb == "move" and deal:
        to = ("qualification", "negotiation", "won")[second % 3]
        moves.append((deal.pk, move_deal(user=admin, deal=deal, to=to), deal.version))
    elif verb == "take back" and moves:
        pk, before, version = moves.pop()
        moved = Deal.objects.filter(pk=pk, version=version).first()
        if moved:
            take_back_move(user=admin, deal=moved, before=before, version=version)
    elif verb == "lose" and deal:
        move_deal(user=admin, deal=deal, to="lost", reason="price")
    elif verb == "bulk deal":
        change_deals(user=admin, pks=list(Deal.objects.values_list("pk", flat=True)), values={"stage": "won"})
    elif verb == "give deal" and deal:
        change_deal(user=admin, deal=deal, values={"contact": other})
    elif verb == "delete deal" and deal:
        delete_deals(user=admin, pks=[deal.pk])
    elif verb == "edit" and contact:
        change_contact(
            user=admin, contact=contact, values={"city": ("", "Lyon")[second % 2], "job_title": "Chef"}
        )
    elif verb == "delete contact" and contact:
        delete_contacts(user=admin, pks=[contact.pk])
    elif verb == "restore":
        entry = BinEntry.objects.filter(restored_at=None).order_by("-pk").first()
        if entry:
            restore_from_bin(user=admin, batch=entry.batch)
    elif verb == "merge" and contact and other and contact != other:
        merges.append(merge_records(user=admin, kept=contact, lost=other, take={"email"}))
    elif verb == "solvency" and company:
        set_solvency(company=company, value=(0, 5, 9, None)[second % 4], on=timezone.localdate())
    elif verb == "join" and contact:
        change_contact(user=admin, contact=contact, values={"company": _pick(Company.objects, second)})
    elif verb == "delete company" and company:
        delete_companies(user=admin, pks=[company.pk])
    elif verb == "merge companies" and company and company != _pick(Company.objects, second):
        other = _pick(Company.objects, second)
        merges.append(merge_records(user=admin, kept=company, lost=other, take=set()))
    elif verb == "part" and merges:
        merge = merges.pop()
        if apps.get_model(merge.subject_type).objects.filter(pk=merge.kept_id).exists():
            undo_merge(user=admin, merge=merge)


@pytest.mark.django_db(transaction=True)
def test_four_people_at_once_on_one_contact_come_to_the_same_score() -> None:
    """Calls done, meetings logged, deals moved, a contact renamed: none waits for who waits for them."""
    admin = make_cast()["admin"]
    contacts = [make_contact(admin, owner=admin, last_name=f"Nom {number}") for number in range(2)]
    deals = [make_deal(admin, contact=contact) for contact in contacts for _twice in range(3)]
    planned = [
        make_activity(admin, contact=contact, deal=deals[0]) for contact in contacts for _time in range(6)
    ]
    troubles: list[Exception] = []
    barrier = threading.Barrier(4)

    def work(place: int) -> None:
        try:
            barrier.wait()
            for turn in range(6):
                if place == 0:
                    values = {"last_name": f"Autre {turn}", "city": ("", "Lyon")[turn % 2]}
                    for contact in contacts:
                        change_contact(user=admin, contact=Contact.objects.get(pk=contact.pk), values=values)
                elif place == 1:
                    for deal in deals:
                        to = ("proposal", "won", "qualification")[turn % 3]
                        move_deal(user=admin, deal=Deal.objects.get(pk=deal.pk), to=to)
                elif place == 2:
                    for activity in planned[turn::6]:
                        complete_activity(user=admin, activity=Activity.objects.get(pk=activity.pk))
                else:
                    for contact in contacts:
                        make_activity(admin, contact=contact, deal=deals[0], status="done", kind="meeting")
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert_scores_are_plain()
