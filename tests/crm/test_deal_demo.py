"""Deals of the demo and of `seed_scale`: believable, and as models and services would make them."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.models import Company, Deal
from crm.services.deal_totals import recount_deals
from timeline.models import Event

DERIVED = ("probability", "expected_key", "sort_name", "search_text")


def assert_as_the_model_makes_them() -> None:
    for deal in Deal.objects.select_related("company", "contact"):
        for name in DERIVED:
            assert getattr(deal, name) == getattr(deal, f"derive_{name}")(), (deal.pk, name)
    assert recount_deals() == 0


@pytest.mark.django_db(transaction=True)
def test_many_deals_are_those_that_the_model_would_make() -> None:
    call_command("seed_scale", contacts=300, deals=900, verbosity=0, stdout=StringIO())
    assert Deal.objects.count() == 900
    assert set(Deal.objects.values_list("stage", flat=True)) == set(Deal.Stage.values)
    assert_as_the_model_makes_them()


@pytest.mark.django_db
@pytest.mark.usefixtures("without_invoices")
def test_the_demo_sells_for_a_year_with_its_seasons(settings: Any) -> None:
    settings.DEMO_MODE = True
    call_command("seed_demo", "--today", "2026-11-01", verbosity=0, stdout=StringIO())
    assert Deal.objects.count() == 350
    assert set(Deal.objects.values_list("stage", flat=True)) == set(Deal.Stage.values)
    assert_as_the_model_makes_them()
    begun = Counter(timezone.localtime(at).month for at in Deal.objects.values_list("created_at", flat=True))
    assert begun[8] < begun[9]
    assert begun[8] < begun[7]
    clients = Company.objects.filter(status=Company.Status.CLIENT, contacts__owner__isnull=False).distinct()
    assert not clients.exclude(deals__stage="won").exists(), "each client has won deals"
    for deal in Deal.objects.select_related("contact", "company"):
        assert deal.contact is not None
        assert (deal.owner_id, deal.company_id) == (deal.contact.owner_id, deal.contact.company_id)
        assert deal.created_at > deal.contact.created_at
        deal.full_clean()
    told = Event.objects.filter(subject_type="crm.deal").values_list("action", flat=True)
    assert {"created", "moved", "won", "lost", "postponed"} <= set(told)
