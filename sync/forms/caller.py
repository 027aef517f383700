"""Forms of unknown calls."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Contact
from digiweb.forms import LookupField, style_fields


class AttachForm(forms.Form):
    """Whose number it is."""

    contact = LookupField(
        Contact.objects.none(),
        lookup_url="crm:contact_lookup",
        label=_("Contact"),
        help_text=_("A few letters of the name, the town or the phone number."),
    )
    keep = forms.BooleanField(
        label=_("Keep the number on the contact, where a place is free"), required=False, initial=True
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.visible_to(user)  # type: ignore[attr-defined]
        style_fields(self)
