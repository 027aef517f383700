"""What one does with payments and with what is left of invoices: match, pay back, return, undo, write off."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.edit import EditView
from sales.forms.payment import (
    CreditRefundForm,
    MatchForm,
    RefundForm,
    ReturnForm,
    UndoForm,
    WriteOffForm,
)
from sales.models import Invoice, Payment
from sales.services.payment import (
    match_payment,
    record_payment,
    return_payment,
    undo_payment,
    unmatch_payment,
)
from sales.services.write_off import undo_write_off, write_off
from sales.views.invoice_verbs import InvoiceStepView
from sales.views.payment import CRUMB, MODULE


class PaymentStepView(EditView):
    """What the forms around a payment share."""

    module = MODULE
    model: type[Record] = Payment
    select_related = ("agency", "client__company", "client__contact", "owner")
    breadcrumbs = (CRUMB,)


class PaymentMatchView(PaymentStepView):
    """What is left of it, set against invoices."""

    form_class = MatchForm
    submit_label = gettext_lazy("Match")

    def get_title(self) -> Any:
        payment = self.get_instance()
        return _("Match %(left)s") % {"left": money(payment.left)}

    def save(self, form: Any) -> Payment:
        payment, user = self.get_instance(), self.request.user
        invoices = {invoice.pk: invoice for invoice in form.offered}
        for pk, amount in form.matches().items():
            match_payment(user=user, payment=payment, invoice=invoices[pk], amount=amount)
        other = form.cleaned_data.get("invoice")
        if other is not None:
            match_payment(user=user, payment=payment, invoice=other)
        found: Payment = payment
        return found

    def get_success_text(self, record: Any) -> str:
        return _("%(amount)s matched.") % {"amount": money(record.matched)}


class PaymentUnmatchView(RecordMixin):
    """A payment taken off an invoice."""

    module = MODULE
    model = Payment
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, invoice: int) -> HttpResponse:
        payment: Any = self.get_object()
        bill = Invoice.objects.visible_to(request.user).filter(pk=invoice).first()
        if bill is None:
            raise Http404
        try:
            unmatch_payment(user=request.user, payment=payment, invoice=bill)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            text = _("“%(invoice)s” is open again; %(left)s are left to match.")
            toast(request, text % {"invoice": bill, "left": money(payment.left)})
        return HttpResponseRedirect(payment.get_absolute_url())


class PaymentRefundView(PaymentStepView):
    """An over-payment that goes back."""

    form_class = RefundForm
    submit_label = gettext_lazy("Pay back")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def get_title(self) -> Any:
        return _("Pay back what was paid too much")

    def save(self, form: Any) -> Payment:
        payment: Any = self.get_instance()
        return record_payment(
            user=self.request.user, agency=payment.agency, kind=Payment.Kind.REFUND, refunds=payment,
            **refund_values(form),
        )  # fmt: skip

    def get_success_text(self, record: Any) -> str:
        return paid_back_text(record)


class InvoiceRefundView(InvoiceStepView):
    """A credit note that is paid back."""

    action = "view"
    form_class = CreditRefundForm
    submit_label = gettext_lazy("Pay back")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def get_title(self) -> Any:
        return _("Pay “%(note)s” back") % {"note": self.get_instance()}

    def save(self, form: Any) -> Payment:
        note: Any = self.get_instance()
        values = refund_values(form)
        return record_payment(
            user=self.request.user, agency=note.agency, kind=Payment.Kind.REFUND,
            matches={note.pk: values["amount"]}, **values,
        )  # fmt: skip

    def get_success_text(self, record: Any) -> str:
        return paid_back_text(record)


def refund_values(form: Any) -> dict[str, Any]:
    names = ("amount", "received_on", "method", "reference", "note")
    return {name: form.cleaned_data[name] for name in names}


def paid_back_text(payment: Payment) -> str:
    return _("%(amount)s paid back.") % {"amount": money(payment.amount)}


class PaymentReturnView(PaymentStepView):
    """The bank took it back."""

    form_class = ReturnForm
    submit_label = gettext_lazy("Note the return")

    def get_title(self) -> Any:
        return _("Returned by the bank: %(amount)s") % {"amount": money(self.get_instance().amount)}

    def save(self, form: Any) -> Payment:
        data = form.cleaned_data
        return return_payment(
            user=self.request.user,
            payment=self.get_instance(),
            returned_on=data["returned_on"],
            reason=data["reason"],
        )

    def get_success_text(self, record: Any) -> str:
        return _("The return of %(amount)s is noted: its invoices are open again.") % {
            "amount": money(record.amount)
        }


class PaymentUndoView(PaymentStepView):
    """A payment that was entered by mistake."""

    form_class = UndoForm
    submit_label = gettext_lazy("Undo the payment")

    def get_title(self) -> Any:
        return _("Undo the payment of %(amount)s") % {"amount": money(self.get_instance().amount)}

    def save(self, form: Any) -> Payment:
        data = form.cleaned_data
        return undo_payment(
            user=self.request.user, payment=self.get_instance(), on=data["on"], reason=data["reason"]
        )

    def get_success_text(self, record: Any) -> str:
        return _("The payment is undone: its invoices are open again.")


class InvoiceWriteOffView(InvoiceStepView):
    """What of an invoice is given up."""

    action = "view"
    form_class = WriteOffForm
    submit_label = gettext_lazy("Write off")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def get_title(self) -> Any:
        return _("Write off what is left of “%(invoice)s”") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        invoice: Invoice = self.get_instance()
        data = form.cleaned_data
        names = ("amount", "on", "reason", "note")
        write_off(user=self.request.user, invoice=invoice, **{name: data[name] for name in names})
        return invoice

    def get_success_text(self, record: Any) -> str:
        return _("%(amount)s of “%(invoice)s” are written off.") % {
            "amount": money(record.written_off),
            "invoice": record,
        }


class WriteOffUndoView(RecordMixin):
    """A write-off taken back, today."""

    module = "sales.invoice"
    model = Invoice
    action = "view"
    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def post(self, request: HttpRequest, pk: int, write_off: int) -> HttpResponse:
        invoice: Any = self.get_object()
        given_up = invoice.write_offs.filter(pk=write_off).first()
        if given_up is None:
            raise Http404
        try:
            undo_write_off(user=request.user, given_up=given_up)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            text = _("%(amount)s of “%(invoice)s” are owed again.")
            toast(request, text % {"amount": money(given_up.amount), "invoice": invoice})
        return HttpResponseRedirect(invoice.get_absolute_url())
