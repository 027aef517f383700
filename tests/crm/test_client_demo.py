"""Clients of the demo and of `seed_scale`: consistent with what was sold, and as the model makes them."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from crm.models import Client, Company, Deal
from crm.services.client_signs import SIGNS, refresh_clients
from timeline.models import Event

DERIVED = ("subject", "renewal_key", "sort_name", "search_text")


def assert_as_the_model_makes_them() -> None:
    for client in Client.objects.select_related("company", "contact"):
        for name in DERIVED:
            assert getattr(client, name) == getattr(client, f"derive_{name}")(), (client.pk, name)


@pytest.mark.django_db
@pytest.mark.usefixtures("without_invoices")
def test_who_bought_is_a_client_since_then(settings: Any) -> None:
    settings.DEMO_MODE = True
    call_command("seed_demo", "--today", "2026-11-01", verbosity=0, stdout=StringIO())
    assert_as_the_model_makes_them()
    won = Deal.objects.filter(stage=Deal.Stage.WON).exclude(company=None)
    clients = {client.company_id: client for client in Client.objects.select_related("company")}
    assert set(won.values_list("company", flat=True)) == set(clients)
    assert 110 <= len(clients) <= 160
    for deal in won.order_by("-stage_since"):
        assert clients[deal.company_id].signed_on <= deal.closed_on  # type: ignore[operator]
    for client in clients.values():
        assert client.company is not None
        former = client.company.status == Company.Status.FORMER
        assert (client.status == Client.Status.CHURNED) == former
        assert (client.renewal_on is None) == former
        assert client.health == max(0, min(100, sum(line[1] for line in client.health_lines)))
        assert Event.objects.filter(
            subject_type="crm.client", subject_id=client.pk, action="created"
        ).exists()
    assert any(client.identity_card for client in clients.values())
    assert {bool(client.upsell) for client in clients.values()} == {True, False}
    assert set(Client.objects.values_list("status", flat=True)) == set(Client.Status.values)


@pytest.mark.django_db(transaction=True)
def test_many_clients_are_those_that_the_model_would_make() -> None:
    call_command("seed_scale", contacts=300, verbosity=0, stdout=StringIO())
    assert Client.objects.filter(contact__isnull=False).count() == 1
    assert Client.objects.count() >= 10
    assert_as_the_model_makes_them()
    refresh_clients()
    before = list(Client.objects.order_by("pk").values_list("pk", *SIGNS))
    refresh_clients()
    assert list(Client.objects.order_by("pk").values_list("pk", *SIGNS)) == before
