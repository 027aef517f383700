"""Recurring invoices in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.billing_plan import BillingPlanFilterSet
from sales.forms.billing_plan import BillingPlanForm
from sales.models import BillingPlan
from sales.services.billing_plan import change_plan, create_plan, delete_plans
from sales.views.billing_plan import BillingPlanListView


class BillingPlanSerializer(RecordSerializer):
    """How a subscription or a contract is invoiced, and what comes next."""

    client_name = LabelField(source="client")
    agency_name = LabelField(source="agency")

    class Meta:
        model = BillingPlan
        form = BillingPlanForm
        fields = [
            "id", "version", "subscription", "contract", "client", "client_name", "agency", "agency_name",
            "period", "timing", "day", "starts_on", "billed_until", "payment_method", "vat_rate",
            "order_reference", "status", "next_on", "next_from", "next_until", "next_net", "fault",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["client", "status", "next_on", "next_from", "next_until", "next_net", "fault"]
        example = {
            "subscription": 77,
            "contract": None,
            "agency": 1,
            "period": "month",
            "timing": "advance",
            "day": 1,
            "starts_on": "2026-11-16",
            "billed_until": None,
            "payment_method": "debit",
            "vat_rate": None,
            "order_reference": "",
        }
        example_read = {
            "id": 12, "version": 1, "client": 42, "client_name": "Boulangerie Martin",
            "agency_name": "Digiflow Agency", "status": "active", "next_on": "2026-11-16",
            "next_from": "2026-11-16", "next_until": "2026-11-30", "next_net": "24.50", "fault": "",
            "created_at": "2026-11-16T08:30:00Z", "updated_at": "2026-11-16T08:30:00Z",
        }  # fmt: skip


class BillingPlanViewSet(RecordViewSet):
    """Recurring invoices within one's sight."""

    module = "sales.billingplan"
    model = BillingPlan
    serializer_class = BillingPlanSerializer
    filterset_class = BillingPlanFilterSet
    sorts = BillingPlanListView.sorts
    labels = {
        "client": ("company", "contact"),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "agency": ("name", "trade_name"),
    }
    title = _("Recurring invoices")
    about = _(
        "How subscriptions, and what contracts ask by the month or the year, become invoices: one plan each. "
        "billed_until is the last day that was invoiced; the next period begins the day after. A period that "
        "is begun or ended in the middle is counted by days."
    )

    def create_record(self, form: Any) -> BillingPlan:
        return create_plan(user=self.request.user, plan=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_plan(user=self.request.user, plan=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_plans(user=self.request.user, pks=[record.pk])
