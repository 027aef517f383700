"""The demo's staff: twelve people in the four roles, two sales teams under one head."""

from datetime import date, time, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from digiweb.audit import snapshot
from digiweb.demo import PASSWORD, Demo
from digiweb.demo.scale import Scale
from people.models import Department, Invitation, Role, SavedView, Target, User
from people.services.role import ensure_default_roles

DEPARTMENTS = ("Direction", "Commerce", "Marketing", "Relation client")


class Member(NamedTuple):
    """One of the twelve; `key` is the mailbox of those whose login is told."""

    key: str
    first: str
    last: str
    role: str
    department: str
    manager: str
    title: str
    years: float


STAFF = (
    Member("admin", "Alice", "Moreau", "admin", "Direction", "", "Directrice générale", 9),
    Member("marc.delattre", "Marc", "Delattre", "sales", "Commerce", "admin", "Directeur commercial", 7),
    Member(
        "manager",
        "Claire",
        "Fontaine",
        "sales",
        "Commerce",
        "marc.delattre",
        "Responsable des ventes Nord",
        5,
    ),
    Member("sales", "Hugo", "Lefèvre", "sales", "Commerce", "manager", "Commercial", 3),
    Member("sales2", "Inès", "Garnier", "sales", "Commerce", "manager", "Commerciale", 2),
    Member(
        "nadia.haddad",
        "Nadia",
        "Haddad",
        "sales",
        "Commerce",
        "marc.delattre",
        "Responsable des ventes Sud",
        4,
    ),
    Member("samir.benali", "Samir", "Benali", "sales", "Commerce", "nadia.haddad", "Commercial", 2),
    Member("elise.kerbrat", "Élise", "Kerbrat", "sales", "Commerce", "nadia.haddad", "Commerciale", 1.2),
    Member("marketing", "Léa", "Roux", "marketing", "Marketing", "admin", "Responsable marketing", 4),
    Member(
        "thomas.nguyen", "Thomas", "Nguyen", "marketing", "Marketing", "marketing", "Chargé de contenus", 0
    ),
    Member("am", "Paul", "Noël", "am", "Relation client", "admin", "Responsable de la relation client", 6),
    Member("aminata.diallo", "Aminata", "Diallo", "am", "Relation client", "am", "Account manager", 1.5),
)
# Who owns contacts, and how many of a hundred.
SHARES = {
    "sales": 22,
    "sales2": 20,
    "samir.benali": 20,
    "elise.kerbrat": 18,
    "manager": 10,
    "nadia.haddad": 10,
}
VIEWS = (
    # owner, name, list, query
    ("manager", "Leads à rappeler", "crm:contact", "owner=me&sort=newest&status=lead"),
    ("manager", "Sans commercial assigné", "crm:contact", "owner=nobody&sort=newest"),
    ("manager", "Nos clients, de A à Z", "crm:contact", "sort=name&status=client"),
    ("marketing", "Venus du site web", "crm:contact", "sort=newest&source=Site+web"),
    ("manager", "Entreprises clientes", "crm:company", "sort=name&status=client"),
    ("admin", "Restaurants et hôtels", "crm:company", "industry=restaurant&sort=name"),
)


def build(demo: Demo) -> None:
    """Departments, people, their targets, a pending invitation, shared views of lists."""
    ensure_default_roles()
    departments = [Department(pk=demo.number(Department), name=name) for name in DEPARTMENTS]
    demo.insert(departments)
    _people(demo, {each.name: each for each in departments})
    _invitation(demo, demo.people["thomas.nguyen"])
    _targets(demo)
    _sign_ins(demo)
    demo.insert(
        [
            SavedView(
                pk=demo.number(SavedView),
                owner=demo.people[owner],
                name=name,
                list_key=key,
                query=query,
                shared=True,
                created_at=demo.moment(),
            )
            for owner, name, key, query in VIEWS
        ]
    )


def _people(demo: Demo, departments: dict[str, Department]) -> None:
    roles = {role.slug: role for role in Role.objects.all()}
    # One hash for all, with a salt that is the same each time: the password is no secret.
    password = (
        make_password(PASSWORD, salt="digiweb-demo-salt") if demo.logins else "!set-by-seed_demo--logins"
    )
    for member in STAFF:
        joined = member.years > 0
        started = (
            demo.today - timedelta(days=int(member.years * 365))
            if joined
            else demo.today + timedelta(days=10)
        )
        added = demo.at(started, time(9)) if joined else demo.end - timedelta(days=2, hours=-10)
        user = User(
            pk=demo.number(User),
            email=f"{member.key}@digiweb.test",
            first_name=member.first,
            last_name=member.last,
            job_title=member.title,
            phone=demo.draw.mobile(),
            role=roles[member.role],
            department=departments[member.department],
            manager=demo.people.get(member.manager),
            start_date=started,
            joined_at=added if joined else None,
            password=password if joined else "!invited",
            created_at=added,
            updated_at=added,
        )
        demo.people[member.key] = user
    demo.insert(demo.people.values())
    demo.sellers = [demo.people[key] for key in SHARES for _ in range(SHARES[key])]


def _invitation(demo: Demo, user: User) -> None:
    alice = demo.people["admin"]
    sent = user.created_at
    demo.insert(
        [
            Invitation(
                pk=demo.number(Invitation),
                user=user,
                invited_by=alice,
                token_hash=f"{demo.draw.random.getrandbits(256):064x}",
                sent_at=sent,
                expires_at=sent + timedelta(days=7),
                created_at=sent,
                updated_at=sent,
            )
        ]
    )
    given = snapshot(user, ["first_name", "last_name", "email", "role", "department", "manager"])
    demo.happened(
        sent, alice, "created", user, changes={name: [None, value] for name, value in given.items()}
    )
    demo.happened(sent, alice, "invited", user)


def _targets(demo: Demo) -> None:
    """A year of monthly targets of those who sell, and the month to come."""
    first = demo.today.replace(day=1)
    rows = []
    for back in range(12, -2, -1):
        year, month = divmod(first.year * 12 + first.month - 1 - back, 12)
        day = date(year, month + 1, 1)
        at = demo.at(day, time(8))
        for key, share in SHARES.items():
            rows.append(
                Target(
                    pk=demo.number(Target),
                    user=demo.people[key],
                    month=day,
                    revenue=share * 900 + (500 if month % 3 == 2 else 0),
                    deals_won=2 + share // 6,
                    new_contacts=3 + share // 3,
                    activities=20 + share,
                    created_at=at,
                    updated_at=at,
                )
            )
    demo.insert(rows)


def _sign_ins(demo: Demo) -> None:
    """The last ten days of the log have people coming in the morning."""
    for back in range(10, 0, -1):
        day = demo.today - timedelta(days=back)
        if day.weekday() >= 5:
            continue
        for user in demo.people.values():
            if user.joined_at and demo.draw.chance(0.8):
                minute = demo.draw.between(0, 75)
                at = demo.at(day, time(8 + minute // 60, minute % 60, demo.draw.between(0, 59)))
                demo.happened(at, user, "signed_in", user)


# --- seed_scale

SELLERS = 40


def scale(scale: Scale) -> None:
    """An administrator, forty salespeople, a manager of ten of them, and one of each other role.

    `few` and `many` are two of the forty: one with hardly any contacts, one with very many. Nobody has a
    password; benchmarks sign in by the back door.
    """
    ensure_default_roles()
    roles = {role.slug: role for role in Role.objects.all()}
    keys = [f"seller-{number:02}" for number in range(3, SELLERS + 1)]
    scale.people["admin"] = _bench_user("admin", roles["admin"]).pk
    manager = _bench_user("manager", roles["sales"])
    scale.people["manager"] = manager.pk
    for key in ("marketing", "am"):
        scale.people[key] = _bench_user(key, roles[key]).pk
    for key in ("few", "many", *keys):
        led = manager if key in keys[:10] else None
        scale.people[key] = _bench_user(key, roles["sales"], led).pk


def _bench_user(key: str, role: Role, manager: User | None = None) -> User:
    user = User(
        email=f"bench-{key}@digiweb.test",
        first_name=key.capitalize(),
        last_name="Bench",
        role=role,
        manager=manager,
        joined_at=timezone.now(),
        password="!bench",  # noqa: S106 (unusable)
    )
    user.save()
    return user
