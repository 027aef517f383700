"""Rows that were there before joined tables carried copies get theirs by the migration."""

from importlib import import_module

import pytest
from django.apps import apps

from crm.models import CompanyAccess, ContactTag, Tag
from crm.services.tag import create_tag
from tests.base import make_cast, make_company, make_contact

pytestmark = pytest.mark.django_db


def test_the_copies_are_written_and_may_be_written_again() -> None:
    hugo = make_cast()["sales"]
    tag = create_tag(user=None, tag=Tag(name="Salon"))
    contact = make_contact(hugo, owner=hugo, last_name="Petit", tags=[tag])
    company = make_company(hugo, owner=hugo, name="Durand", status="client")
    ContactTag.objects.update(owner_id=None, sort_name="", score=0)
    CompanyAccess.objects.update(status="", industry="x")
    for _ in range(2):
        import_module("crm.migrations.0003_carry_copies").copy(apps, None)
        row = ContactTag.objects.get()
        assert (row.owner_id, row.sort_name, row.score) == (hugo.pk, contact.sort_name, contact.score)
        access = CompanyAccess.objects.get(company=company)
        assert (access.status, access.industry, access.sort_name) == ("client", "", "durand")
