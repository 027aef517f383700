"""The form that settles a conflict."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Contact
from digiweb.forms import style_fields

NEW = "new"


class SettleForm(forms.Form):
    """One of the contacts that answer to the prospect, or a new one."""

    choice = forms.ChoiceField(label=_("This prospect is"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, contacts: Sequence[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(each.pk): each for each in contacts}
        field: Any = self.fields["choice"]
        field.choices = [
            *((pk, told(contact)) for pk, contact in self.contacts.items()),
            (NEW, _("Somebody new: create a contact")),
        ]
        style_fields(self)

    @property
    def contact(self) -> Contact | None:
        return self.contacts.get(self.cleaned_data["choice"])


def told(contact: Contact) -> str:
    """What tells a contact from another: name, town, company, salesperson."""
    parts = [str(contact), contact.city, str(contact.company or ""), str(contact.owner or "")]
    return " · ".join(part for part in parts if part)
