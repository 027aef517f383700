"""Forms of invoices: how one begins, the editor, crediting, sending."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client, Company, Contact, Deal
from digiweb.forms import AmountField, LookupField, RecordForm
from people.models import User
from sales.forms.document_lines import DocumentLinesField
from sales.models import Invoice, Offer
from sales.services.agency import agencies_in_use, default_agency
from sales.services.invoice import sums_of_invoice
from sales.services.invoice_sums import COLUMNS, as_values

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# What the service proposes where nobody says.
PROPOSED = ("treatment", "language", "agency")


class InvoicePartyForm(RecordForm):
    """Who buys, found while one types; and the narrowing that both forms share."""

    client = LookupField(
        Client.objects.none(), label=gettext_lazy("Client"), required=False, lookup_url="crm:client_lookup"
    )
    company = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Company"),
        required=False,
        lookup_url="crm:company_lookup",
        help_text=gettext_lazy("Left empty: the client’s. A lessor (LOCAM), where one pays."),
    )
    contact = LookupField(
        Contact.objects.none(), label=gettext_lazy("Contact"), required=False, lookup_url="crm:contact_lookup"
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
        if "agency" in self.fields and not self.instance.pk:
            first = default_agency()
            if first is not None:
                self.initial.setdefault("agency", first.pk)

    def choices_of(self, name: str, model: Any) -> Any:
        if name == "owner":
            action = "change" if self.instance.pk else "create"
            return User.objects.within_reach(self.user, "sales.invoice", action)
        if name == "agency":
            return agencies_in_use()
        return super().choices_of(name, model)


class InvoiceStartForm(InvoicePartyForm):
    """How an invoice begins: for whom, about what. The editor follows."""

    layout = (
        (gettext_lazy("For whom"), ["client", "company", "contact", "deal"]),
        (gettext_lazy("Invoice"), ["subject", "agency"]),
    )

    class Meta:
        model = Invoice
        fields = ["client", "company", "contact", "deal", "subject", "agency"]
        widgets = {"subject": forms.TextInput(attrs={"autocomplete": "off"})}


class InvoiceForm(InvoicePartyForm):
    """A draft, whole: what the editor and the API take."""

    lines = DocumentLinesField(label=gettext_lazy("Lines"), required=False, totals_url="sales:invoice_totals")
    discount_percent = AmountField(
        label=gettext_lazy("Discount (%)"), required=False, max_digits=5, max_value=100
    )
    discount_amount = AmountField(label=gettext_lazy("Discount (€ before tax)"), required=False)
    delivery = LookupField(
        Company.objects.none(),
        label=gettext_lazy("Delivered to"),
        required=False,
        lookup_url="crm:company_lookup",
        help_text=gettext_lazy("Where it was done, when that is not the buyer."),
    )

    layout = (
        (gettext_lazy("Lines"), ["subject", "introduction", "lines"]),
        (gettext_lazy("Discount"), ["discount_percent", "discount_amount"]),
        (
            gettext_lazy("Days and payment"),
            ["delivered_on", "period_start", "period_end", "due_on", "payment_method"],
        ),
        (
            gettext_lazy("For whom"),
            ["client", "company", "contact", "delivery", "deal", "order_reference"],
        ),
        (gettext_lazy("Document"), ["agency", "treatment", "language", "terms"]),
        (gettext_lazy("Follow-up"), ["owner"]),
    )

    class Meta:
        model = Invoice
        fields = [
            "subject", "introduction", "discount_percent", "discount_amount", "delivered_on", "period_start",
            "period_end", "due_on", "payment_method", "client", "company", "contact", "delivery", "deal",
            "order_reference", "agency", "treatment", "language", "terms", "owner",
        ]  # fmt: skip
        widgets = {
            "subject": forms.TextInput(attrs={"autocomplete": "off"}),
            "introduction": forms.Textarea(attrs={"rows": 2}),
            "terms": forms.Textarea(attrs={"rows": 3}),
            "delivered_on": DAY,
            "period_start": DAY,
            "period_end": DAY,
            "due_on": DAY,
        }
        help_texts = {
            "introduction": gettext_lazy("Stands above the lines."),
            "due_on": gettext_lazy("Left empty: after the agency’s usual delay, counted from the issue."),
            "order_reference": gettext_lazy("Stands on the invoice when the client gave one."),
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
            self.initial.setdefault("lines", [{name: line[name] for name in COLUMNS} for line in present])
        lines: Any = self.fields["lines"]
        offers = Offer.objects.visible_to(self.user).filter(is_active=True)
        lines.offer_to(offers.order_by("category", "sort_name", "id"), kept)
        if self.instance.is_credit_note:
            # What it takes back follows from its invoice: only its words and days are written here.
            for name in ("lines", "discount_percent", "discount_amount", "treatment", "agency", "due_on"):
                self.fields.pop(name, None)

    def clean_discount_percent(self) -> Any:
        return self.cleaned_data["discount_percent"] or Decimal("0.00")

    def clean_discount_amount(self) -> Any:
        return self.cleaned_data["discount_amount"] or Decimal("0.00")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("period_start"), cleaned.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("The end cannot lie before the start."))
        if "lines" in cleaned and not self.errors:
            draft = Invoice(
                **{name: cleaned.get(name) or Decimal(0) for name in ("discount_percent", "discount_amount")}
            )
            draft.treatment = cleaned.get("treatment") or self.instance.treatment or "standard"
            try:
                sums_of_invoice(draft, cleaned["lines"])
            except ValidationError as error:
                known = getattr(error, "error_dict", {})
                for name, problems in known.items():
                    self.add_error(name if name in self.fields else None, problems)
                if not known:
                    self.add_error(None, error)
        return cleaned

    def values(self, *without: str) -> dict[str, Any]:
        return super().values("lines", *without)


class InvoiceAssignForm(forms.Form):
    """To whom many invoices go."""

    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Salesperson"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.within_reach(user, "sales.invoice", "change")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
