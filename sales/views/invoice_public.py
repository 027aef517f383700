"""The client's page of an invoice: no sign-in, found by its secret address. Opening it is a click, not a
look.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from digiweb.pace import within_pace
from digiweb.request_context import current_origin
from digiweb.views.base import GuardedView
from sales.services.invoice_link import invoice_by_token, note_opening
from sales.views.invoice_verbs import pdf_response

# Of one address in a minute.
READS = 120


class PublicInvoiceView(GuardedView):
    """What is to be paid, by when, and the PDF behind a button.

    A GET writes nothing: programs that look at links before people do are no opening.
    """

    public = True
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not within_pace(current_origin().ip or "nobody", "invoice-page", READS):
            return render(request, "429.html", status=429)
        invoice = invoice_by_token(kwargs["token"])
        if invoice is None:
            raise Http404
        self.invoice = invoice
        with translation.override(invoice.language):
            response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Cache-Control", "private, no-store")
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        context = {
            "invoice": self.invoice,
            "facts": self.invoice.facts,
            "token": token,
            "page_title": f"{self.invoice.get_kind_display()} {self.invoice.number}",
            "is_staff": request.user.is_authenticated,
        }
        return render(request, "sales/invoice/public.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if not request.user.is_authenticated:
            note_opening(self.invoice)
        return HttpResponseRedirect(reverse("invoice_public_pdf", args=[token]))


class PublicInvoicePdfView(PublicInvoiceView):
    """The PDF itself."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return pdf_response(request, self.invoice)
