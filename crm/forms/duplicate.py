"""The form that asks with which record one is to be merged."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from digiweb.forms import LookupField, style_fields
from digiweb.numbers import whole_number


class ChooseForm(forms.Form):
    """The other record, found while typing."""

    def __init__(self, *args: Any, user: Any, model: Any, one: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["two"] = LookupField(
            model.objects.visible_to(user).exclude(pk=whole_number(one) or 0),
            lookup_url=f"crm:{model._meta.model_name}_lookup",
            label=_("The other record"),
            leave_out=one,
            help_text=_("A few letters of the name, the town or the phone number."),
        )
        style_fields(self)
