"""Payments and subscriptions carry the owner of their client; indexes for the filters of sales."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import digiweb.fields


def copy_owners(apps: Any, schema_editor: Any) -> None:
    """What payments and subscriptions are to say of their clients."""
    owner = apps.get_model("crm", "Client").objects.filter(pk=OuterRef("client_id")).values("owner_id")
    for name in ("PaymentRecord", "Subscription"):
        apps.get_model("sales", name).objects.update(owner_id=Subquery(owner[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0017_filters_of_clients"),
        ("sales", "0006_call_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_signed",
        ),
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_amount",
        ),
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_name",
        ),
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_o_signed",
        ),
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_o_amount",
        ),
        migrations.RemoveIndex(
            model_name="contract",
            name="sales_contract_o_name",
        ),
        migrations.RemoveIndex(
            model_name="paymentrecord",
            name="sales_payment_paid",
        ),
        migrations.RemoveIndex(
            model_name="paymentrecord",
            name="sales_payment_amount",
        ),
        migrations.RemoveIndex(
            model_name="paymentrecord",
            name="sales_payment_s_amount",
        ),
        migrations.RemoveIndex(
            model_name="paymentrecord",
            name="sales_payment_s_paid",
        ),
        migrations.AddField(
            model_name="paymentrecord",
            name="owner_id",
            field=digiweb.fields.DerivedOwnerField(
                default=None, editable=False, null=True, source="derive_owner_id"
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="owner_id",
            field=digiweb.fields.DerivedOwnerField(
                default=None, editable=False, null=True, source="derive_owner_id"
            ),
        ),
        migrations.RunPython(copy_owners, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=["signed_key", "id", "offer", "ends_on", "payment_method", "absent_since"],
                name="sales_contract_signed",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=["amount", "id", "signed_key", "offer", "ends_on", "payment_method", "absent_since"],
                name="sales_contract_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=[
                    "sort_name",
                    "id",
                    "signed_key",
                    "offer",
                    "ends_on",
                    "payment_method",
                    "absent_since",
                ],
                name="sales_contract_name",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=["owner", "signed_key", "id", "offer", "ends_on", "payment_method", "absent_since"],
                name="sales_contract_o_signed",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=[
                    "owner",
                    "amount",
                    "id",
                    "signed_key",
                    "offer",
                    "ends_on",
                    "payment_method",
                    "absent_since",
                ],
                name="sales_contract_o_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                fields=[
                    "owner",
                    "sort_name",
                    "id",
                    "signed_key",
                    "offer",
                    "ends_on",
                    "payment_method",
                    "absent_since",
                ],
                name="sales_contract_o_name",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["payment_method", "id"], name="sales_contract_method"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["absent_since", "id"], name="sales_contract_absent"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["owner", "offer", "id"], name="sales_contract_o_offer"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["owner", "ends_on", "id"], name="sales_contract_o_ends"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["owner", "payment_method", "id"], name="sales_contract_o_method"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["owner", "absent_since", "id"], name="sales_contract_o_absent"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["paid_key", "id", "method", "amount", "status"], name="sales_payment_paid"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["amount", "id", "method", "paid_key", "status"], name="sales_payment_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(fields=["status", "id", "paid_key"], name="sales_payment_s_new"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(fields=["status", "paid_key", "id", "amount"], name="sales_payment_s_paid"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(fields=["status", "amount", "id", "paid_key"], name="sales_payment_s_amount"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(fields=["owner_id", "id"], name="sales_payment_o_new"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["owner_id", "paid_key", "id", "method", "amount", "status"],
                name="sales_payment_o_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["owner_id", "amount", "id", "method", "paid_key", "status"],
                name="sales_payment_o_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(fields=["owner_id", "status", "id", "paid_key"], name="sales_payment_os_new"),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["owner_id", "status", "paid_key", "id", "amount"], name="sales_payment_os_paid"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["owner_id", "status", "amount", "id", "paid_key"], name="sales_payment_os_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["method", "id", "amount", "status", "paid_key"], name="sales_payment_method"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentrecord",
            index=models.Index(
                fields=["owner_id", "method", "id", "amount", "status", "paid_key"],
                name="sales_payment_o_method",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["owner_id", "id"], name="sales_subscription_o"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["offer", "id"], name="sales_subscription_offer"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["started_on", "id"], name="sales_subscription_start"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["ended_on", "id"], name="sales_subscription_end"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["owner_id", "status", "id"], name="sales_subscription_o_status"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["owner_id", "offer", "id"], name="sales_subscription_o_offer"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["owner_id", "started_on", "id"], name="sales_subscription_o_start"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["owner_id", "ended_on", "id"], name="sales_subscription_o_end"),
        ),
        migrations.RemoveIndex(
            model_name="contracttotal",
            name="sales_contracttotal_month",
        ),
        migrations.AddIndex(
            model_name="contracttotal",
            index=models.Index(
                fields=["month", "owner_id", "count", "amount"], name="sales_contracttotal_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="contracttotal",
            index=models.Index(
                fields=["month", "offer_id", "count", "amount"], name="sales_contracttotal_offer"
            ),
        ),
    ]
