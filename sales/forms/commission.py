"""Forms of commissions: rates, rules, adjustments, paying out."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from digiweb.forms import AmountField, RecordForm
from people.models import User
from sales.models import CommissionRate, CommissionStatement, CommissionTerms, Offer

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CommissionRateForm(RecordForm):
    """A rate: on what, for whom, how much, from when."""

    value = AmountField(label=gettext_lazy("Rate (% or €)"), max_digits=9)

    layout = (
        (gettext_lazy("For what and for whom"), ["offer", "person", "part"]),
        (pgettext_lazy("commission", "Rate"), ["basis", "value"]),
        (gettext_lazy("In force"), ["starts_on", "ends_on"]),
    )

    class Meta:
        model = CommissionRate
        fields = ["offer", "person", "part", "basis", "value", "starts_on", "ends_on"]
        widgets = {"starts_on": DAY, "ends_on": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("offer", gettext_lazy("Every offer")),
            ("person", gettext_lazy("Everybody")),
        ):
            if name in self.fields:
                self.fields[name].empty_label = label  # type: ignore[attr-defined]

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "person":
            return User.objects.within_reach(self.user, CommissionRate.module, "view")
        if name == "offer":
            return Offer.objects.visible_to(self.user).order_by("sort_name", "pk")
        return super().choices_of(name, model)


class CommissionTermsForm(RecordForm):
    """What holds for all commissions."""

    class Meta:
        model = CommissionTerms
        fields = ["counts_from", "takeback_days", "pairing_days"]
        widgets = {"counts_from": DAY}


class AdjustmentForm(RecordForm):
    """An amount by hand, and why."""

    amount = AmountField(
        label=gettext_lazy("Amount (€)"),
        min_value=Decimal(-1_000_000),
        help_text=gettext_lazy("Below nought to take something away: −120,00."),
    )
    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = CommissionStatement
        fields: list[str] = []


class CloseStatementForm(RecordForm):
    """Nothing to fill in: the total that was looked at."""

    total = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.HiddenInput)

    class Meta:
        model = CommissionStatement
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("total", self.instance.total)


class PayStatementForm(RecordForm):
    """When it was paid out."""

    paid_on = forms.DateField(label=pgettext_lazy("statement", "Paid on"), widget=DAY)

    class Meta:
        model = CommissionStatement
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("paid_on", timezone.localdate())
