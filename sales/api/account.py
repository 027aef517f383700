"""The chart of accounts in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.account import AccountFilterSet
from sales.forms.account import AccountForm
from sales.models import Account
from sales.services.chart import change_account, create_account, delete_accounts
from sales.views.account import AccountListView


class BookAccountSerializer(RecordSerializer):
    """An account to which entries are written."""

    agency_name = LabelField(source="agency")

    class Meta:
        model = Account
        form = AccountForm
        fields = [
            "id", "version", "agency", "agency_name", "number", "label", "role", "vat_rate", "category",
            "created_at", "updated_at",
        ]  # fmt: skip
        example = {
            "agency": 1,
            "number": "445714",
            "label": "TVA collectée 2,1 %",
            "role": "vat",
            "vat_rate": "2.10",
            "category": "",
        }
        example_read = {
            "id": 17, "version": 1, "agency_name": "Digiflow Agency",
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-01-05T08:30:00Z",
        }  # fmt: skip


class AccountViewSet(RecordViewSet):
    """Accounts: everybody's who may see the chart."""

    module = "sales.account"
    model = Account
    serializer_class = BookAccountSerializer
    filterset_class = AccountFilterSet
    sorts = AccountListView.sorts
    title = _("Chart of accounts")
    about = _(
        "The accounts to which an agency's entries are written. Of a role with several, the one of the VAT "
        "rate and of the category of the offer is taken; entries of closed periods keep theirs."
    )

    def create_record(self, form: Any) -> Account:
        return create_account(user=self.request.user, account=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_account(user=self.request.user, account=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_accounts(user=self.request.user, pks=[record.pk])
