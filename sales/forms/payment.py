"""Forms of payments: recorded, matched, paid back, taken back; write-offs."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, localize_input
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Client
from digiweb.forms import AmountField, LookupField, RecordForm
from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT
from sales.forms.invoice_verbs import amount_box
from sales.models import Contract, Invoice, Payment, WriteOff
from sales.services.agency import agencies_in_use, default_agency

# So many open invoices of a client are offered; others are found by their number.
OFFERED = 30
CENT = Decimal("0.01")


def day_box() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def propose(form: forms.ModelForm, **values: Any) -> None:
    """What a new record begins with, where nothing else is proposed (its own empty columns are not)."""
    for name, value in values.items():
        if form.initial.get(name) in (None, ""):
            form.initial[name] = value


def open_invoices(user: Any, client: Client | None, agency: Any) -> list[Invoice]:
    """What a client owes this agency, due first first, as far as `user` sees it."""
    if client is None or agency is None:
        return []
    rows: QuerySet = Invoice.objects.visible_to(user).filter(
        client=client, agency=agency, status=Invoice.Status.ISSUED, balance__gt=0
    )
    unpaid = rows.exclude(kind=Invoice.Kind.CREDIT_NOTE).defer("facts", "terms", "introduction")
    return list(unpaid.order_by("due_key", "pk")[:OFFERED])


class InvoiceAmounts(RecordForm):
    """A box for each open invoice: how much of the payment is for it."""

    def offer(self, invoices: list[Invoice], amounts: dict[int, Decimal]) -> None:
        self.offered = invoices
        for invoice in invoices:
            due = date_format(invoice.due_on, "SHORT_DATE_FORMAT") if invoice.due_on else "–"
            self.fields[f"invoice_{invoice.pk}"] = AmountField(
                label=f"{invoice} · {invoice.subject}"[:120],
                widget=amount_box(),
                required=False,
                initial=amounts.get(invoice.pk),
                max_value=invoice.balance,
                help_text=_("%(balance)s left to pay, due on %(day)s.")
                % {"balance": money(invoice.balance), "day": due},
            )

    def matches(self) -> dict[int, Decimal]:
        """{number of the invoice: amount}, of those that something is for."""
        return {
            invoice.pk: self.cleaned_data[f"invoice_{invoice.pk}"]
            for invoice in self.offered
            if self.cleaned_data.get(f"invoice_{invoice.pk}")
        }


def spread(invoices: list[Invoice], amount: Decimal) -> dict[int, Decimal]:
    """An amount set against invoices, one after the other."""
    found = {}
    for invoice in invoices:
        part = min(amount, invoice.balance)
        if part > 0:
            found[invoice.pk] = part
            amount -= part
    return found


class PaymentForm(InvoiceAmounts):
    """A payment that came in. The open invoices of its client are offered with it."""

    client = LookupField(
        Client.objects.none(), label=gettext_lazy("Client"), required=False, lookup_url="crm:client_lookup"
    )
    amount = AmountField(label=gettext_lazy("Amount (€)"), min_value=CENT)
    # The client and the agency whose invoices the form showed.
    offered_for = forms.CharField(required=False, widget=forms.HiddenInput)
    layout: Iterable[tuple[Any, list[str]]] = (
        (
            gettext_lazy("Settlement"),
            ["agency", "client", "received_on", "amount", "method", "reference"],
        ),
        (gettext_lazy("More"), ["payer", "note"]),
    )

    class Meta:
        model = Payment
        fields = ["agency", "client", "received_on", "amount", "method", "reference", "payer", "note"]
        widgets = {"received_on": day_box(), "note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, invoice: Invoice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        self.fields["payer"].help_text = _(
            "Left empty: the client. A lessor or a parent company, where it is another."
        )
        propose(self, received_on=timezone.localdate(), agency=getattr(default_agency(), "pk", None))
        amounts: dict[int, Decimal] = {}
        if invoice is not None:
            self.initial.update(
                agency=invoice.agency_id,
                client=invoice.client_id,
                amount=invoice.balance,
                method=invoice.payment_method,
            )
            amounts = {invoice.pk: invoice.balance}
        agency, client = self.chosen("agency"), self.chosen("client")
        invoices = open_invoices(self.user, client, agency)
        if invoice is not None and not self.is_bound and invoice.pk not in {one.pk for one in invoices}:
            invoices = [invoice, *invoices]
        elif invoice is not None and self.is_bound and invoice.agency_id == getattr(agency, "pk", None):
            invoices = invoices if invoice.pk in {one.pk for one in invoices} else [invoice, *invoices]
        self.key = f"{getattr(agency, 'pk', '')}-{getattr(client, 'pk', '')}"
        self.initial["offered_for"] = self.key
        self.offer(invoices, amounts)
        names = [f"invoice_{each.pk}" for each in invoices]
        if names:
            text = ngettext("Its open invoice", "Its open invoices", len(names))
            first, more = self.layout
            self.layout = (first, (text, names), more)

    def choices_of(self, name: str, model: Any) -> Any:
        return agencies_in_use() if name == "agency" else super().choices_of(name, model)

    def chosen(self, name: str) -> Any:
        """What stands in a choice now, shown or sent."""
        field: Any = self.fields[name]
        value = self[name].data if self.is_bound else self.initial.get(name)
        try:
            return field.to_python(value) if value else None
        except forms.ValidationError:
            return None

    @property
    def shows_all(self) -> bool:
        """Whether whoever sent the form had the invoices of this client before them."""
        return not self.offered or self.data.get(self.add_prefix("offered_for")) == self.key

    def show_invoices(self) -> None:
        """Fill the boxes by the amount, due first first, to be looked at before it is saved."""
        sent: Any = self.data
        data = sent.copy()
        data[self.add_prefix("offered_for")] = self.key
        for pk, part in spread(self.offered, self.cleaned_data["amount"]).items():
            data[self.add_prefix(f"invoice_{pk}")] = localize_input(part)
        self.data = data


class MatchForm(InvoiceAmounts):
    """What is left of a payment, set against invoices of its client, or one found by its number."""

    invoice = LookupField(
        Invoice.objects.none(),
        label=gettext_lazy("Another invoice"),
        required=False,
        lookup_url="sales:invoice_lookup",
        help_text=gettext_lazy("Of another client that this payment is for. It takes as much as it can."),
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payment = self.instance
        invoices = open_invoices(self.user, payment.client, payment.agency)
        self.offer(invoices, spread(invoices, payment.left))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.matches() and not cleaned.get("invoice"):
            raise forms.ValidationError(_("Say for which invoice."))
        return cleaned


class RefundForm(RecordForm):
    """Money that goes back: of an over-payment, or of a credit note."""

    amount = AmountField(label=gettext_lazy("Amount (€)"), min_value=CENT)
    received_on = forms.DateField(label=gettext_lazy("Paid back on"), widget=day_box())
    method = forms.ChoiceField(label=gettext_lazy("Payment method"), choices=Contract.PaymentMethod.choices)
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=140)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    class Meta:
        model: Any = Payment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = getattr(self.instance, "left", None)
        most = self.instance.balance if most is None else most
        self.initial = {
            "amount": most,
            "received_on": timezone.localdate(),
            "method": "transfer",
            **self.initial,
        }
        self.fields["amount"].help_text = _("%(most)s at most.") % {"most": money(most)}


class CreditRefundForm(RefundForm):
    """The same of a credit note."""

    class Meta:
        model = Invoice
        fields: list[str] = []


class ReturnForm(RecordForm):
    """The bank took it back."""

    returned_on = forms.DateField(label=gettext_lazy("Returned on"), widget=day_box())
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("As the bank says it: AM04, insufficient funds …"),
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("returned_on", timezone.localdate())


class UndoForm(RecordForm):
    """A payment that was entered by mistake."""

    on = forms.DateField(label=gettext_lazy("Undone on"), widget=day_box())
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Nothing is deleted: a payment the other way says why."),
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class WriteOffForm(RecordForm):
    """What of an invoice is given up."""

    amount = AmountField(label=gettext_lazy("Amount (€)"), min_value=CENT)
    on = forms.DateField(label=gettext_lazy("Date"), widget=day_box())
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=WriteOff.Reason.choices)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)

    class Meta:
        model = Invoice
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        balance = self.instance.balance or NOUGHT
        small = balance < 1
        self.initial.setdefault("amount", balance)
        self.initial.setdefault("on", timezone.localdate())
        self.initial.setdefault("reason", WriteOff.Reason.ROUNDING if small else WriteOff.Reason.LOSS)
        self.fields["amount"].help_text = _("%(most)s at most.") % {"most": money(balance)}
