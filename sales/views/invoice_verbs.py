"""What one does with an invoice: issue, copy, credit, cancel, send; its PDF; sums while one types."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import AmountField
from digiweb.models import Record, StaleVersion
from digiweb.numbers import whole_number
from digiweb.previews import PreviewError, pdf_preview
from digiweb.sending import send_drawn, send_file
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.edit import EditView
from sales.forms.document_lines import DocumentLinesField
from sales.forms.invoice_verbs import CancelForm, CreditForm, InvoiceSendForm
from sales.models import Invoice
from sales.models.document import Document
from sales.services.invoice import AROUND, duplicate_invoice
from sales.services.invoice_credit import cancel_invoice, create_credit_note
from sales.services.invoice_draft_pdf import draft_pdf
from sales.services.invoice_issue import ISSUING, issue_invoice, prepare, settle_days
from sales.services.invoice_sending import pdf_name, send_invoice
from sales.services.invoice_sums import invoice_sums
from sales.views.invoice import CRUMB, MODULE


class InvoiceVerb(RecordMixin):
    """What these have in common."""

    module = MODULE
    model = Invoice
    action = "view"
    select_related = (*AROUND, "delivery", "quote", "contract", "corrects", "seal")


class InvoiceIssueView(InvoiceVerb):
    """The last look before a draft is issued: what lacks, or under which number it would go."""

    action = "change"

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(ISSUING, "create"))

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_object())

    def page(self, invoice: Any, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
        if not invoice.is_draft:
            return HttpResponseRedirect(invoice.get_absolute_url())
        today, ready = timezone.localdate(), None
        settle_days(invoice, today)
        try:
            ready = prepare(invoice, on=today, today=today)
        except ValidationError as error:
            problems = [*(problems or []), *(text for text in error.messages if text not in (problems or []))]
        context = {
            "object": invoice,
            "ready": ready,
            "problems": problems,
            "today": today,
            "page_title": _("Issue “%(invoice)s”") % {"invoice": invoice},
            "breadcrumbs": [CRUMB, (str(invoice), invoice.get_absolute_url())],
            "edit_url": reverse("sales:invoice_edit", args=[invoice.pk]),
        }
        return render(self.request, "sales/invoice/issue.html", context, status=status)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = self.get_object()
        try:
            issue_invoice(
                user=request.user, invoice=invoice, version=whole_number(request.POST.get("version", ""))
            )
        except StaleVersion:
            text = _("The draft was changed meanwhile: look at it again before you issue it.")
            return self.page(self.get_object(), [text], 409)
        except ValidationError as error:
            return self.page(self.get_object(), list(error.messages), 422)
        toast(request, _("“%(invoice)s” is issued.") % {"invoice": invoice})
        return HttpResponseRedirect(invoice.get_absolute_url())


class InvoiceDuplicateView(InvoiceVerb):
    """A copy of an invoice as a draft, whose editor opens."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        old = self.get_object()
        try:
            copy = duplicate_invoice(user=request.user, invoice=old)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(old.get_absolute_url())
        toast(request, _("“%(invoice)s” is a copy of “%(old)s”.") % {"invoice": copy, "old": old})
        return HttpResponseRedirect(reverse("sales:invoice_edit", args=[copy.pk]))


class InvoiceStepView(EditView):
    """What the forms around an issued invoice share."""

    module = MODULE
    model: type[Record] = Invoice
    select_related = AROUND
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invoice = self.get_instance()
        if invoice.is_draft:
            toast(
                request,
                _("“%(invoice)s” is a draft: issue it first.") % {"invoice": invoice},
                level="warning",
            )
            return HttpResponseRedirect(invoice.get_absolute_url())
        return super().get(request, *args, **kwargs)


class InvoiceCreditView(InvoiceStepView):
    """Which lines are credited, and how much of each; a draft credit note follows."""

    form_class = CreditForm
    submit_label = gettext_lazy("Make the credit note")

    def get_title(self) -> Any:
        return _("Credit note on “%(invoice)s”") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        return create_credit_note(
            user=self.request.user,
            invoice=self.get_instance(),
            amounts=form.amounts(),
            reason=form.cleaned_data["reason"],
        )

    def get_success_text(self, record: Any) -> str:
        return _("The credit note is a draft: look at it, then issue it.")


class InvoiceCancelView(InvoiceStepView):
    """An invoice undone by a credit note that is issued at once."""

    form_class = CancelForm
    submit_label = gettext_lazy("Cancel by a credit note")

    def get_title(self) -> Any:
        return _("Cancel “%(invoice)s”") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        if not self.request.user.can(ISSUING, "create"):  # type: ignore[union-attr]
            raise PermissionDenied
        return cancel_invoice(
            user=self.request.user, invoice=self.get_instance(), reason=form.cleaned_data["reason"]
        )

    def get_success_text(self, record: Any) -> str:
        return _("“%(note)s” is issued.") % {"note": record}


class InvoiceSendView(InvoiceStepView):
    """The message to the client."""

    form_class = InvoiceSendForm
    submit_label = gettext_lazy("Send the invoice")

    def get_title(self) -> Any:
        return _("Send “%(invoice)s”") % {"invoice": self.get_instance()}

    def save(self, form: Any) -> Invoice:
        invoice: Invoice = self.get_instance()
        data = form.cleaned_data
        self.sent = send_invoice(
            user=self.request.user,
            invoice=invoice,
            to=data["to"],
            subject=data["mail_subject"],
            body=data["body"],
        )
        return invoice

    def get_success_text(self, record: Any) -> str:
        to = ", ".join(message.to for message in self.sent)
        return _("“%(invoice)s” is on its way to %(to)s.") % {"invoice": record, "to": to}


class InvoicePdfView(InvoiceVerb):
    """The PDF: the kept one of an issued invoice, a drawing of a draft."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return pdf_response(request, self.get_object())


def pdf_response(request: HttpRequest, invoice: Any) -> HttpResponseBase:
    """The PDF, shown in the browser."""
    if not invoice.is_draft:
        seal = invoice.seal
        return send_file(
            request,
            seal.pdf,
            name=pdf_name(invoice),
            mime="application/pdf",
            inline=True,
            etag=seal.pdf_sha256,
        )
    return send_drawn(draft_pdf(invoice), name=f"{invoice}.pdf")


class InvoicePictureView(InvoiceVerb):
    """The first page of an issued invoice, drawn small."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        seal = getattr(self.get_object(), "seal", None)
        if seal is None:
            return HttpResponse(status=404)
        etag = f'"{seal.pdf_sha256[:32]}"'
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304)
        try:
            picture, _count = pdf_preview(seal.pdf.path)
        except PreviewError:
            return HttpResponse(status=404)
        response = HttpResponse(picture, content_type="image/webp")
        response["ETag"] = etag
        response["Cache-Control"] = "private, max-age=86400"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class InvoiceTotalsView(GuardedView):
    """What the lines of a form come to, as one types: added up here, not in the page."""

    module = MODULE
    action = "view"
    http_method_names = ["post"]
    template_name = "sales/invoice/totals.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        field = DocumentLinesField(required=False)
        rows = field.widget.value_from_datadict(request.POST, {}, "lines")
        try:
            lines = field.to_python(
                [{**row, "offer": ""} for row in rows] if isinstance(rows, list) else rows
            )
            given = request.POST.get("treatment", "")
            sums = invoice_sums(
                lines,
                treatment=given if given in Document.Treatment.values else Document.Treatment.STANDARD,
                discount_percent=self.amount("discount_percent", max_value=100),
                discount_amount=self.amount("discount_amount"),
            )
        except ValidationError as error:
            return render(request, self.template_name, {"problems": error.messages})
        return render(request, self.template_name, {"sums": sums})

    def amount(self, name: str, **limits: Any) -> Any:
        field = AmountField(required=False, label=name, **limits)
        return field.clean(self.request.POST.get(name, "")) or Decimal(0)
