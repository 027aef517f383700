"""Company data of the demo; and its calls: some came by Aircall, and a few numbers are unknown."""

from datetime import datetime, timedelta
from typing import Any

from crm.models import Activity, Company, Contact
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sync.company_demo import build_company_data
from sync.models import Caller, PhoneCall

SEED = 20261121
LINES = ("Accueil", "Ligne commerciale")
# Calls that were logged, numbers that are unknown, and how many people answered those.
KNOWN, UNKNOWN, SELLERS = 40, 7, 3
REASONS = ("no_available_agent", "agents_did_not_answer", "out_of_opening_hours")


def build(demo: Demo) -> None:
    """By a draw of its own: what is told here changes nothing in the rest of the story."""
    draw = Draw(SEED)
    _known(demo, draw)
    _unknown(demo, draw)
    build_company_data(demo)


def _known(demo: Demo, draw: Draw) -> None:
    logged = Activity.objects.filter(kind="call", status="done").exclude(contact=None)
    recent = logged.select_related("contact", "owner").order_by("-starts_at", "-pk")[: KNOWN * 2]
    callers: dict[str, Caller] = {}
    calls: list[PhoneCall] = []
    for activity in recent:
        contact = activity.contact
        number = contact.mobile or contact.phone if contact is not None else ""
        if not number or len(calls) == KNOWN:
            continue
        caller = callers.get(number)
        if caller is None:
            caller = callers[number] = Caller(
                pk=demo.number(Caller),
                number=number,
                last_call_at=activity.starts_at,
                created_at=activity.starts_at,
                updated_at=activity.starts_at,
            )
        call = _call(demo, draw, caller, activity.starts_at, activity.owner)
        call.answered_at = activity.starts_at + timedelta(seconds=draw.between(3, 14))
        call.ended_at = call.answered_at + timedelta(minutes=activity.duration, seconds=-draw.between(1, 50))
        call.direction = draw.weighted((("out", 65), ("in", 35)))
        call.activity, call.state = activity, PhoneCall.State.LOGGED
        calls.append(call)
    demo.insert(callers.values())
    demo.insert(calls)


def _unknown(demo: Demo, draw: Draw) -> None:
    """Numbers that the regulator keeps for films: nobody has them."""
    callers: list[Caller] = []
    calls: list[PhoneCall] = []
    taken = {
        number
        for model, names in ((Contact, ("phone", "mobile")), (Company, ("phone",)))
        for row in model.objects.values_list(*names)
        for number in row
    }
    sellers = list(dict.fromkeys(demo.sellers))[:SELLERS]
    for number in range(UNKNOWN):
        caller = Caller(
            pk=demo.number(Caller),
            number=_free_number(draw, taken, mobile=bool(number % 3)),
            state=Caller.State.IGNORED if number == UNKNOWN - 1 else Caller.State.UNKNOWN,
        )
        person = sellers[number % len(sellers)]
        moments = sorted(
            draw.working_moment(demo.end - timedelta(days=12), demo.end) for _ in range(draw.between(1, 4))
        )
        for at in moments:
            call = _call(demo, draw, caller, at, person)
            call.state = PhoneCall.State.WAITING
            if draw.chance(0.4):
                call.missed_reason, call.agent_name = draw.pick(REASONS), ""
                call.ended_at = at + timedelta(seconds=draw.between(8, 40))
            else:
                call.answered_at = at + timedelta(seconds=draw.between(3, 14))
                call.ended_at = call.answered_at + timedelta(seconds=draw.between(20, 600))
            calls.append(call)
        caller.waiting, caller.last_call_at, caller.last_person = len(moments), moments[-1], person
        caller.created_at = caller.updated_at = moments[0]
        callers.append(caller)
    demo.insert(callers)
    demo.insert(calls)


def _free_number(draw: Draw, taken: set[str], *, mobile: bool) -> str:
    """A number of nobody in the story, which otherwise would say who called."""
    while True:
        number = f"{'+3363998' if mobile else '+3319900'}{draw.between(1000, 9999)}"
        if number not in taken:
            taken.add(number)
            return number


def _call(demo: Demo, draw: Draw, caller: Caller, at: datetime, person: Any) -> PhoneCall:
    pk = demo.number(PhoneCall)
    return PhoneCall(
        pk=pk,
        provider="aircall",
        number_there=f"demo-{pk}",
        caller=caller,
        line=draw.pick(LINES),
        started_at=at,
        heard_at=at,
        person=person,
        agent_name=str(person),
        created_at=at,
        updated_at=at,
    )
