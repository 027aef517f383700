"""Forms of mandates."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client
from digiweb.forms import LookupField, RecordForm
from sales.forms.contract import DAY
from sales.models import Agency, BankAccount, Mandate
from sales.services.agency import agencies_in_use


class MandateForm(RecordForm):
    """A mandate as it was signed. The account is chosen among those of clients in sight, masked."""

    client = LookupField(Client.objects.none(), label=gettext_lazy("Client"), lookup_url="crm:client_lookup")
    account = forms.ModelChoiceField(
        BankAccount.objects.none(),
        label=gettext_lazy("Bank account"),
        required=False,
        help_text=gettext_lazy("Left empty: the account of the client that is in use."),
    )

    layout = (
        ("", ["client", "agency", "account", "rum", "signed_on"]),
        (gettext_lazy("Terms"), ["scheme", "frequency", "notice_days"]),
    )

    class Meta:
        model = Mandate
        fields = ["client", "agency", "account", "rum", "signed_on", "scheme", "frequency", "notice_days"]
        widgets = {"signed_on": DAY, "rum": forms.TextInput(attrs={"autocomplete": "off"})}
        help_texts = {
            "rum": gettext_lazy("Left empty: the next one of this client."),
            "notice_days": gettext_lazy(
                "How long before the collection the debtor is told: 14 unless agreed."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rum" in self.fields:
            self.fields["rum"].required = False
        if "account" in self.fields:
            field: Any = self.fields["account"]
            known = self.instance.client_id or self.initial.get("client")
            shown = field.queryset.filter(client=known) if known else field.queryset.none()
            if not self.is_bound:
                field.queryset = shown
            field.label_from_instance = lambda account: f"{account.masked} · {account.client}"
        if not self.instance.pk and not self.is_bound:
            self.initial["signed_on"] = self.initial.get("signed_on") or timezone.localdate()
            self.initial["agency"] = self.initial.get("agency") or agencies_in_use().order_by("pk").first()

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "account":
            seen = BankAccount.objects.visible_to(self.user).filter(status=BankAccount.Status.ACTIVE)
            return seen.without_numbers().select_related("client__company", "client__contact")
        if name == "agency":
            return Agency.objects.visible_to(self.user).filter(is_active=True).order_by("sort_name", "id")
        return super().choices_of(name, model)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        client = values.get("client") or (self.instance.client_id and self.instance.client)
        if "account" in self.fields and client and "account" not in self.errors:
            accounts = BankAccount.objects.visible_to(self.user).filter(
                client=client, status=BankAccount.Status.ACTIVE
            )
            values["account"] = values.get("account") or accounts.without_numbers().first()
            if values["account"] is None:
                self.add_error("account", ValidationError(_("The client has no bank account in use.")))
            elif values["account"].client_id != client.pk:
                self.add_error("account", ValidationError(_("This account belongs to somebody else.")))
        return values


class RevokeForm(RecordForm):
    """Why a mandate is revoked."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    class Meta:
        model = Mandate
        fields: list[str] = []
