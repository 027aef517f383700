"""The form of a salesperson's profile."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from digiweb.forms import AmountField, RecordForm
from people.models import Salesperson


class RateField(AmountField):
    """« 7,5 » percent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, max_value=100, required=False, **kwargs)


class SalespersonForm(RecordForm):
    """Commission rates, and the number in the colleague's system."""

    commission_rate = RateField(label=_("Commission on a signature (%)"))
    recurring_rate = RateField(label=_("Commission on subscriptions (%)"))

    class Meta:
        model = Salesperson
        fields = ["commission_rate", "recurring_rate", "source_id"]
        help_texts = {"source_id": _("By it the import knows who sold what, also when the address changes.")}
        widgets = {"source_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}
