"""Forms around reminders: pausing them, marking an invoice as disputed."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.forms import RecordForm
from sales.forms.contract import DAY
from sales.models import Invoice, ReminderPlan

USUAL = timedelta(days=14)


class UntilForm(RecordForm):
    """Until when nothing leaves, and why."""

    until = forms.DateField(label=_("Paused until"), widget=DAY, help_text=_("This day included."))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("until", timezone.localdate() + USUAL)


class PauseForm(UntilForm):
    """A pause of one invoice."""

    class Meta:
        model = ReminderPlan
        fields: list[str] = []


class ClientPauseForm(UntilForm):
    """A pause of all invoices of a client."""

    class Meta:
        model = Client
        fields: list[str] = []


class DisputeForm(RecordForm):
    """Why the client contests an invoice."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Reminders stop until the dispute is closed."),
    )

    class Meta:
        model = Invoice
        fields: list[str] = []
