"""The tables of people."""

from people.models.former_member import FormerMember
from people.models.invitation import Invitation
from people.models.preference import ListPreference, SavedView
from people.models.role import Grant, KnownModule, Role
from people.models.salesperson import Salesperson
from people.models.target import Target
from people.models.token import APIToken
from people.models.user import Department, User

__all__ = [
    "APIToken",
    "Department",
    "FormerMember",
    "Grant",
    "Invitation",
    "KnownModule",
    "ListPreference",
    "Role",
    "Salesperson",
    "SavedView",
    "Target",
    "User",
]
