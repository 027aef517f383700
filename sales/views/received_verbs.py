"""Files of suppliers as they come in, and what is decided about received invoices."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.edit import UNPROCESSABLE
from digiweb.views.field import answer_field, field_asked
from digiweb.views.verb import VerbView
from sales.forms.received_invoice import ACCEPTED, PayInvoiceForm, ReceiveForm, RefuseInvoiceForm
from sales.models import ReceivedFile, ReceivedInvoice
from sales.services.received_intake import ask_again, inbox, receive_file
from sales.services.received_invoice import approve_invoices, pay_invoices, refuse_invoice, reopen_invoice
from sales.views.received_invoice import CRUMB, MODULE, ReceivedMixin
from timeline.forms.document import MOST_FILES

INBOX_SHOWN = 30


def inbox_context() -> dict[str, Any]:
    """The latest files, and whether one of them is still being read."""
    files = list(inbox()[:INBOX_SHOWN])
    waits = any(each.state == ReceivedFile.State.WAITING for each in files)
    return {"files": files, "waits": waits, "inbox_url": reverse("sales:received_invoice_inbox")}


class ReceivedInvoiceCreateView(GuardedView):
    """Files dropped or chosen, one by one with their progress, or several by a plain form.

    Each is judged for itself: the good ones are kept and read by a worker, the others named.
    """

    module = MODULE
    action = "create"
    template_name = "sales/received_invoice/new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(ReceiveForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        dropped = getattr(request, "uploads_too_large", ())
        form = ReceiveForm(request.POST, request.FILES, dropped=dropped)
        received: list[ReceivedFile] = []
        if form.is_valid():
            received = self.receive_all(form)
        elif dropped:
            del form.errors["file"]
        form.add_dropped()
        if "X-Upload" in request.headers:
            return self.answer_script(form, received)
        if form.errors:
            return self.answer(form, status=UNPROCESSABLE)
        return HttpResponseRedirect(reverse("sales:received_invoice_new"))

    def receive_all(self, form: ReceiveForm) -> list[ReceivedFile]:
        received = []
        for file in form.cleaned_data["file"]:
            try:
                received.append(receive_file(user=self.request.user, file=file))
            except ValidationError as error:
                form.add_error("file", error)
        return received

    def answer_script(self, form: ReceiveForm, received: list[ReceivedFile]) -> JsonResponse:
        """For static/js/upload.js, which sends one file at a time."""
        errors = [str(error) for messages in form.errors.values() for error in messages]
        if errors:
            return JsonResponse({"errors": errors}, status=UNPROCESSABLE)
        out = [each.reason for each in received if each.state == ReceivedFile.State.OUT]
        found = [{"id": each.pk, "name": each.name} for each in received]
        return JsonResponse({"files": found, "warnings": out}, status=201)

    def answer(self, form: ReceiveForm, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "accept": ACCEPTED,
            "most": MOST_FILES,
            "limit": filesizeformat(settings.DOCUMENT_MAX_BYTES),
            "page_title": _("Add received invoices"),
            "breadcrumbs": [CRUMB, (_("Add"), "")],
            **inbox_context(),
        }
        return render(self.request, self.template_name, context, status=status)


class ReceivedInvoiceInboxView(GuardedView):
    """What became of the latest files; asked again while one is being read."""

    module = MODULE
    action = "create"

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "sales/received_invoice/inbox.html", inbox_context())


class ReceivedInvoiceApproveView(VerbView):
    """It may be paid."""

    module = MODULE
    model = ReceivedInvoice
    done = gettext_lazy("“%(receivedinvoice)s” is approved.")

    @staticmethod
    def verb(*, user: Any, receivedinvoice: ReceivedInvoice) -> None:
        if not approve_invoices(user=user, pks=[receivedinvoice.pk]):
            raise ValidationError(_("This invoice is approved already."))


class ReceivedInvoiceReopenView(VerbView):
    """The last step taken back."""

    module = MODULE
    model = ReceivedInvoice
    verb = staticmethod(reopen_invoice)
    done = gettext_lazy("The last decision on “%(receivedinvoice)s” is taken back.")


class ReceivedInvoiceCheckView(VerbView):
    """The rules asked again."""

    module = MODULE
    model = ReceivedInvoice
    verb = staticmethod(ask_again)
    done = gettext_lazy("The rules are being asked about “%(receivedinvoice)s”: look again in a moment.")


class DecisionView(ReceivedMixin):
    """What refusing and paying share: a page or drawer that asks, then the service."""

    action = "change"
    template_name = "sales/received_invoice/decide.html"
    form_class: Any
    submit_label: Any = ""

    def decide(self, invoice: ReceivedInvoice, values: dict[str, Any]) -> str:
        """Call the service; returns what is told then."""
        raise NotImplementedError

    def get_title(self, invoice: ReceivedInvoice) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.answer(self.get_object(), self.form_class())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = self.get_object()
        form = self.form_class(request.POST)
        if name := field_asked(request):
            return answer_field(request, form, name)
        if not form.is_valid():
            return self.answer(invoice, form, status=UNPROCESSABLE)
        try:
            told = self.decide(invoice, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(invoice, form, status=UNPROCESSABLE)
        toast(request, told)
        url = invoice.get_absolute_url()
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def answer(self, invoice: ReceivedInvoice, form: Any, *, status: int = 200) -> HttpResponse:
        style_fields(form)
        context = {
            "form": form,
            "page_title": self.get_title(invoice),
            "submit_label": self.submit_label,
            "action_url": self.request.path,
            "cancel_url": invoice.get_absolute_url(),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, self.template_name, context, status=status)


class ReceivedInvoiceRefuseView(DecisionView):
    """It is not paid; the supplier is told why."""

    form_class = RefuseInvoiceForm
    submit_label = gettext_lazy("Refuse the invoice")

    def decide(self, invoice: ReceivedInvoice, values: dict[str, Any]) -> str:
        refuse_invoice(user=self.request.user, invoice=invoice, reason=values["reason"])
        return _("“%(invoice)s” is refused.") % {"invoice": invoice}

    def get_title(self, invoice: ReceivedInvoice) -> str:
        return _("Refuse “%(invoice)s”?") % {"invoice": invoice}


class ReceivedInvoicePayView(DecisionView):
    """It was paid, and when."""

    form_class = PayInvoiceForm
    submit_label = gettext_lazy("Mark as paid")

    def decide(self, invoice: ReceivedInvoice, values: dict[str, Any]) -> str:
        if not pay_invoices(user=self.request.user, pks=[invoice.pk], on=values["paid_on"]):
            raise ValidationError(_("Only an approved invoice is marked as paid."))
        return _("“%(invoice)s” is paid.") % {"invoice": invoice}

    def get_title(self, invoice: ReceivedInvoice) -> str:
        return _("“%(invoice)s” was paid") % {"invoice": invoice}
