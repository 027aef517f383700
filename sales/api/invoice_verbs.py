"""What one does with an invoice over the API: the services and rights of its page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from digiweb.api.examples import sent
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import asked
from digiweb.models import StaleVersion
from sales.api.document_verbs import (
    MESSAGE,
    CancelInvoiceSerializer,
    CreditInvoiceSerializer,
    DisputeSerializer,
    MessageSerializer,
    at_places,
    message_of,
)
from sales.models import Invoice
from sales.services.dispute import dispute_invoice, settle_dispute
from sales.services.invoice import duplicate_invoice
from sales.services.invoice_credit import cancel_invoice, create_credit_note
from sales.services.invoice_issue import ISSUING, issue_invoice
from sales.services.invoice_sending import proposed_message, send_invoice
from sales.views.invoice_verbs import pdf_response
from timeline.api.document import FileRenderer

BINARY = {(200, "application/pdf"): bytes}


class InvoiceVerbs:
    """Mixed into the resource of invoices; `serializer_class` answers."""

    verb_rights = {
        "issue": "change",
        "credit": "change",
        "cancel": "change",
        "send": "change",
        "dispute": "change",
        "settle": "change",
        "duplicate": "view",
        "pdf": "view",
    }
    verb_summaries = {
        "issue": _("Issue a draft"),
        "credit": _("Make a credit note"),
        "cancel": _("Cancel by a credit note"),
        "send": _("Send an invoice"),
        "dispute": _("Mark as disputed"),
        "settle": _("Close the dispute"),
        "duplicate": _("Copy an invoice"),
        "pdf": _("Download the PDF"),
    }
    verb_descriptions = {
        "issue": _("Gives the number, makes the PDF with its XML, seals. Only once, and for good."),
        "credit": _("A draft credit note of an issued invoice, whole or line by line."),
        "cancel": _("What is left of an invoice is credited, and the credit note issued at once."),
        "send": _("An issued invoice, by e-mail, a message to each address."),
        "dispute": _("Takes a `reason`. Reminders stop until the dispute is closed."),
        "settle": _("Reminders go on where they stood."),
        "duplicate": _("A draft with the same parties and lines."),
        "pdf": _("The kept Factur-X file of an issued invoice, a drawing of a draft."),
    }

    def made(self: Any, invoice: Invoice) -> Response:
        """An invoice that came of another one."""
        url = reverse(f"api:{self.basename}-detail", args=[invoice.pk], request=self.request)
        row: Response = self.answer(
            self.fresh(invoice), status=status.HTTP_201_CREATED, headers={"Location": url}
        )
        return row

    def check_issues(self: Any) -> None:
        if not self.request.user.can(ISSUING, "create"):
            raise PermissionDenied

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def issue(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        self.check_issues()
        try:
            issue_invoice(user=request.user, invoice=invoice, version=self.expected_version(invoice))
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=True) from None
        return self.answer(self.fresh(invoice))  # type: ignore[no-any-return]

    @extend_schema(
        request=CreditInvoiceSerializer,
        examples=[sent({"lines": [{"line": 2, "amount": "150.00"}], "reason": "Remise convenue."})],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def credit(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        said = asked(CreditInvoiceSerializer, request)
        lines, amounts = said.get("lines"), None
        if lines is not None:
            numbers = at_places(invoice.lines, [line["line"] for line in lines], "lines")
            amounts = dict(zip(numbers, (line["amount"] for line in lines), strict=True))
        note = create_credit_note(
            user=request.user, invoice=invoice, amounts=amounts, reason=said.get("reason", "")
        )
        return self.made(note)  # type: ignore[no-any-return]

    @extend_schema(request=CancelInvoiceSerializer, examples=[sent({"reason": "Mauvais client."})])
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        self.check_issues()
        reason = asked(CancelInvoiceSerializer, request)["reason"]
        return self.made(cancel_invoice(user=request.user, invoice=invoice, reason=reason))  # type: ignore[no-any-return]

    @extend_schema(request=MessageSerializer, examples=[MESSAGE])
    @action(detail=True, methods=["post"])
    @idempotent
    def send(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        message = message_of(asked(MessageSerializer, request), proposed_message(invoice))
        send_invoice(user=request.user, invoice=invoice, **message)
        return self.answer(self.fresh(invoice))  # type: ignore[no-any-return]

    @extend_schema(request=DisputeSerializer, examples=[sent({"reason": "Prestation incomplète."})])
    @action(detail=True, methods=["post"])
    def dispute(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        reason = asked(DisputeSerializer, request)["reason"]
        dispute_invoice(user=request.user, invoice=invoice, reason=reason)
        return self.answer(self.fresh(invoice))  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def settle(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        settle_dispute(user=request.user, invoice=invoice)
        return self.answer(self.fresh(invoice))  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def duplicate(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        if not self.request.user.can(Invoice.module, "create"):
            raise PermissionDenied
        return self.made(duplicate_invoice(user=request.user, invoice=invoice))  # type: ignore[no-any-return]

    @extend_schema(request=None, responses=BINARY)
    @action(detail=True, renderer_classes=[JSONRenderer, FileRenderer])
    def pdf(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return pdf_response(request._request, self.get_object())
