"""Forms of bank details: a new account, and what is said with a decision."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.forms import IdentifierField, LookupField, PhoneField, RecordForm
from digiweb.identifiers import clean_bic, clean_iban
from sales.models import BankAccount
from sales.services.bank_account_words import Proof

# People type blanks, and copy the word with the number.
TYPED = 60
NUMBER = {
    "autocomplete": "off",
    "autocapitalize": "characters",
    "spellcheck": "false",
    "class": "dw-number-input",
}


class BankAccountForm(RecordForm):
    """A new account of a client; one that exists is never changed."""

    client = LookupField(Client.objects.none(), label=_("Client"), lookup_url="crm:client_lookup")
    iban = IdentifierField(
        clean_iban,
        label=_("IBAN"),
        max_length=TYPED,
        widget=forms.TextInput(attrs={**NUMBER, "placeholder": "FR76"}),
    )
    bic = forms.CharField(
        label=_("BIC"),
        required=False,
        max_length=TYPED,
        widget=forms.TextInput(attrs=NUMBER),
        help_text=_("8 or 11 characters; it may be left out in the euro area."),
    )

    layout = (("", ["client", "holder", "iban", "bic"]),)

    class Meta:
        model = BankAccount
        fields = ["client", "holder", "iban", "bic"]
        widgets = {"holder": forms.TextInput(attrs={"autocomplete": "off"})}
        help_texts = {"holder": _("As the bank writes it.")}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("bic"):
            try:
                values["bic"] = clean_bic(values["bic"], values.get("iban") or "")
            except ValidationError as error:
                self.add_error("bic", error)
        return values


class ApproveForm(forms.Form):
    """How whoever approves made sure that the number is the client's."""

    proof = forms.ChoiceField(label=_("How was it checked?"), choices=Proof.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("With whom, when"),
        required=False,
        max_length=200,
        help_text=_("For example: Mrs Martin, on the switchboard's number, this morning."),
    )


class CallBackForm(forms.Form):
    """The same where the account takes the place of another: whom they called back, where and when."""

    called = forms.CharField(
        label=_("Whom did you call?"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The person who confirmed the new number."),
    )
    called_number = PhoneField(
        label=_("At which number?"),
        help_text=_("One that you knew before; never one from the letter or mail with the new details."),
    )
    called_at = forms.DateTimeField(
        label=_("When?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, data: Any = None) -> None:
        initial = {"called_at": timezone.localtime().replace(second=0, microsecond=0)}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        return {**(super().clean() or {}), "proof": str(Proof.CALL)}


class RefuseForm(forms.Form):
    """Why not; whoever asked reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
