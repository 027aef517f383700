"""Marking an invoice as disputed, and closing the dispute."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.views.verb import VerbView
from sales.forms.reminder import DisputeForm
from sales.models import Invoice
from sales.services.dispute import dispute_invoice, settle_dispute
from sales.services.invoice import AROUND
from sales.views.invoice import MODULE
from sales.views.invoice_verbs import InvoiceStepView


class InvoiceDisputeView(InvoiceStepView):
    """Why the client contests it; reminders stop."""

    form_class = DisputeForm
    submit_label = gettext_lazy("Mark as disputed")

    def get_title(self) -> Any:
        return _("“%(invoice)s” is disputed") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        invoice: Invoice = self.get_instance()
        return dispute_invoice(user=self.request.user, invoice=invoice, reason=form.cleaned_data["reason"])

    def get_success_text(self, record: Any) -> str:
        return _("“%(invoice)s” is marked as disputed.") % {"invoice": record}


class InvoiceSettleView(VerbView):
    """The dispute is over; reminders go on."""

    module = MODULE
    model = Invoice
    select_related = AROUND
    verb = staticmethod(settle_dispute)
    done = gettext_lazy("The dispute about “%(invoice)s” is closed.")
