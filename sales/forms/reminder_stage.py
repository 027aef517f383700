"""Forms of the stages of reminders and of the rates of penalties."""

from django import forms
from django.utils.translation import gettext_lazy as _

from digiweb.forms import AmountField, RecordForm
from sales.forms.contract import DAY
from sales.models import PenaltyRate, ReminderStage
from sales.models.reminder_stage import PLACEHOLDERS

NAMES = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


class ReminderStageForm(RecordForm):
    """When a reminder leaves, in which words."""

    layout = (
        (
            _("When"),
            ["name", "agency", "days", "is_formal", "attaches_invoice", "tells_penalties", "is_active"],
        ),
        (_("In French"), ["subject_fr", "body_fr"]),
        (_("In English"), ["subject_en", "body_en"]),
    )

    class Meta:
        model = ReminderStage
        fields = [
            "name", "agency", "days", "is_formal", "attaches_invoice", "tells_penalties", "is_active",
            "subject_fr", "body_fr", "subject_en", "body_en",
        ]  # fmt: skip
        widgets = {
            "body_fr": forms.Textarea(attrs={"rows": 10}),
            "body_en": forms.Textarea(attrs={"rows": 10}),
        }
        help_texts = {
            "agency": _("Empty: for all agencies that have no stages of their own."),
            "days": _("−3: three days before the due date; 8: eight days after it."),
            "is_formal": _("A letter as PDF is attached, with the penalties to the day and the 40 €."),
            "tells_penalties": _("To firms only: the law gives them to professionals alone."),
            "body_fr": _("Filled in: %(names)s.") % {"names": NAMES},
        }


class PenaltyRateForm(RecordForm):
    """A rate, from a day on."""

    percent = AmountField(label=_("Percent a year"), max_digits=5, max_value=50)
    layout = (("", ["kind", "valid_from", "percent", "source"]),)

    class Meta:
        model = PenaltyRate
        fields = ["kind", "valid_from", "percent", "source"]
        widgets = {"valid_from": DAY}
        help_texts = {
            "valid_from": _("Penalties of a half-year take the rate of its first day."),
        }
