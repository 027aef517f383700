"""Pages of invoices: list, record, form. Issuing and what follows is in invoice_verbs.py."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import DeleteView, EditView, FormView
from digiweb.views.lookup import LookupView
from sales.filters.invoice import InvoiceFilterSet
from sales.forms.invoice import InvoiceAssignForm, InvoiceForm, InvoiceStartForm
from sales.invoice_page import life_of, neighbours_of, reminders_of
from sales.models import Invoice
from sales.payment_page import payments_of, verbs_of
from sales.services.invoice import (
    AROUND,
    change_invoice,
    change_invoices,
    create_invoice,
    delete_invoices,
    sums_of_invoice,
)
from sales.services.invoice_issue import ISSUING
from sales.services.invoice_issue_many import ask_to_issue
from sales.services.invoice_link import link_of
from sales.services.invoice_sums import as_values
from sales.services.invoice_totals import totals_of
from sales.tables import invoice as columns
from sales.tables.invoice import InvoiceTable, colour_of, status_text
from sales.views.document_lines import DocumentLinesMixin, DocumentStartView
from sales.views.document_list import DocumentListView

MODULE = "sales.invoice"
CRUMB = (gettext_lazy("Invoices"), "/sales/invoices/")


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_invoices(user=user, pks=pks, values={"owner": data["owner"]})


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_invoices(user=user, pks=pks, batch=data["batch"])


def issue(*, user: Any, pks: Any, data: Any) -> Any:
    return ask_to_issue(user=user, pks=list(pks))


class InvoiceListView(DocumentListView):
    """All invoices within sight; filtered, the tabs of clients and salespeople."""

    module = MODULE
    model = Invoice
    urls = "sales:invoice"
    title = gettext_lazy("Invoices")
    filterset_class = InvoiceFilterSet
    table = InvoiceTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("-issued", gettext_lazy("Issued last first"), ("issued_key", "id"), descending=True),
        Sort("issued", gettext_lazy("Issued first first"), ("issued_key", "id")),
        Sort("due", gettext_lazy("Due first"), ("due_key", "id")),
        Sort("-due", gettext_lazy("Due last"), ("due_key", "id"), descending=True),
        Sort("-gross", gettext_lazy("Largest amount first"), ("gross", "id"), descending=True),
        Sort("gross", gettext_lazy("Smallest amount first"), ("gross", "id")),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
    )
    create_label = gettext_lazy("Create an invoice")
    drawing = "empty-generic"
    empty_text = gettext_lazy(
        "No invoice yet: create the first one, from here, from a quote or from a contract."
    )
    bulk_actions = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            InvoiceAssignForm,
            done_label=ngettext_lazy("%(count)s invoice assigned.", "%(count)s invoices assigned.", "count"),
            sets=("owner",),
            put_back=change_invoices,
        ),
        BulkAction(
            "issue",
            gettext_lazy("Issue"),
            "file-check",
            "change",
            issue,
            done_label=ngettext_lazy(
                "%(count)s invoice is being issued: the report comes when it is done.",
                "%(count)s invoices are being issued: the report comes when they are done.",
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
            confirm_label=ngettext_lazy("Delete %(count)s draft", "Delete %(count)s drafts", "count"),
            done_label=ngettext_lazy("%(count)s draft deleted.", "%(count)s drafts deleted.", "count"),
        ),
    )

    def allowed_bulk_actions(self) -> list[BulkAction]:
        user: Any = self.request.user
        issues = user.can(ISSUING, "create")
        return [action for action in super().allowed_bulk_actions() if action.name != "issue" or issues]

    def notice(self) -> Any:
        """What the rows of the list come to, where they are not more than are counted."""
        told = super().notice()
        if told or not self.filterset.is_valid() or self.counted[1]:
            return told
        totals = totals_of(self.filtered_portions())
        if not totals.number:
            return ""
        return _("Issued: %(net)s before tax, %(gross)s with tax · left to pay: %(owed)s") % {
            "net": money(totals.net),
            "gross": money(totals.gross),
            "owed": money(totals.owed),
        }


class InvoiceBulkView(BulkView):
    """Actions on many invoices."""

    list_view = InvoiceListView
    breadcrumbs = (CRUMB,)


class InvoiceLookupView(LookupView):
    """Invoices to choose one from while typing."""

    module = MODULE
    model = Invoice

    def subtitle(self, record: Any) -> str:
        return f"{status_text(record)} · {record.subject} · {money(record.gross)}"


class InvoiceDetailView(DetailView):
    """Everything about one invoice: its life, its lines, its PDF, what stands around it."""

    module = MODULE
    model = Invoice
    urls = "sales:invoice"
    breadcrumbs = (CRUMB,)
    template_name = "sales/invoice/detail.html"
    select_related = (
        *AROUND, "delivery", "quote__lease", "contract", "subscription", "corrects", "seal", "letter",
    )  # fmt: skip
    facts = (
        (
            gettext_lazy("Invoice"),
            (columns.SUBJECT, columns.KIND, columns.ISSUED, columns.DUE, columns.DELIVERED, columns.ORDER),
        ),
        (gettext_lazy("Payment"), (columns.GROSS, columns.BALANCE, columns.METHOD, columns.PAID)),
        (
            gettext_lazy("For whom"),
            (columns.CLIENT, columns.COMPANY, columns.CONTACT, columns.DEAL, columns.DELIVERY),
        ),
        (gettext_lazy("Document"), (columns.AGENCY, columns.TREATMENT, columns.LANGUAGE)),
        (gettext_lazy("Follow-up"), (columns.OWNER, columns.CREATED)),
    )
    editable = (
        "subject",
        "due_on",
        "delivered_on",
        "order_reference",
        "payment_method",
        "treatment",
        "language",
    )
    side = ("sales/reminder/side.html", "sales/invoice/side.html")

    def subtitle(self, record: Any) -> Any:
        parts = [str(record.addressee or ""), record.subject, money(record.gross)]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": status_text(record), "colour": colour_of(record)}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        changes = changes and record.is_draft
        if record.is_credit_note and column.name in ("treatment", "due_on"):
            changes = False
        return super().describe_fact(record, column, changes=changes)

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def actions(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not record.is_draft:
            send = {"label": _("Send"), "icon": "send", "primary": True, "url": self.url("send", record)}
            return [send, *verbs_of(user, record)[0]]
        found: list[dict[str, Any]] = []
        if user.can(ISSUING, "create"):
            found.append(
                {"label": _("Issue"), "icon": "file-check", "primary": True, "url": self.url("issue", record)}
            )
        return [*found, {"label": _("Edit"), "icon": "pencil", "url": self.url("edit", record)}]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines: list[dict[str, Any]] = [
            {"label": _("PDF"), "icon": "file-type-pdf", "url": self.url("pdf", record)}
        ]
        if user.can(MODULE, "create") and not record.is_credit_note:
            lines.append(
                {
                    "label": pgettext("document", "Duplicate"),
                    "icon": "copy",
                    "post": True,
                    "url": self.url("duplicate", record),
                }
            )
        if record.is_draft:
            return [*lines, *super().menu(record)]
        if not record.is_credit_note and user.may("change", record):
            lines.append(self.dispute_line(record))
            credit = {"label": _("Make a credit note"), "icon": "receipt-refund"}
            lines.append({**credit, "url": self.url("credit", record)})
            if user.can(ISSUING, "create"):
                cancel = {
                    "label": _("Cancel by a credit note"),
                    "icon": "file-off",
                    "danger": True,
                    "drawer": True,
                }
                lines.append({**cancel, "url": self.url("cancel", record)})
        return [*lines, *verbs_of(user, record)[1]]

    def dispute_line(self, record: Any) -> dict[str, Any]:
        """While it is disputed nobody is reminded of it."""
        if record.disputed:
            over = {"label": _("Close the dispute"), "icon": "circle-check", "post": True}
            return {**over, "url": self.url("settle", record)}
        mark = {"label": _("Mark as disputed"), "icon": "message-exclamation", "drawer": True}
        return {**mark, "url": self.url("dispute", record)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invoice = kwargs["object"]
        user: Any = self.request.user
        lines = list(invoice.lines.order_by("position", "id"))
        rates = list(invoice.rates.all()) if not invoice.is_draft else None
        return {
            **super().get_context_data(**kwargs),
            "lines": lines,
            "sums": sums_of_invoice(invoice, as_values(lines)) if invoice.is_draft else None,
            "rates": rates,
            "life": life_of(invoice),
            "dunning": reminders_of(user, invoice),
            "neighbours": neighbours_of(user, invoice),
            "messages_sent": list(invoice.messages.order_by("-id")[:10]),
            "client_link": link_of(invoice),
            "money": payments_of(user, invoice),
            "seal": None if invoice.is_draft else invoice.seal,
        }


class InvoiceFormView(DocumentLinesMixin, FormView):
    """What the editor is made of."""

    module = MODULE
    model: type[Record] = Invoice
    urls = "sales:invoice"
    breadcrumbs = (CRUMB,)


class InvoiceCreateView(DocumentStartView):
    """How an invoice begins; from a client's or a deal's page it is theirs. The editor follows."""

    module = MODULE
    model: type[Record] = Invoice
    form_class = InvoiceStartForm
    urls = "sales:invoice"
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("New invoice")

    def save(self, form: Any) -> Invoice:
        return create_invoice(user=self.request.user, invoice=form.instance)

    def get_success_text(self, record: Any) -> str:
        return _("It is a draft without a number: add its lines.")


class InvoiceEditView(InvoiceFormView, EditView):
    """The editor of a draft: whole, or one field in place."""

    form_class = InvoiceForm
    template_name = "sales/invoice/edit.html"
    select_related = (*AROUND, "corrects")
    submit_label = gettext_lazy("Save the invoice")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invoice = self.get_instance()
        if not invoice.is_draft and "shown" not in request.GET:
            text = _("“%(invoice)s” is issued and is not changed any more: correct it by a credit note.")
            toast(request, text % {"invoice": invoice}, level="warning")
            return HttpResponseRedirect(invoice.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def save(self, form: Any) -> Invoice:
        invoice: Invoice = self.get_instance()
        change_invoice(
            user=self.request.user,
            invoice=invoice,
            values=form.values(),
            version=form.cleaned_data["version"],
            lines=form.cleaned_data.get("lines"),
        )
        return invoice

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return InvoiceDetailView.fact_named(record, name)


class InvoiceDeleteView(DeleteView):
    """A draft moved to the bin."""

    module = MODULE
    model = Invoice
    list_url_name = "sales:invoice_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_invoices(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [_("It stays in the bin for 30 days, with its lines, its notes and its history.")]
