"""Forms of activities."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Activity, Company, Contact, Deal
from crm.tables.activity import reminder_text
from digiweb.fields import validate_day
from digiweb.forms import LookupField, RecordForm
from people.models import User

REMINDERS = (0, 5, 15, 30, 60, 120, 24 * 60, 2 * 24 * 60)


def reminder_choices() -> list[tuple[Any, str]]:
    choices = [(minutes, reminder_text(minutes)) for minutes in REMINDERS]
    return [("", _("No reminder")), *choices]


def next_round_hour() -> datetime:
    """A start to propose: the next full hour of office time."""
    moment = (timezone.localtime() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if moment.hour >= 18 or moment.hour < 8:
        moment = (moment + timedelta(hours=6)).replace(hour=9)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


def last_five_minutes() -> datetime:
    """When what is being noted down took place: just now."""
    now = timezone.localtime()
    return now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)


class MomentField(forms.DateTimeField):
    """A day and an hour in the browser's own picker; programs may send any ISO 8601 moment."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 300}, format="%Y-%m-%dT%H:%M")
        super().__init__(
            widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M"], **kwargs
        )

    def to_python(self, value: Any) -> Any:
        try:
            moment = super().to_python(value)
        except OverflowError:  # the first and the last day there is, told in another zone
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if moment is not None:
            validate_day(moment)
        return moment


class ActivityForm(RecordForm):
    """An activity, whole."""

    starts_at = MomentField(label=gettext_lazy("Date and time"))
    contact = LookupField(
        Contact.objects.none(),
        label=gettext_lazy("Contact"),
        required=False,
        lookup_url="crm:contact_lookup",
        create_url="crm:contact_new",
    )
    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Company"),
        required=False,
        lookup_url="crm:company_lookup",
        create_url="crm:company_new",
        help_text=gettext_lazy("Taken over from the contact or the deal when none is given."),
    )
    deal = LookupField(
        Deal.objects.none(), label=gettext_lazy("Deal"), required=False, lookup_url="crm:deal_lookup"
    )
    reminder = forms.TypedChoiceField(
        label=gettext_lazy("Reminder"), required=False, coerce=int, empty_value=None
    )

    layout = (
        (gettext_lazy("Activity"), ["kind", "subject", "starts_at", "duration", "priority", "place"]),
        (gettext_lazy("About"), ["contact", "company", "deal"]),
        (gettext_lazy("Follow-up"), ["status", "owner", "reminder", "recurrence", "repeat_until", "notes"]),
    )

    class Meta:
        model = Activity
        fields = [
            "kind",
            "subject",
            "starts_at",
            "duration",
            "priority",
            "place",
            "contact",
            "company",
            "deal",
            "status",
            "owner",
            "reminder",
            "recurrence",
            "repeat_until",
            "notes",
        ]
        widgets = {
            "subject": forms.TextInput(attrs={"autocomplete": "off"}),
            "duration": forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "step": 5}),
            "repeat_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = not self.instance.pk
        if "reminder" in self.fields:
            self.fields["reminder"].choices = reminder_choices()  # type: ignore[attr-defined]
        if "recurrence" in self.fields:
            self.fields["recurrence"].choices = [("", _("Never")), *Activity.Recurrence.choices]  # type: ignore[attr-defined]
        if "owner" in self.fields:
            self.fields["owner"].empty_label = None  # type: ignore[attr-defined]
            self.fields["owner"].required = not new
            if new and not self.initial.get("owner"):
                self.initial["owner"] = self.user.pk
        if new and "starts_at" in self.fields and not self.initial.get("starts_at"):
            logged = self.initial.get("status") == Activity.Status.DONE
            self.initial["starts_at"] = last_five_minutes() if logged else next_round_hour()
        if new and self.initial.get("kind") and "subject" in self.fields:
            self.fields["subject"].widget.attrs["autofocus"] = True

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "crm.activity", action)
        return super().choices_of(name, model)

    def clean_owner(self) -> Any:
        """Left out on creation: one's own."""
        return self.cleaned_data.get("owner") or self.user


class DoneForm(forms.Form):
    """What came of an activity, and what comes next: one look, one click."""

    notes = forms.CharField(
        label=gettext_lazy("What came of it"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    next_kind = forms.ChoiceField(
        label=gettext_lazy("What next?"),
        required=False,
        choices=[("", gettext_lazy("Nothing for now")), *Activity.Kind.choices],
    )
    next_subject = forms.CharField(label=gettext_lazy("Subject"), required=False, max_length=160)
    next_at = MomentField(label=gettext_lazy("Date and time"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("next_kind"):
            for name, text in (
                ("next_subject", _("Say what is to be done.")),
                ("next_at", _("Say when.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, text)
        return data

    def following(self) -> dict[str, Any] | None:
        """What comes next, if anything was chosen."""
        data = self.cleaned_data
        if not data.get("next_kind"):
            return None
        return {"kind": data["next_kind"], "subject": data["next_subject"], "starts_at": data["next_at"]}


class MomentForm(forms.Form):
    """To which day many activities move; each keeps its hour."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ActivityAssignForm(forms.Form):
    """To whom many activities go."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Assigned salesperson"), empty_label=None
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.within_reach(user, "crm.activity", "change")  # type: ignore[attr-defined]
