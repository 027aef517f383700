"""Forms of offers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import NOTHING_CHOSEN, AmountField, RecordForm
from sales.models import Offer

NOTHING = Decimal("0.00")  # as it is stored
MOST_FEATURES, FEATURE_LENGTH = 20, 160


class FeaturesField(forms.Field):
    """Short texts, one a line; over the API, a list of them."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 6}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        lines = value.splitlines() if isinstance(value, str) else value or []
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise ValidationError(_("Give a list of texts."), code="invalid")
        features = [line for line in (" ".join(line.split()) for line in lines) if line]
        if len(features) > MOST_FEATURES:
            raise ValidationError(_("At most %(most)s features.") % {"most": MOST_FEATURES})
        if any(len(line) > FEATURE_LENGTH for line in features):
            raise ValidationError(_("A feature has at most %(most)s characters.") % {"most": FEATURE_LENGTH})
        return features

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def readable(self, value: Any) -> str:
        return ", ".join(value) if isinstance(value, list) and value else str(value or NOTHING_CHOSEN)


class OfferForm(RecordForm):
    """An offer of the catalogue."""

    price = AmountField(label=gettext_lazy("Price before tax (€)"), required=False)
    monthly_price = AmountField(label=gettext_lazy("Monthly price before tax (€)"), required=False)
    vat_rate = AmountField(
        label=gettext_lazy("VAT rate (%)"), max_digits=4, max_value=Decimal(99), required=False
    )
    features = FeaturesField(
        label=gettext_lazy("Features"), required=False, help_text=gettext_lazy("One a line.")
    )

    layout = (
        (gettext_lazy("Offer"), ["name", "category", "description", "features"]),
        (gettext_lazy("Price"), ["price", "monthly_price", "vat_rate"]),
        (gettext_lazy("Catalogue"), ["is_popular", "is_active"]),
    )

    class Meta:
        model = Offer
        fields = [
            "name",
            "category",
            "description",
            "features",
            "price",
            "monthly_price",
            "vat_rate",
            "is_popular",
            "is_active",
        ]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }

    def clean_price(self) -> Any:
        return self.cleaned_data.get("price") or NOTHING

    def clean_monthly_price(self) -> Any:
        return self.cleaned_data.get("monthly_price") or NOTHING

    def clean_vat_rate(self) -> Any:
        rate = self.cleaned_data.get("vat_rate")
        return Decimal(20) if rate is None else rate
