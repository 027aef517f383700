"""What the API takes of a payment: all of it at once, with its matches by the numbers of invoices."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.forms import AmountField, RecordForm
from digiweb.numbers import whole_number
from sales.forms.payment import CENT, propose
from sales.models import Payment
from sales.services.agency import agencies_in_use, default_agency

MOST = 500


class MatchesField(forms.Field):
    """A list of {"invoice": number, "amount": euros}; becomes {number: Decimal}."""

    def to_python(self, value: Any) -> dict[int, Decimal]:
        if value in (None, ""):
            return {}
        if not isinstance(value, list) or len(value) > MOST:
            raise ValidationError(_("Give a list of invoices with amounts."))
        found: dict[int, Decimal] = {}
        for row in value:
            number = whole_number(str(row.get("invoice", ""))) if isinstance(row, Mapping) else None
            if number is None or not isinstance(row.get("amount"), (str, int)):
                raise ValidationError(_("Give a list of invoices with amounts."))
            if number in found:
                raise ValidationError(_("An invoice stands there twice."))
            try:
                found[number] = Decimal(str(row["amount"]))
            except InvalidOperation:
                raise ValidationError(_("Give a list of invoices with amounts.")) from None
        return found


class PaymentApiForm(RecordForm):
    """A payment received, or paid back of credit notes or of an over-payment."""

    amount = AmountField(min_value=CENT)
    matches = MatchesField(required=False)
    refunds = forms.ModelChoiceField(Payment.objects.none(), required=False)

    class Meta:
        model = Payment
        fields = [
            "agency", "client", "kind", "received_on", "amount", "method", "payer", "reference", "note",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].required = False
        propose(self, received_on=timezone.localdate())
        propose(self, agency=getattr(default_agency(), "pk", None))

    def choices_of(self, name: str, model: Any) -> Any:
        return agencies_in_use() if name == "agency" else super().choices_of(name, model)

    def clean_agency(self) -> Any:
        agency = self.cleaned_data["agency"]
        if agency is None:
            raise ValidationError(_("There is no agency yet: an administrator makes one."))
        return agency
