"""Forms around an issued invoice: crediting, cancelling, sending."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import AmountField, RecordForm
from digiweb.templatetags.digiweb import money
from sales.forms.quote_send import AddressesField
from sales.models import Invoice, Quote
from sales.services.invoice_credit_left import left_by_line
from sales.services.invoice_progress import progress_of, sums_of_quote_once
from sales.services.invoice_sending import proposed_message


def amount_box() -> forms.TextInput:
    """A box of a field that is made for each line: classes come with the form, before it."""
    return forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"})


class CreditForm(RecordForm):
    """How much of which line is credited, before tax, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stands on the credit note."),
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = left_by_line(self.instance)
        for line in self.instance.lines.order_by("position", "id"):
            most = self.left.get(line.pk)
            if not most:
                continue
            self.fields[f"line_{line.pk}"] = AmountField(
                label=line.label,
                widget=amount_box(),
                required=False,
                max_value=abs(most),
                initial=abs(most),
                help_text=(
                    _("Given back of what was taken off: %(most)s at most.")
                    if most < 0
                    else _("%(most)s at most, before tax.")
                )
                % {"most": money(abs(most))},
            )

    def amounts(self) -> dict[int, Decimal] | None:
        """{line: amount}; None where all that is left is asked for."""
        asked = {}
        for line, most in self.left.items():
            if most:
                value = self.cleaned_data.get(f"line_{line}") or Decimal(0)
                asked[line] = value if most > 0 else -value
        return None if asked == {line: most for line, most in self.left.items() if most} else asked

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(value for name, value in cleaned.items() if name.startswith("line_")):
            raise ValidationError(_("Say how much of which line is credited."))
        return cleaned


class CancelForm(RecordForm):
    """Why an invoice is undone as a whole."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands on the credit note."),
    )

    class Meta:
        model = Invoice
        fields: list[str] = []


class InvoiceSendForm(RecordForm):
    """The message with which an invoice goes: a template, which people change."""

    to = AddressesField(
        label=gettext_lazy("Recipients"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        help_text=gettext_lazy("Several addresses: with a comma between them."),
        max_length=1000,
    )
    mail_subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("The PDF is attached, and a link to it stands below."),
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            proposed = proposed_message(self.instance)
            self.initial = {
                **self.initial,
                "to": proposed["to"],
                "mail_subject": proposed["subject"],
                "body": proposed["body"],
            }


class InterimForm(RecordForm):
    """How much of each line of a quote is done by now, in percent."""

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        done = progress_of(self.instance)
        lines, _sums = sums_of_quote_once(self.instance)
        for line in lines:
            was = done.get(line["pk"], Decimal(0))
            self.fields[f"line_{line['pk']}"] = AmountField(
                label=line["label"],
                widget=amount_box(),
                required=False,
                min_value=was,
                max_value=100,
                max_digits=5,
                initial=was,
                help_text=_("Percent done by now; %(was)s %% were invoiced before.")
                % {"was": f"{was.normalize():f}"},
            )

    def progress(self) -> dict[int, Decimal]:
        """{line of the quote: percent}."""
        return {
            int(name.removeprefix("line_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("line_") and value is not None
        }


class DepositForm(RecordForm):
    """How much of a quote is asked for beforehand."""

    percent = AmountField(label=gettext_lazy("Deposit (%)"), max_digits=5, max_value=100)

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = self.instance.deposit_percent or self.instance.agency.deposit_percent
        self.fields["percent"].initial = usual
