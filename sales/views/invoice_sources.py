"""Invoices out of what was sold: buttons on contracts, subscriptions and quotes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.edit import EditView
from sales.forms.invoice_verbs import DepositForm, InterimForm
from sales.models import Contract, Invoice, Quote, Subscription
from sales.services.invoice_progress import create_deposit_draft, create_interim_draft
from sales.services.invoice_sources import draft_from_contract, draft_from_quote, draft_from_subscription
from sales.services.lease_invoice import draft_from_lease
from sales.views.invoice import MODULE


class SourceView(RecordMixin):
    """A draft out of a record that one sees, for whoever may make invoices."""

    action = "view"
    http_method_names = ["post"]
    make: Any

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.get_object()
        try:
            draft = type(self).make(user=request.user, **{str(self.model._meta.model_name): source})
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(source.get_absolute_url())
        toast(request, _("It is a draft without a number: look at it, then issue it."))
        return HttpResponseRedirect(reverse("sales:invoice_edit", args=[draft.pk]))


class ContractInvoiceView(SourceView):
    """What a contract comes to once."""

    module = "sales.contract"
    model = Contract
    select_related = ("client__company", "client__contact", "owner", "offer")
    make = staticmethod(draft_from_contract)


class SubscriptionInvoiceView(SourceView):
    """A month of a subscription."""

    module = "sales.subscription"
    model = Subscription
    select_related = ("client__company", "client__contact", "client__owner", "offer")
    make = staticmethod(draft_from_subscription)


class QuoteInvoiceView(SourceView):
    """What is left of a quote."""

    module = "sales.quote"
    model = Quote
    select_related = ("agency", "client", "company", "contact", "deal", "owner")
    make = staticmethod(draft_from_quote)


class LeaseInvoiceView(QuoteInvoiceView):
    """What a lessor buys of a quote."""

    make = staticmethod(draft_from_lease)


class QuotePartView(EditView):
    """A part of a quote, for whoever may make invoices."""

    module = "sales.quote"
    model: type[Record] = Quote
    action = "view"
    select_related = ("agency", "client", "company", "contact", "deal", "owner")
    submit_label = gettext_lazy("Make the draft")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def get_success_text(self, record: Any) -> str:
        return _("It is a draft without a number: look at it, then issue it.")


class QuoteDepositView(QuotePartView):
    """How much is asked for beforehand."""

    form_class = DepositForm

    def get_title(self) -> Any:
        return _("Deposit invoice on “%(quote)s”") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        quote: Any = self.get_instance()
        return create_deposit_draft(user=self.request.user, quote=quote, percent=form.cleaned_data["percent"])


class QuoteInterimView(QuotePartView):
    """How much of each line is done by now."""

    form_class = InterimForm

    def get_title(self) -> Any:
        return _("Interim invoice on “%(quote)s”") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        quote: Any = self.get_instance()
        return create_interim_draft(user=self.request.user, quote=quote, progress=form.progress())
