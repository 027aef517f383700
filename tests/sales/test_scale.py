"""What `seed_scale` sells is what models and services would make."""

from io import StringIO

import pytest
from django.core.management import call_command

from crm.models import Client
from people.models import User
from sales.models import Contract, PaymentRecord, Subscription
from sales.services.contract_totals import recount_contracts
from sales.services.subscription import refresh_revenue

DERIVED = {
    Contract: ("signed_key", "sort_name", "search_text"),
    PaymentRecord: ("paid_key", "owner_id"),
    Subscription: ("owner_id",),
}


@pytest.mark.django_db(transaction=True)
def test_many_contracts_are_those_that_models_and_services_would_make() -> None:
    call_command("seed_scale", contacts=1000, contracts=1500, verbosity=0, stdout=StringIO())
    for model, names in DERIVED.items():
        for record in model.objects.select_related("client__company", "client__contact"):
            for name in names:
                assert getattr(record, name) == getattr(record, f"derive_{name}")(), (record.pk, name)
            record.clean()
    assert Contract.objects.count() == PaymentRecord.objects.count() == 1500
    assert set(Contract.objects.values_list("status", flat=True)) == set(Contract.Status.values)
    assert set(PaymentRecord.objects.values_list("status", flat=True)) == set(PaymentRecord.Status.values)
    assert set(Subscription.objects.values_list("status", flat=True)) == set(Subscription.Status.values)
    assert recount_contracts() == 0
    assert refresh_revenue(Client.objects.values_list("pk", flat=True)) == 0
    few, many = (User.objects.get(email=f"bench-{who}@digiweb.test") for who in ("few", "many"))
    assert 180 <= Client.objects.count() <= 220
    for model in (Contract, PaymentRecord):
        theirs = [model.objects.filter(owner_id=who.pk).count() for who in (few, many)]
        assert theirs == [Client.objects.filter(owner=few).count(), 375]
