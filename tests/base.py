"""The cast of the tests, and how they sign in.

Claire manages Hugo and Inès; Alice runs the house; Léa does marketing, Paul looks after accounts.
Samir is a salesperson of nobody's team: a stranger to the others' records.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from crm.models import Activity, Company, Contact, Deal
from crm.models import Client as Customer
from crm.services.activity import create_activity
from crm.services.client import create_client
from crm.services.company import create_company
from crm.services.contact import create_contact
from crm.services.deal import create_deal
from people.models import Grant, Role, User
from people.services.role import ensure_default_roles

PASSWORD = "Correct-Horse-42"
BACKEND = "people.backends.SignInBackend"
CAST = {
    # key: first name, last name, role, manager
    "admin": ("Alice", "Moreau", "admin", ""),
    "manager": ("Claire", "Fontaine", "sales", ""),
    "sales": ("Hugo", "Lefèvre", "sales", "manager"),
    "sales2": ("Inès", "Garnier", "sales", "manager"),
    "stranger": ("Samir", "Benali", "sales", ""),
    "marketing": ("Léa", "Roux", "marketing", ""),
    "am": ("Paul", "Noël", "am", ""),
}


def make_cast() -> dict[str, User]:
    """Every member of the cast, by key."""
    ensure_default_roles()
    roles = {role.slug: role for role in Role.objects.all()}
    cast: dict[str, User] = {}
    for key, (first, last, role, manager) in CAST.items():
        cast[key] = make_user(key, first, last, roles[role], manager=cast.get(manager))
    return cast


def make_user(
    key: str, first: str = "Jo", last: str = "Test", role: Role | None = None, **fields: Any
) -> User:
    """A member of the staff with the password of all tests."""
    fields = {"joined_at": timezone.now(), **fields}
    return User.objects.create_user(
        f"{key}@digiweb.test", PASSWORD, first_name=first, last_name=last, role=role, **fields
    )


def make_role(slug: str, **grants: tuple[str, Iterable[str]]) -> Role:
    """A role with just these grants: `make_role("reader", crm_contact=("own", ["view"]))`."""
    role = Role.objects.create(name=slug, slug=slug)
    for module, (scope, actions) in grants.items():
        for action in actions:
            Grant.objects.create(role=role, module=module.replace("_", ".", 1), action=action, scope=scope)
    return role


def client_of(user: User | None, **headers: str) -> Client:
    """A browser in which `user` has signed in (nobody, for None)."""
    client = Client(headers=headers)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def make_contact(user: User, **fields: Any) -> Contact:
    """A contact made by the same service as the page."""
    fields = {"first_name": "Émilie", "last_name": "Durand", **fields}
    tags = fields.pop("tags", ())
    return create_contact(user=user, contact=Contact(**fields), tags=tags)


def make_company(user: User, **fields: Any) -> Company:
    """A company made by the same service as the page."""
    fields = {"name": "Boulangerie Martin", **fields}
    tags = fields.pop("tags", ())
    return create_company(user=user, company=Company(**fields), tags=tags)


def make_deal(user: User, **fields: Any) -> Deal:
    """A deal made by the same service as the page; `user` owns it unless said otherwise."""
    fields = {"title": "Refonte du site", "owner": user, "amount": Decimal(1000), **fields}
    tags = fields.pop("tags", ())
    maker = None if fields["owner"] != user else user
    return create_deal(user=maker, deal=Deal(**fields), tags=tags)


def make_activity(user: User, **fields: Any) -> Activity:
    """An activity made by the same service as the page, planned for tomorrow; `user` owns it."""
    tomorrow = timezone.now() + timedelta(days=1)
    fields = {"subject": "Appeler la boulangerie", "owner": user, "starts_at": tomorrow, **fields}
    maker = None if fields["owner"] != user else user
    return create_activity(user=maker, activity=Activity(**fields))


def make_client(user: User, **fields: Any) -> Customer:
    """A client made by the same service as the page, of a company of its own unless said otherwise."""
    if "company" not in fields and "contact" not in fields:
        number = Company.objects.count() + 1
        fields["company"] = make_company(user, name=f"Boulangerie Martin {number}", owner=fields.get("owner"))
    return create_client(user=user, client=Customer(**fields))
