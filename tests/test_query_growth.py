"""Whether a page asks the database more often where there is more: every page, export and resource.

tests/contracts/pages.py asks so of the lists of modules, with rows of that module alone; here everything
hangs on everything else.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import ContactImport, CustomField, DuplicatePair, Tag
from crm.services.activity import log_activity
from crm.services.contact import delete_contacts
from crm.services.custom_field import create_field
from crm.services.merge import merge_records
from crm.services.tag import create_tag
from people.models import Department
from people.models.preference import SavedView
from people.services.invitation import invite
from people.services.token import make_token
from sync.models import Call, WebhookDelivery
from tests.base import (
    client_of,
    make_activity,
    make_cast,
    make_company,
    make_contact,
    make_deal,
    make_role,
    make_user,
)
from tests.sync.aircall import make_caller
from tests.timeline.documents import CSV, make_document
from tests.url_matrix import MATRIX, World, expected
from timeline.models import JobRun
from timeline.services.note import add_note
from timeline.services.notification import notify

pytestmark = pytest.mark.django_db


def grow(world: World, numbers: range) -> None:
    """Hang one more of everything on Hugo and his records for each number, and beside them."""
    for number in numbers:
        add_records(world, number)
        add_marks(world, number)
        add_people(world, number)
        add_traffic(world, number)


def add_records(world: World, number: int) -> None:
    """Contacts, companies, deals and activities, likely twins and merged ones."""
    hugo, alice = world.cast["sales"], world.cast["admin"]
    tag = create_tag(user=alice, tag=Tag(name=f"Étiquette {number}"))
    names = {"owner": hugo, "last_name": f"Petit {number}"}
    company = make_company(hugo, name=f"Garage {number}", owner=hugo, tags=[tag], city="Lyon")
    contact = make_contact(hugo, **names, company=world.company, tags=[tag])
    for kept, lost in (
        (contact, make_contact(hugo, **names, company=company)),
        (company, make_company(hugo, name=f"Garage {number} SARL", owner=hugo)),
    ):
        merge_records(user=alice, kept=kept, lost=lost, take=set())
    for one, other in ((world.contact, contact), (world.company, company)):
        kind = one._meta.label_lower
        DuplicatePair.objects.create(
            subject_type=kind, first_id=one.pk, second_id=other.pk, reason=DuplicatePair.Reason.NAME
        )
    deal = make_deal(hugo, title=f"Boutique {number}", company=company, contact=contact)
    made = make_deal(hugo, title=f"Site {number}", company=world.company, contact=world.contact, tags=[tag])
    for about in (
        {"contact": contact, "company": company, "deal": deal},
        {"contact": world.contact, "company": world.company, "deal": world.deal},
    ):
        make_activity(hugo, subject=f"Appel {number}", **about)
        values = {"subject": f"Appelé {number}", "owner": hugo, "starts_at": made.created_at}
        log_activity(user=hugo, values={**values, **about})
    delete_contacts(user=hugo, pks=[make_contact(hugo, **names, company=company).pk])


def add_marks(world: World, number: int) -> None:
    """What hangs on records of any kind: notes, documents, custom fields."""
    hugo, alice = world.cast["sales"], world.cast["admin"]
    for record in (world.contact, world.company, world.deal, world.activity):
        add_note(user=alice, obj=record, body=f"@Hugo Lefèvre, voyez {number}")
        make_document(hugo, on=record, name=f"export-{number}.csv", content=CSV + str(number).encode())
    for subject in ("crm.contact", "crm.company", "crm.deal"):
        create_field(user=alice, field=CustomField(subject=subject, label=f"Champ {number}"))


def add_people(world: World, number: int) -> None:
    """Colleagues with roles and departments of their own, and what each person has."""
    hugo, alice = world.cast["sales"], world.cast["admin"]
    role = make_role(f"role-{number}", crm_contact=("own", ["view"]))
    department = Department.objects.create(name=f"Service {number}")
    person = make_user(
        f"p{number}", "Jo", f"Test {number}", role, manager=hugo, department=department, joined_at=None
    )
    invite(user=alice, person=person)
    make_contact(alice, last_name=f"De Jo {number}", owner=person, company=world.company)
    for one in (hugo, alice):
        make_token(user=one, name=f"Jeton {number}")
        SavedView.objects.create(owner=one, list_key="crm:contact", name=f"Vue {number}", query="status=lead")
        notify(people=[one], kind="mention", text="Bonjour", obj=world.contact, actor=alice)
        JobRun.objects.create(user=one, label=f"Tâche {number}", func="timeline.jobs.purge_bin", state="done")


def add_traffic(world: World, number: int) -> None:
    """Imports, telephone calls, deliveries and requests to services."""
    hugo = world.cast["sales"]
    state = ContactImport.State.DONE
    ContactImport.objects.create(user=hugo, name=f"{number}.csv", kind="csv", state=state, total=0)
    make_caller(hugo, number=f"+336990001{number:02d}", calls=2)
    make_caller(hugo)
    WebhookDelivery.objects.create(provider="aircall", event="call.ended", key=f"{number}", body="{}", size=2)
    Call.objects.create(provider="pappers", user=hugo, what="GET", outcome=Call.Outcome.OK, status=200)


def addresses(world: World, key: str) -> Iterator[str]:
    """All that this person may look at."""
    for name, line in MATRIX.items():
        if line.method != "GET" or 200 not in expected(line, key):
            continue
        path = reverse(name, kwargs=world.arguments(name, line))
        yield path + (line.query(world) if line.query else "")
        if name.endswith("_list"):
            yield f"{path}?export=csv"
            yield f"{path}?mode=kanban"


def count_queries(world: World, keys: tuple[str, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys:
        client = client_of(world.cast[key])
        for address in addresses(world, key):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
                if response.streaming:
                    list(response.streaming_content)  # type: ignore[attr-defined]
            if response.status_code == 200:
                counts[f"{address} ({key})"] = len(queries)
    return counts


def test_no_page_asks_more_often_where_there_is_more() -> None:
    world = World(make_cast())
    keys = ("admin", "sales")
    # Two of each: what looks at the second row for the first time is no growth.
    grow(world, range(2))
    count_queries(world, keys)
    # What happened last is of the same kinds both times: lists of events ask once a kind.
    grow(world, range(2, 4))
    few = count_queries(world, keys)
    grow(world, range(4, 9))
    many = count_queries(world, keys)
    assert len(many) > 150
    # One more is a kind of record that came into the first rows; of five more rows none may ask by itself.
    assert {at: (few[at], count) for at, count in many.items() if count > few[at] + 1} == {}
