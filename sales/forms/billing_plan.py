"""Forms of recurring invoices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import AmountField, RecordForm
from sales.forms.contract import DAY
from sales.models import Agency, BillingPlan, Contract, Subscription
from sales.services.agency import agencies_in_use


class BillingPlanForm(RecordForm):
    """How a subscription or a contract is invoiced. Of which one is said by the page that it comes from."""

    subscription = forms.ModelChoiceField(
        Subscription.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        label=gettext_lazy("Subscription"),
    )
    contract = forms.ModelChoiceField(
        Contract.objects.none(), required=False, widget=forms.HiddenInput, label=gettext_lazy("Contract")
    )
    vat_rate = AmountField(
        label=gettext_lazy("VAT rate (%)"),
        max_digits=4,
        required=False,
        help_text=gettext_lazy(
            "Of a subscription; left empty, its offer’s. Lines of contracts have their own."
        ),
    )

    layout = (
        (gettext_lazy("Period"), ["period", "timing", "day", "starts_on", "billed_until"]),
        (gettext_lazy("Invoice"), ["agency", "payment_method", "vat_rate", "order_reference"]),
    )

    class Meta:
        model = BillingPlan
        fields = [
            "subscription", "contract", "period", "timing", "day", "starts_on", "billed_until", "agency",
            "payment_method", "vat_rate", "order_reference",
        ]  # fmt: skip
        widgets = {"starts_on": DAY, "billed_until": DAY}
        help_texts = {
            "day": gettext_lazy("Of the month, 1 to 31; the last day of a shorter month."),
            "starts_on": gettext_lazy("A month begun in the middle is counted by days."),
            "billed_until": gettext_lazy(
                "The next period begins the day after; empty: nothing is invoiced yet."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("subscription", "contract"):
                self.fields.pop(name, None)
        if "agency" in self.fields and not self.instance.pk and not self.is_bound:
            self.initial["agency"] = self.initial.get("agency") or agencies_in_use().order_by("pk").first()

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "agency":
            return Agency.objects.visible_to(self.user).filter(is_active=True).order_by("sort_name", "id")
        if name in ("subscription", "contract"):
            return model.objects.visible_to(self.user)
        return super().choices_of(name, model)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        # Whoever sees neither reads it above: these two fields are hidden.
        if "subscription" in self.fields and not {"subscription", "contract"} & self.errors.keys():
            given = [name for name in ("subscription", "contract") if values.get(name)]
            if len(given) != 1:
                raise ValidationError(_("Say what is invoiced: a subscription or a contract."))
        elif "subscription" in self.fields:
            raise ValidationError(_("There is no such subscription or contract."))
        return values


class BillForm(forms.Form):
    """Up to which day it is prepared."""

    until = forms.DateField(
        label=gettext_lazy("Invoices of all periods until"),
        widget=DAY,
        help_text=gettext_lazy("Two months ahead at the most."),
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["until"] = timezone.localdate()


class PriceForm(RecordForm):
    """A price of a subscription from a day on."""

    starts_on = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    price = AmountField(label=gettext_lazy("Amount a month before tax (€)"))

    class Meta:
        model = Subscription
        fields: list[str] = []

    def clean_starts_on(self) -> Any:
        day = self.cleaned_data["starts_on"]
        if self.instance.prices.filter(starts_on=day).exists():
            raise ValidationError(_("There is a price from that day already."))
        return day
