"""Forms of companies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.contact import AssignForm, propose_owner
from crm.forms.custom_value import CustomRecordForm
from crm.models import Company
from digiweb.countries import country_choices
from digiweb.forms import PhoneField, siren_field, siret_field, vat_field
from people.models import User


class CompanyForm(CustomRecordForm):
    """A company, whole."""

    siren = siren_field()
    siret = siret_field()
    vat_number = vat_field()
    phone = PhoneField(label=_("Phone"), required=False)

    layout = (
        (_("Company"), ["name", "status", "industry", "owner", "tags"]),
        (_("Legal data"), ["siren", "siret", "vat_number", "naf_code", "legal_form", "legal_manager"]),
        (_("Size"), ["headcount", "turnover"]),
        (_("How to reach it"), ["email", "phone", "website"]),
        (_("Address"), ["address", "postcode", "city", "country"]),
    )

    class Meta:
        model = Company
        fields = [
            "name",
            "status",
            "industry",
            "owner",
            "tags",
            "siren",
            "siret",
            "vat_number",
            "naf_code",
            "legal_form",
            "legal_manager",
            "headcount",
            "turnover",
            "email",
            "phone",
            "website",
            "address",
            "postcode",
            "city",
            "country",
        ]
        widgets = {
            "email": forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "off"}),
            "postcode": forms.TextInput(attrs={"inputmode": "numeric"}),
            "headcount": forms.NumberInput(attrs={"inputmode": "numeric", "min": 0}),
            "turnover": forms.TextInput(attrs={"inputmode": "decimal"}),
            "tags": forms.CheckboxSelectMultiple,
        }
        localized_fields = ["turnover"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"] = forms.ChoiceField(
                label=_("Country"), choices=country_choices(), initial="FR"
            )
            self.fields["country"].widget.attrs["class"] = "form-select"
        propose_owner(self)

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "crm.company", action)
        return super().choices_of(name, model)


class CompanyAssignForm(AssignForm):
    """To whom many companies go."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, module="crm.company", **kwargs)


class CompanyStatusForm(forms.Form):
    """Which status many companies get."""

    status = forms.ChoiceField(label=_("Status"), choices=Company.Status.choices)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
