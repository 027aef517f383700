"""Forms of agencies."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.countries import country_choices
from digiweb.forms import (
    AmountField,
    IdentifierField,
    PhoneField,
    RecordForm,
    siren_field,
    siret_field,
    vat_field,
)
from digiweb.identifiers import clean_bic, clean_iban, clean_ics
from digiweb.pictures import PictureField
from sales.models import Agency

TYPED = 60
# Left out, they are as the law or the house has it.
USUAL = ("penalty_rule", "recurring")


class AgencyForm(RecordForm):
    """An agency: what the law asks of the seller, how it is paid, how its documents look."""

    siren = siren_field()
    siret = siret_field()
    vat_number = vat_field()
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=country_choices, initial="FR")
    capital = AmountField(label=gettext_lazy("Share capital (€)"), required=False)
    deposit_percent = AmountField(label=gettext_lazy("Usual deposit (%)"), max_digits=5, required=False)
    iban = IdentifierField(
        clean_iban,
        label=gettext_lazy("IBAN"),
        required=False,
        max_length=TYPED,
        help_text=gettext_lazy("Printed on invoices that are paid by transfer."),
    )
    bic = forms.CharField(label=gettext_lazy("BIC"), required=False, max_length=TYPED)
    ics = IdentifierField(
        clean_ics,
        label=gettext_lazy("SEPA creditor identifier (ICS)"),
        required=False,
        max_length=TYPED,
        help_text=gettext_lazy("Given by the bank; asked for direct debits."),
    )
    logo = PictureField(
        label=gettext_lazy("Logo"), required=False, help_text=gettext_lazy("JPEG, PNG or WebP, at most 5 MB.")
    )

    layout = (
        (gettext_lazy("Agency"), ["name", "trade_name", "code", "is_active"]),
        (
            gettext_lazy("Law"),
            ["legal_form", "capital", "siren", "siret", "register", "naf_code", "vat_number", "vat_regime",
             "vat_on_debits"],
        ),
        (gettext_lazy("Address"), ["address", "postcode", "city", "country", "email", "phone", "website"]),
        (gettext_lazy("Bank"), ["bank_name", "iban", "bic", "ics"]),
        (gettext_lazy("Documents"), ["logo", "colour", "quote_days", "payment_days", "deposit_percent",
                                     "recurring", "penalty_rule", "fiscal_month"]),
    )  # fmt: skip

    class Meta:
        model = Agency
        fields = [
            "name", "trade_name", "code", "legal_form", "capital", "siren", "siret", "register", "naf_code",
            "vat_number", "vat_regime", "vat_on_debits", "address", "postcode", "city", "country", "email",
            "phone", "website", "bank_name", "iban", "bic", "ics", "logo", "colour", "quote_days",
            "payment_days", "deposit_percent", "recurring", "penalty_rule", "fiscal_month", "is_active",
        ]  # fmt: skip
        widgets = {
            "colour": forms.TextInput(attrs={"type": "color"}),
            "fiscal_month": forms.Select(choices=MONTHS.items()),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in USUAL:
            if name in self.fields:
                self.fields[name].required = False

    def clean_penalty_rule(self) -> str:
        return str(self.cleaned_data.get("penalty_rule") or Agency.PenaltyRule.ECB)

    def clean_recurring(self) -> str:
        return str(self.cleaned_data.get("recurring") or Agency.Recurring.DRAFT)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean_capital(self) -> Any:
        return self.cleaned_data.get("capital") or None

    def clean_deposit_percent(self) -> Any:
        return self.cleaned_data.get("deposit_percent") or 0

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("bic"):
            try:
                values["bic"] = clean_bic(values["bic"], values.get("iban") or "")
            except ValidationError as error:
                self.add_error("bic", error)
        siren, siret = values.get("siren"), values.get("siret")
        if siren and siret and not siret.startswith(siren):
            self.add_error("siret", _("The SIRET begins with the SIREN: these two are not of one firm."))
        return values
