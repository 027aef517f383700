"""Forms of subscriptions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client
from digiweb.forms import AmountField, LookupField, RecordForm
from sales.forms.contract import DAY
from sales.models import Offer, Subscription


class SubscriptionForm(RecordForm):
    """What a client pays for by the month."""

    client = LookupField(Client.objects.none(), label=gettext_lazy("Client"), lookup_url="crm:client_lookup")
    monthly_amount = AmountField(
        label=gettext_lazy("Amount a month before tax (€)"),
        required=False,
        help_text=gettext_lazy("Left empty: the offer’s monthly price."),
    )

    layout = (
        (gettext_lazy("Subscription"), ["client", "offer", "label", "monthly_amount"]),
        (gettext_lazy("Course"), ["status", "started_on", "ended_on"]),
    )

    class Meta:
        model = Subscription
        fields = ["client", "offer", "label", "monthly_amount", "status", "started_on", "ended_on"]
        widgets = {
            "label": forms.TextInput(attrs={"autocomplete": "off"}),
            "started_on": DAY,
            "ended_on": DAY,
        }
        help_texts = {
            "label": gettext_lazy("Left empty: the offer’s name."),
            "ended_on": gettext_lazy("The last day; it ends by itself the night after."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "label" in self.fields:
            self.fields["label"].required = False
        if "monthly_amount" in self.fields and not self.instance.pk:
            self.initial["monthly_amount"] = None
        if not self.instance.pk and not self.is_bound:
            self.initial.setdefault("started_on", timezone.localdate())
            self.initial["started_on"] = self.initial["started_on"] or timezone.localdate()

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "offer":
            return Offer.objects.visible_to(self.user).filter(is_active=True).order_by("sort_name", "id")
        return super().choices_of(name, model)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        offer = cleaned.get("offer") if "offer" in self.fields else self.instance.offer
        if "label" in self.fields and "label" not in self.errors:
            cleaned["label"] = cleaned.get("label") or str(offer or "")
            if not cleaned["label"]:
                self.add_error("label", _("Say what the subscription is about, or choose an offer."))
        asked = "monthly_amount" in self.fields and "monthly_amount" not in self.errors
        if asked and cleaned.get("monthly_amount") is None:
            cleaned["monthly_amount"] = offer.monthly_price if offer else 0
        start, end = cleaned.get("started_on"), cleaned.get("ended_on")
        if start and end and end < start:
            self.add_error("ended_on", ValidationError(_("The end cannot lie before the start.")))
        return cleaned


class EndForm(RecordForm):
    """The last day of a subscription."""

    class Meta:
        model = Subscription
        fields = ["ended_on"]
        widgets = {"ended_on": DAY}
        labels = {"ended_on": gettext_lazy("Last day")}
        help_texts = {"ended_on": gettext_lazy("A day to come: it is due until then, and ends by itself.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].required = True
        if not self.is_bound:
            self.initial["ended_on"] = timezone.localdate()
