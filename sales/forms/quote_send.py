"""Forms around a quote that leaves: the message, what the client said on paper, what they say on line."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import RecordForm
from sales.models import Quote, QuoteLine
from sales.services.quote_sending import MOST_RECIPIENTS, proposed_message


class AddressesField(forms.CharField):
    """Addresses between commas, semicolons, blanks or on lines of their own."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        found = [each for each in re.split(r"[\s,;]+", text or "") if each]
        for address in found:
            try:
                validate_email(address)
            except ValidationError:
                told = _("“%(address)s” is no e-mail address.") % {"address": address[:80]}
                raise ValidationError(told, code="invalid") from None
        if len(found) > MOST_RECIPIENTS:
            raise ValidationError(_("At most %(most)s addresses at once.") % {"most": MOST_RECIPIENTS})
        return list(dict.fromkeys(found))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class QuoteSendForm(RecordForm):
    """The message with which a quote goes: a template, which people change."""

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
        help_text=gettext_lazy("The link to the quote and the PDF are added below."),
    )

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            proposed = proposed_message(self.instance)
            self.initial.update(
                {
                    "to": proposed["to"],
                    "mail_subject": proposed["subject"],
                    "body": proposed["body"],
                }
            )


class OptionsField(forms.MultipleChoiceField):
    """Which optional lines are taken, by their numbers."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[int]:
        return [int(pk) for pk in super().clean(value)]


def options_of(quote: Quote) -> list[tuple[str, str]]:
    """The optional lines as choices."""
    lines = quote.lines.filter(is_optional=True, kind=QuoteLine.Kind.ITEM).order_by("position", "id")
    return [(str(line.pk), line.label) for line in lines]


class QuoteAcceptForm(RecordForm):
    """A signature on paper: who signed, when, which options."""

    name = forms.CharField(label=gettext_lazy("Accepted by"), max_length=160)
    on = forms.DateField(
        label=gettext_lazy("Signed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    chosen = OptionsField(label=gettext_lazy("Options taken"), required=False)

    class Meta:
        model = Quote
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = options_of(self.instance)
        if options:
            self.fields["chosen"].choices = options  # type: ignore[attr-defined]
        else:
            del self.fields["chosen"]
        if not self.is_bound:
            contact = self.instance.contact
            self.initial.update({"on": timezone.localdate(), "name": contact.full_name if contact else ""})

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


class QuoteRefuseForm(RecordForm):
    """Why the client said no."""

    class Meta:
        model = Quote
        fields: list[str] = []

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PublicAcceptForm(forms.Form):
    """What the client gives on the public page to accept."""

    name = forms.CharField(
        label=gettext_lazy("Your first and last name"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I have read this quote and accept it; my acceptance is an order."),
        error_messages={"required": gettext_lazy("Tick the box to accept the quote.")},
    )
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    chosen = OptionsField(required=False)

    def __init__(self, *args: Any, quote: Quote, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = options_of(quote)  # type: ignore[attr-defined]
        for name in ("name", "email"):
            self.fields[name].widget.attrs["class"] = "form-control"


class PublicRefuseForm(forms.Form):
    """What the client gives to refuse."""

    reason = forms.CharField(
        label=gettext_lazy("Why? (optional)"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )
