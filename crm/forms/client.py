"""Forms of clients."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.contact import AssignForm, propose_owner
from crm.models import Client, Company, Contact
from digiweb.forms import LookupField, RecordForm
from people.models import User


class ClientForm(RecordForm):
    """A client, whole."""

    company = LookupField(
        Company.objects.none(),
        label=_("Company"),
        required=False,
        lookup_url="crm:company_lookup",
        create_url="crm:company_new",
    )
    contact = LookupField(
        Contact.objects.none(),
        label=_("Contact"),
        required=False,
        lookup_url="crm:contact_lookup",
        create_url="crm:contact_new",
        help_text=_("Who speaks for the company, or who buys for themself. Their company is taken over."),
    )

    layout = (
        (_("Client"), ["company", "contact", "status", "owner"]),
        (_("Follow-up"), ["signed_on", "renewal_on", "upsell"]),
    )

    class Meta:
        model = Client
        fields = ["company", "contact", "status", "owner", "signed_on", "renewal_on", "upsell"]
        widgets = {
            "signed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "renewal_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "upsell": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        propose_owner(self)

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "crm.client", action)
        return super().choices_of(name, model)


class ClientAssignForm(AssignForm):
    """To whom many clients go."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, module="crm.client", **kwargs)


class ClientStatusForm(forms.Form):
    """Which status many clients get."""

    status = forms.ChoiceField(label=_("Status"), choices=Client.Status.choices)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
