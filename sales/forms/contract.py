"""Forms of contracts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client
from digiweb.forms import AmountField, LookupField, RecordForm
from people.models import User
from sales.forms.lines import LinesField
from sales.models import Contract, Offer, Subscription
from sales.services.contract_lines import as_values

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ContractForm(RecordForm):
    """A contract with its lines."""

    client = LookupField(Client.objects.none(), label=gettext_lazy("Client"), lookup_url="crm:client_lookup")
    amount = AmountField(
        label=gettext_lazy("Amount before tax (€)"),
        required=False,
        help_text=gettext_lazy("Added up from the lines where there are some."),
    )
    lines = LinesField(label=gettext_lazy("Lines"), required=False)

    layout = (
        (gettext_lazy("Contract"), ["reference", "client", "offer", "subscription", "kind", "description"]),
        (gettext_lazy("Amount"), ["lines", "amount"]),
        (
            gettext_lazy("Course"),
            ["status", "signed_on", "validated_on", "starts_on", "ends_on", "termination_reason"],
        ),
        (gettext_lazy("Payment"), ["payment_method", "withdrawal_day"]),
        (gettext_lazy("Follow-up"), ["owner", "supplier", "document_path", "audit_trail_path"]),
    )

    class Meta:
        model = Contract
        fields = [
            "reference",
            "client",
            "offer",
            "subscription",
            "kind",
            "description",
            "amount",
            "status",
            "signed_on",
            "validated_on",
            "starts_on",
            "ends_on",
            "termination_reason",
            "payment_method",
            "withdrawal_day",
            "owner",
            "supplier",
            "document_path",
            "audit_trail_path",
        ]
        widgets = {
            "reference": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 3}),
            "signed_on": DAY,
            "validated_on": DAY,
            "starts_on": DAY,
            "ends_on": DAY,
            "withdrawal_day": forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": 31}),
        }
        help_texts = {
            "withdrawal_day": gettext_lazy("Of the month, from 1 to 31."),
            "termination_reason": gettext_lazy("Asked for where the contract is terminated."),
            "document_path": gettext_lazy("A path or a link, as the other system knows it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].required = False
        if "subscription" in self.fields:
            self._narrow_subscriptions()
        if "status" in self.fields and self.instance.status != Contract.Status.UNKNOWN:
            status: Any = self.fields["status"]
            status.choices = [one for one in status.choices if one[0] != Contract.Status.UNKNOWN]
        if not self.instance.pk:
            self.fields["reference"].help_text = _("Left empty: the next one of the year.")
            self.fields["owner"].help_text = _("Left empty: the client’s.")
        if "amount" in self.fields and not self.instance.pk and not self.initial.get("amount"):
            self.initial["amount"] = None  # an empty box, not a nought to overwrite
        if "lines" in self.fields and self.instance.pk and "lines" not in self.initial:
            self.initial["lines"] = as_values(self.instance.lines.order_by("position", "id"))

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "sales.contract", action)
        if name == "offer":
            return Offer.objects.visible_to(self.user).filter(is_active=True).order_by("sort_name", "id")
        return super().choices_of(name, model)

    def _narrow_subscriptions(self) -> None:
        """Those of the client in question; none before there is one."""
        asked = self.data.get("client") if self.is_bound else self.initial.get("client")
        client = asked or self.instance.client_id
        number = str(getattr(client, "pk", client) or "").strip()
        offered = Subscription.objects.visible_to(self.user).order_by("-id")
        of_client = (
            offered.filter(client=int(number)) if number.isascii() and number.isdigit() else offered.none()
        )
        if self.instance.pk and number == str(self.instance.client_id):
            of_client = self.with_chosen("subscription", of_client)
        field: Any = self.fields["subscription"]
        field.queryset = of_client
        # A form that did not offer any is sent without it: that takes none away.
        if "subscription" not in self.data if self.is_bound else not of_client.exists():
            del self.fields["subscription"]

    def clean_reference(self) -> str:
        reference = " ".join(str(self.cleaned_data.get("reference") or "").split())
        if not reference and self.instance.pk:
            raise ValidationError(_("A contract keeps a reference."))
        return reference

    def clean_amount(self) -> Any:
        amount = self.cleaned_data.get("amount")
        return 0 if amount is None else amount

    def clean_signed_on(self) -> Any:
        return self._not_to_come("signed_on")

    def clean_validated_on(self) -> Any:
        return self._not_to_come("validated_on")

    def _not_to_come(self, name: str) -> Any:
        day = self.cleaned_data.get(name)
        if day and day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "termination_reason" in self.fields and "status" in cleaned:
            terminated = cleaned["status"] == Contract.Status.TERMINATED
            if terminated and not str(cleaned.get("termination_reason") or "").strip():
                self.add_error("termination_reason", _("Say why the contract is terminated."))
        return cleaned

    def validate_unique(self) -> None:
        """An empty reference is given by the service."""
        if self.instance.reference:
            super().validate_unique()

    def values(self, *without: str) -> dict[str, Any]:
        return super().values("lines", *without)


class TerminateForm(RecordForm):
    """Why and when a contract ends before its time."""

    class Meta:
        model = Contract
        fields = ["termination_reason", "ends_on"]
        widgets = {"ends_on": DAY}
        labels = {"ends_on": gettext_lazy("Last day")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["termination_reason"].required = True
        self.fields["ends_on"].required = True
        if not self.is_bound:
            self.initial["ends_on"] = timezone.localdate()


class ContractAssignForm(forms.Form):
    """To whom many contracts go."""

    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Salesperson"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.within_reach(user, "sales.contract", "change")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
