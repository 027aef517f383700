"""Forms of direct debits."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.forms import RecordForm
from sales.forms.contract import DAY
from sales.models import DebitBatch
from sales.services.debit_answers import MOST_BYTES, TOO_LARGE
from sales.services.debit_reasons import reason_choices


class CollectForm(RecordForm):
    """The day on which the bank paid."""

    on = forms.DateField(label=_("Collected on"), widget=DAY)

    class Meta:
        model = DebitBatch
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["on"] = self.instance.collect_on


class ReturnForm(forms.Form):
    """When and why the bank gave one back."""

    on = forms.DateField(label=_("Returned on"), widget=DAY)
    reason = forms.ChoiceField(label=_("Reason"), choices=reason_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["on"] = timezone.localdate()


class AnswersForm(forms.Form):
    """A file of the bank."""

    file = forms.FileField(
        label=_("File of the bank"),
        help_text=_("pain.002 or camt.054, as the bank gives it (XML)."),
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )

    def clean_file(self) -> Any:
        """Looked at before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


class BatchForm(forms.Form):
    """Which invoices of a group are collected, and when."""

    agency = forms.IntegerField(widget=forms.HiddenInput)
    scheme = forms.CharField(widget=forms.HiddenInput, max_length=4)
    collect_on = forms.DateField(label=_("Collection day"), widget=DAY)
    invoice = forms.TypedMultipleChoiceField(coerce=int, required=True)

    def __init__(self, *args: Any, choices: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].choices = [(pk, pk) for pk in choices]  # type: ignore[attr-defined]
