"""Choosing a deal while typing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.base import client_of, make_cast, make_company, make_contact, make_deal

pytestmark = pytest.mark.django_db


def test_while_choosing_deals_of_one_name_are_told_apart_by_whose_they_are(
    django_assert_num_queries: Any,
) -> None:
    """A quote was made for the wrong client: both deals were « Création du site »."""
    user = make_cast()["sales"]
    company = make_company(user, name="Usinage Nantes", owner=user)
    make_deal(user, title="Création du site", company=company)
    contact = make_contact(user, owner=user, first_name="Zoé", last_name="Petit")
    make_deal(user, title="Création du site", contact=contact)
    client = client_of(user)
    url = reverse("crm:deal_lookup") + "?q=creation"
    client.get(url)  # the first request of a person asks for what is kept
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url).content.decode()
    make_deal(user, title="Création du site", company=make_company(user, name="Fours Nantes", owner=user))
    with django_assert_num_queries(len(asked)):
        client.get(url)
    assert "Usinage Nantes · " in page
    assert "Zoé Petit · " in page
