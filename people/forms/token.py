"""The form of a new API token."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TokenForm(forms.Form):
    """Its name, how long it works, whether it may write."""

    LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")), (0, _("Without an end")))

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("What it is for: “Accounting script”.")
    )
    days = forms.TypedChoiceField(label=_("Works for"), choices=LIFETIMES, coerce=int, initial=90)
    read_only = forms.BooleanField(label=_("Read only"), required=False)

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
