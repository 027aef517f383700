"""Forms of quotes: how one begins, the editor, who is to have many of them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client, Company, Contact, Deal
from digiweb.forms import AmountField, LookupField, RecordForm
from people.models import User
from sales.forms.document_lines import DocumentLinesField
from sales.models import Offer, Quote
from sales.services.agency import agencies_in_use
from sales.services.quote import SUMMED, checked_sums
from sales.services.quote_sums import as_values

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# What the service proposes where nobody says.
PROPOSED = ("treatment", "language", "deposit_percent", "valid_until", "agency")


class PartyForm(RecordForm):
    """Who buys, found while one types; and the narrowing that both forms share."""

    client = LookupField(
        Client.objects.none(),
        label=gettext_lazy("Client"),
        required=False,
        lookup_url="crm:client_lookup",
        help_text=gettext_lazy("For who is none yet: choose the company or the contact."),
    )
    company = LookupField(
        Company.objects.none(), label=gettext_lazy("Company"), required=False, lookup_url="crm:company_lookup"
    )
    contact = LookupField(
        Contact.objects.none(),
        label=gettext_lazy("Contact"),
        required=False,
        lookup_url="crm:contact_lookup",
        help_text=gettext_lazy("Their company is taken over when none is given."),
    )
    deal = LookupField(
        Deal.objects.none(), label=gettext_lazy("Deal"), required=False, lookup_url="crm:deal_lookup"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PROPOSED:
            if name in self.fields and not self.instance.pk:
                self.fields[name].required = False
        if not self.instance.pk:
            self.instance.treatment = self.instance.language = ""
            self.instance.deposit_percent = None
            if "subject" in self.fields:
                self.fields["subject"].required = False
        if "agency" in self.fields:
            self._offer_agencies()

    def _offer_agencies(self) -> None:
        field: Any = self.fields["agency"]
        agencies = list(field.queryset[:2])
        if not self.instance.pk and agencies:
            self.initial.setdefault("agency", agencies[0].pk)
            if len(agencies) == 1 and not self.is_bound:
                field.widget = forms.HiddenInput()

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "sales.quote", action)
        if name == "agency":
            return agencies_in_use()
        return super().choices_of(name, model)


class QuoteStartForm(PartyForm):
    """How a quote begins: for whom, about what. The rest follows, and is changed in the editor."""

    layout = (
        (gettext_lazy("For whom"), ["deal", "client", "company", "contact"]),
        (gettext_lazy("Quote"), ["subject", "agency"]),
    )

    class Meta:
        model = Quote
        fields = ["deal", "client", "company", "contact", "subject", "agency"]
        widgets = {"subject": forms.TextInput(attrs={"autocomplete": "off"})}
        help_texts = {
            "deal": gettext_lazy("Brings its company, its contact and its title."),
            "subject": gettext_lazy("Left empty: the title of the deal."),
        }


class QuoteForm(PartyForm):
    """A quote, whole: what the editor and the API take."""

    lines = DocumentLinesField(
        label=gettext_lazy("Lines"), required=False, quote=True, totals_url="sales:quote_totals"
    )
    discount_percent = AmountField(
        label=gettext_lazy("Discount (%)"), required=False, max_digits=5, max_value=100
    )
    discount_amount = AmountField(
        label=gettext_lazy("Discount (€ before tax)"),
        required=False,
        help_text=gettext_lazy("Off what is due once."),
    )
    deposit_percent = AmountField(
        label=gettext_lazy("Deposit (%)"),
        required=False,
        max_digits=5,
        max_value=100,
        help_text=gettext_lazy("Asked at acceptance: a draft of a deposit invoice is made then."),
    )

    layout = (
        (gettext_lazy("Quote"), ["subject", "introduction", "lines"]),
        (
            gettext_lazy("Conditions"),
            ["discount_percent", "discount_amount", "deposit_percent", "valid_until"],
        ),
        (gettext_lazy("For whom"), ["client", "company", "contact", "deal", "order_reference"]),
        (gettext_lazy("Document"), ["agency", "treatment", "language", "terms"]),
        (gettext_lazy("Follow-up"), ["owner"]),
    )

    class Meta:
        model = Quote
        fields = [
            "subject",
            "introduction",
            "discount_percent",
            "discount_amount",
            "deposit_percent",
            "valid_until",
            "client",
            "company",
            "contact",
            "deal",
            "order_reference",
            "agency",
            "treatment",
            "language",
            "terms",
            "owner",
        ]
        widgets = {
            "subject": forms.TextInput(attrs={"autocomplete": "off"}),
            "introduction": forms.Textarea(attrs={"rows": 3}),
            "terms": forms.Textarea(attrs={"rows": 4}),
            "valid_until": DAY,
        }
        help_texts = {
            "introduction": gettext_lazy("Stands above the lines."),
            "terms": gettext_lazy("Terms of payment and delivery, beginning and duration of the work."),
            "order_reference": gettext_lazy("Stands on the document, and on its invoices."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields and not self.instance.pk:
            self.fields["owner"].required = False
            self.fields["owner"].help_text = _("Left empty: the deal’s or the client’s.")
        kept: set[int] = set()
        if self.instance.pk:
            present = as_values(self.instance.lines.order_by("position", "id"))
            kept = {line["offer"] for line in present if line["offer"]}
            self.initial.setdefault("lines", present)
        lines: Any = self.fields["lines"]
        offers = Offer.objects.visible_to(self.user).filter(is_active=True)
        lines.offer_to(offers.order_by("category", "sort_name", "id"), kept)

    def clean_discount_percent(self) -> Any:
        return _or_nought(self.cleaned_data["discount_percent"])

    def clean_discount_amount(self) -> Any:
        return _or_nought(self.cleaned_data["discount_amount"])

    def clean_deposit_percent(self) -> Any:
        percent = self.cleaned_data["deposit_percent"]
        return Decimal(0) if percent is None and self.instance.pk else percent

    def clean_valid_until(self) -> Any:
        day = self.cleaned_data["valid_until"]
        if day and "valid_until" in self.changed_data and day < timezone.localdate():
            raise ValidationError(_("This day has passed."))
        if day and day > timezone.localdate() + timedelta(days=3660):
            raise ValidationError(_("This is too far away."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "lines" in cleaned and not self.errors:
            given = {name: cleaned.get(name, getattr(self.instance, name)) for name in SUMMED}
            try:
                checked_sums(cleaned["lines"], **given)
            except ValidationError as error:
                known = getattr(error, "error_dict", {})
                for name, problems in known.items():
                    self.add_error(name if name in self.fields else None, problems)
                if not known:
                    self.add_error(None, error)
        return cleaned

    def values(self, *without: str) -> dict[str, Any]:
        return super().values("lines", *without)


def _or_nought(value: Any) -> Any:
    return Decimal(0) if value is None else value


class QuoteAssignForm(forms.Form):
    """To whom many quotes go."""

    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Salesperson"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.within_reach(user, "sales.quote", "change")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
