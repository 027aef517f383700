"""Forms of leases: may it be, the next step, the lessor's rules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Company
from digiweb.forms import AmountField, LookupField, RecordForm
from sales.models import LeaseTerms, Quote

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LeaseForm(RecordForm):
    """What decides whether a lease may be."""

    duration = forms.IntegerField(
        label=gettext_lazy("Duration (months)"),
        min_value=1,
        max_value=120,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    founded_on = forms.DateField(label=gettext_lazy("Company founded on"), required=False, widget=DAY)

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lease = getattr(self.instance, "lease", None)
        self.initial.setdefault("duration", lease.duration if lease else 48)
        self.initial.setdefault("founded_on", lease.founded_on if lease else None)

    def clean_founded_on(self) -> Any:
        return not_to_come(self.cleaned_data["founded_on"])


class LeaseStepForm(RecordForm):
    """The next step of a lease."""

    to = forms.ChoiceField(label=gettext_lazy("Next step"))
    on = forms.DateField(label=gettext_lazy("Date"), widget=DAY)
    reference = forms.CharField(
        label=gettext_lazy("File number at the lessor"), required=False, max_length=60
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lease = getattr(self.instance, "lease", None)
        self.fields["to"].choices = lease.next_steps if lease else []  # type: ignore[attr-defined]
        self.initial.setdefault("on", timezone.localdate())
        self.initial.setdefault("reference", lease.reference if lease else "")

    def clean_on(self) -> Any:
        return not_to_come(self.cleaned_data["on"])


class LeaseTermsForm(RecordForm):
    """The lessor's rules."""

    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Lessor’s company"),
        required=False,
        lookup_url="crm:company_lookup",
        help_text=gettext_lazy("Whom we invoice; the client is the place of delivery."),
    )
    least_amount = AmountField(label=gettext_lazy("Financed from (€ before tax)"))
    most_amount = AmountField(label=gettext_lazy("Financed up to (€ before tax)"))
    layout = (
        (gettext_lazy("Lessor"), ["lessor", "company"]),
        (gettext_lazy("Client"), ["asks_siren", "least_age"]),
        (
            gettext_lazy("Amount and duration"),
            ["least_amount", "most_amount", "least_duration", "most_duration"],
        ),
        (gettext_lazy("Follow-up"), ["reminder_days"]),
    )

    class Meta:
        model = LeaseTerms
        fields = [
            "lessor",
            "company",
            "asks_siren",
            "least_age",
            "least_amount",
            "most_amount",
            "least_duration",
            "most_duration",
            "reminder_days",
        ]


def not_to_come(day: Any) -> Any:
    """Raises ValidationError for a day to come."""
    if day and day > timezone.localdate():
        raise ValidationError(_("This day has not come yet."))
    return day
