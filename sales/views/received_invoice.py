"""Pages of received invoices: the list, one with its PDF, what is changed, the original file."""

from typing import Any

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext, pgettext_lazy

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.sending import PDF, in_our_frame, send_file
from digiweb.tables import Column
from digiweb.templatetags.digiweb import money, number
from digiweb.views.base import RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import DeleteView, EditView
from digiweb.views.list import ListView
from sales.filters.received_invoice import ReceivedInvoiceFilterSet
from sales.forms.received_invoice import PayInvoiceForm, ReceivedInvoiceForm
from sales.models import ReceivedInvoice
from sales.received_page import findings_of, iban_text, page_of, rates_of
from sales.services.received_invoice import (
    SUM_LIMIT,
    approve_invoices,
    change_received,
    delete_received,
    pay_invoices,
    sums_of,
)
from sales.tables import received_invoice as columns
from sales.tables.received_invoice import STATUS_COLOURS, ReceivedInvoiceTable, amount_text

MODULE = "sales.receivedinvoice"
CRUMB = (gettext_lazy("Received invoices"), "/sales/received/")
# Read on the page of one alone.
HEAVY = ("facts", "findings", "iban")
Status = ReceivedInvoice.Status


def approve(*, user: Any, pks: Any, data: Any) -> None:
    approve_invoices(user=user, pks=pks)


def pay(*, user: Any, pks: Any, data: Any) -> None:
    pay_invoices(user=user, pks=pks, on=data["paid_on"])


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_received(user=user, pks=pks, batch=data["batch"])


class ReceivedInvoiceListView(ListView):
    """What suppliers sent, and what it comes to."""

    module = MODULE
    model = ReceivedInvoice
    urls = "sales:received_invoice"
    title = gettext_lazy("Received invoices")
    filterset_class = ReceivedInvoiceFilterSet
    table = ReceivedInvoiceTable
    sorts = (
        Sort("-issued", gettext_lazy("Latest first"), ("issued_on", "id"), descending=True),
        Sort("issued", gettext_lazy("Earliest first"), ("issued_on", "id")),
        Sort("due", gettext_lazy("Soonest due first"), ("due_key", "id")),
        Sort("-due", gettext_lazy("Latest due first"), ("due_key", "id"), descending=True),
        Sort("supplier", gettext_lazy("Supplier, A to Z"), ("sort_name", "id")),
        Sort("-supplier", gettext_lazy("Supplier, Z to A"), ("sort_name", "id"), descending=True),
        Sort("-amount", gettext_lazy("Largest amount first"), ("gross", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("gross", "id")),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy(
        "No received invoice yet: drop here the Factur-X files that suppliers or your platform send."
    )
    create_label = gettext_lazy("Add invoices")
    bulk_actions = (
        BulkAction(
            "approve",
            pgettext_lazy("received invoice", "Approve"),
            "circle-check",
            "change",
            approve,
            done_label=ngettext_lazy(
                "%(count)s invoice looked at: what was not decided on is approved.",
                "%(count)s invoices looked at: those not decided on are approved.",
                "count",
            ),
        ),
        BulkAction(
            "pay",
            gettext_lazy("Mark as paid"),
            "coin-euro",
            "change",
            pay,
            PayInvoiceForm,
            done_label=ngettext_lazy(
                "%(count)s invoice looked at: it is paid if it was approved.",
                "%(count)s invoices looked at: those that were approved are paid.",
                "count",
            ),
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy(
                "Delete %(count)s received invoice", "Delete %(count)s received invoices", "count"
            ),
            done_label=ngettext_lazy(
                "%(count)s received invoice deleted.", "%(count)s received invoices deleted.", "count"
            ),
        ),
    )

    def rows_queryset(self) -> Any:
        return super().rows_queryset().defer(*HEAVY)

    def export_queryset(self) -> Any:
        return super().export_queryset().defer(*HEAVY)

    def notice(self) -> Any:
        """The sums of what is filtered, as far as they are added up."""
        if not self.filterset.is_valid():
            return super().notice()
        sums = sums_of(self.filtered())
        if not sums.number:
            return super().notice()
        told = {
            "count": number(sums.number),
            "net": money(sums.net),
            "vat": money(sums.vat),
            "gross": money(sums.gross),
            "open": money(sums.open),
            "limit": number(SUM_LIMIT),
        }
        if sums.capped:
            text = _(
                "Of these invoices no more than %(limit)s are added up: %(net)s before tax, %(vat)s VAT, "
                "%(gross)s with tax."
            )
            return text % told
        text = ngettext(
            "%(count)s invoice: %(net)s before tax, %(vat)s VAT, %(gross)s with tax; %(open)s to pay.",
            "%(count)s invoices: %(net)s before tax, %(vat)s VAT, %(gross)s with tax; %(open)s to pay.",
            sums.number,
        )
        return text % told


class ReceivedInvoiceBulkView(BulkView):
    """Many at once."""

    list_view = ReceivedInvoiceListView
    breadcrumbs = (CRUMB,)


class ReceivedMixin(RecordMixin):
    """One received invoice."""

    module = MODULE
    model: type[Record] = ReceivedInvoice
    breadcrumbs = (CRUMB,)
    select_related = ("company", "decided_by", "added_by")


class ReceivedInvoiceDetailView(ReceivedMixin, DetailView):
    """A received invoice: its PDF, what its XML says, what the rules say, what was decided."""

    urls = "sales:received_invoice"
    template_name = "sales/received_invoice/detail.html"
    facts = (
        (
            gettext_lazy("Supplier"),
            (columns.SUPPLIER, columns.SIREN, columns.VAT_NUMBER, columns.COMPANY),
        ),
        (
            gettext_lazy("Invoice"),
            (
                columns.KIND,
                columns.ISSUED,
                columns.DUE_ON,
                columns.NET,
                columns.VAT,
                columns.GROSS,
                columns.ORDER,
            ),
        ),
        (
            gettext_lazy("Payment"),
            (columns.DUE, Column("iban", gettext_lazy("IBAN")), columns.PAID_ON),
        ),
        (gettext_lazy("Decision"), (columns.DECIDED, columns.NOTE)),
        (
            gettext_lazy("File"),
            (columns.FILE, columns.FORMAT, columns.SUM, columns.BY, columns.ADDED),
        ),
    )
    editable = ("company", "note")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        # The PDF is shown in a frame, from our own address.
        response._csp_replace = {"frame-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def subtitle(self, record: Any) -> Any:
        return f"{record.get_kind_display()} · {amount_text(record, 'gross')}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        fact = super().describe_fact(record, column, changes=changes)
        if column.name == "iban":
            fact["html"] = iban_text(record, whole=changes)
        return fact

    def actions(self, record: Any) -> list[dict[str, Any]]:
        actions = []
        if record.status in (*ReceivedInvoice.UNDECIDED, Status.REFUSED):
            actions.append(
                self.verb(
                    record, "approve", pgettext("received invoice", "Approve"), "circle-check", post=True
                )
            )
        if record.status in ReceivedInvoice.OPEN:
            actions.append(self.verb(record, "refuse", _("Refuse"), "circle-x", drawer=True))
        if record.status == Status.APPROVED:
            actions.insert(0, self.verb(record, "pay", _("Mark as paid"), "coin-euro", drawer=True))
        if record.status in (Status.PAID, Status.REFUSED):
            actions.append(self.verb(record, "reopen", _("Take the decision back"), "refresh", post=True))
        if actions:
            actions[0]["primary"] = True
        return actions

    def verb(self, record: Any, name: str, label: str, icon: str, **more: Any) -> dict[str, Any]:
        url = reverse(f"{self.urls}_{name}", args=[record.pk])
        return {"label": label, "icon": icon, "url": url, **more}

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines = [self.verb(record, "file", _("Download the original"), "download")]
        if user.may("change", record):
            lines.append(self.verb(record, "edit", _("Edit"), "pencil", drawer=True))
        return [*lines, *super().menu(record)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record: ReceivedInvoice = kwargs["object"]
        user: Any = self.request.user
        return super().get_context_data(
            invoice=page_of(record),
            rates=rates_of(record),
            findings=findings_of(record),
            may_check=user.may("change", record),
            **kwargs,
        )


class ReceivedInvoiceEditView(EditView):
    """What is ours changed: whole, or one field in place."""

    module = MODULE
    model: type[Record] = ReceivedInvoice
    form_class = ReceivedInvoiceForm
    urls = "sales:received_invoice"
    breadcrumbs = (CRUMB,)

    def save(self, form: Any) -> ReceivedInvoice:
        invoice: ReceivedInvoice = self.get_instance()
        version = form.cleaned_data["version"]
        change_received(user=self.request.user, invoice=invoice, values=form.values(), version=version)
        return invoice

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return ReceivedInvoiceDetailView.fact_named(record, name)


class ReceivedInvoiceDeleteView(DeleteView):
    """A received invoice moved to the bin; refused for what the accounts need."""

    module = MODULE
    model = ReceivedInvoice
    list_url_name = "sales:received_invoice_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_received(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [_("It stays in the bin for 30 days, with its file, its notes and its history.")]


class ReceivedInvoiceFileView(ReceivedMixin):
    """The file as it came, byte for byte."""

    action = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        invoice: ReceivedInvoice = self.get_object()
        mime = "application/pdf" if invoice.is_pdf else "application/xml"
        return send_file(request, invoice.file, name=invoice.name, mime=mime, etag=invoice.sha256)


class ReceivedInvoiceShowView(ReceivedMixin):
    """The PDF in the browser, also in the frame of its own page; XML is never shown by itself."""

    action = "view"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(is_pdf=True)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        invoice: ReceivedInvoice = self.get_object()
        etag = invoice.sha256
        response = send_file(request, invoice.file, name=invoice.name, mime=PDF, inline=True, etag=etag)
        return in_our_frame(response)
