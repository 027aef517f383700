"""Pages of quotes: list, record, form.

Verbs are in quote_verbs.py, sending in quote_send.py, the client's page in quote_public.py.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
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
from sales.filters.quote import QuoteFilterSet
from sales.forms.quote import QuoteAssignForm, QuoteForm, QuoteStartForm
from sales.models import Quote
from sales.quote_page import life_of, neighbours_of
from sales.services.lease import words_of
from sales.services.lease_invoice import INVOICED_FROM, lessor_invoices
from sales.services.quote import (
    AROUND,
    change_quote,
    change_quotes,
    create_quote,
    delete_quotes,
    sums_of_quote,
)
from sales.services.quote_link import link_of
from sales.services.quote_sums import with_choices
from sales.tables import quote as columns
from sales.tables.quote import QuoteTable, colour_of
from sales.views.document_lines import DocumentLinesMixin, DocumentStartView
from sales.views.document_list import DocumentListView

MODULE = "sales.quote"
CRUMB = (gettext_lazy("Quotes"), "/sales/quotes/")


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_quotes(user=user, pks=pks, values={"owner": data["owner"]})


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_quotes(user=user, pks=pks, batch=data["batch"])


class QuoteListView(DocumentListView):
    """All quotes within sight; filtered, the tabs of clients and salespeople."""

    module = MODULE
    model = Quote
    urls = "sales:quote"
    title = gettext_lazy("Quotes")
    filterset_class = QuoteFilterSet
    table = QuoteTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("-day", gettext_lazy("Latest date first"), ("quoted_key", "id"), descending=True),
        Sort("day", gettext_lazy("Earliest date first"), ("quoted_key", "id")),
        Sort("until", gettext_lazy("Ending first"), ("valid_until", "id")),
        Sort("-until", gettext_lazy("Ending last"), ("valid_until", "id"), descending=True),
        Sort("-net", gettext_lazy("Largest amount first"), ("net", "id"), descending=True),
        Sort("net", gettext_lazy("Smallest amount first"), ("net", "id")),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
    )
    create_label = gettext_lazy("Create a quote")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No quote yet: create the first one, from here or from a deal.")
    bulk_actions = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            QuoteAssignForm,
            done_label=ngettext_lazy("%(count)s quote assigned.", "%(count)s quotes assigned.", "count"),
            sets=("owner",),
            put_back=change_quotes,
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


class QuoteBulkView(BulkView):
    """Actions on many quotes."""

    list_view = QuoteListView
    breadcrumbs = (CRUMB,)


class QuoteLookupView(LookupView):
    """Quotes to choose one from while typing."""

    module = MODULE
    model = Quote

    def subtitle(self, record: Any) -> str:
        return f"{record.status_label} · {record.subject} · {money(record.net)}"


class QuoteDetailView(DetailView):
    """Everything about one quote: its life, its lines, who buys, what came of it."""

    module = MODULE
    model = Quote
    urls = "sales:quote"
    breadcrumbs = (CRUMB,)
    template_name = "sales/quote/detail.html"
    select_related = (*AROUND, "contract", "replaces", "lease")
    facts = (
        (
            gettext_lazy("Quote"),
            (columns.SUBJECT, columns.QUOTED, columns.UNTIL, columns.DEPOSIT, columns.ORDER, columns.REFUSED),
        ),
        (gettext_lazy("For whom"), (columns.CLIENT, columns.COMPANY, columns.CONTACT, columns.DEAL)),
        (gettext_lazy("Document"), (columns.AGENCY, columns.TREATMENT, columns.LANGUAGE)),
        (gettext_lazy("Follow-up"), (columns.OWNER, columns.CREATED)),
    )
    editable = (
        "subject",
        "valid_until",
        "deposit_percent",
        "order_reference",
        "agency",
        "treatment",
        "language",
    )
    side = ("sales/quote/side.html",)

    def subtitle(self, record: Any) -> Any:
        parts = [str(record.addressee or ""), record.subject, money(record.net)]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": colour_of(record)}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        return super().describe_fact(record, column, changes=changes and record.is_draft)

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def button(self, record: Any, name: str, label: Any, icon: str, **more: Any) -> dict[str, Any]:
        return {"label": label, "icon": icon, "url": self.url(name, record), **more}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.is_draft:
            send = self.button(record, "send", _("Send"), "send", primary=True)
            return [send, self.button(record, "edit", _("Edit"), "pencil")]
        if record.is_open:
            label = _("Accepted by the client")
            accept = self.button(record, "accept", label, "signature", drawer=True, primary=True)
            return [accept, self.button(record, "send", _("Send again"), "send")]
        return []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines = [self.button(record, "pdf", _("PDF"), "file-type-pdf")]
        changes, creates = user.may("change", record), user.can(MODULE, "create")
        if changes and record.is_open:
            lines += [
                self.button(record, "refuse", _("Refused by the client"), "circle-x", drawer=True),
                self.button(record, "link", _("Make a new link"), "link", post=True),
            ]
        if changes and creates and record.status in ("sent", "refused", "expired") and not self.later:
            lines.append(self.button(record, "version", _("New version"), "versions", post=True))
        if creates:
            lines.append(
                self.button(record, "duplicate", pgettext("document", "Duplicate"), "copy", post=True)
            )
        if changes and record.status in ("draft", "sent", "accepted"):
            lines.append(self.button(record, "lease", _("Lease (LOCAM)"), "building-bank", drawer=True))
        return [*lines, *(super().menu(record) if record.is_draft else [])]

    def get_object(self) -> Any:
        quote = super().get_object()
        self.versions = list(
            Quote.objects.visible_to(self.request.user).filter(root=quote.root).order_by("revision")
        )
        self.later = any(one.revision > quote.revision for one in self.versions)
        return quote

    def describe(self, record: Any) -> dict[str, Any]:
        described = super().describe(record)
        if not described["can_change"]:
            described["menu"] = self.menu(record)
        return described

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        quote = kwargs["object"]
        context = super().get_context_data(**kwargs)
        lines = with_choices(quote.lines.order_by("position", "id"))
        user: Any = self.request.user
        return {
            **context,
            "lines": lines,
            "sums": sums_of_quote(quote, lines),
            "life": life_of(quote),
            "lease": getattr(quote, "lease", None),
            "lease_obstacles": words_of(getattr(getattr(quote, "lease", None), "obstacles", ())),
            "lease_invoices": lessor_invoices(user, quote) if hasattr(quote, "lease") else [],
            "may_invoice_lease": user.can("sales.invoice", "create")
            and getattr(getattr(quote, "lease", None), "status", "") in INVOICED_FROM,
            "client_link": link_of(quote) if quote.is_open and user.may("change", quote) else "",
            "versions": self.versions if len(self.versions) > 1 else [],
            "messages_sent": list(quote.messages.order_by("-id")[:10]),
            "neighbours": neighbours_of(user, quote),
        }


class QuoteFormView(DocumentLinesMixin, FormView):
    """What creating and editing a quote share."""

    module = MODULE
    model: type[Record] = Quote
    urls = "sales:quote"
    breadcrumbs = (CRUMB,)


class QuoteCreateView(DocumentStartView):
    """How a quote begins; from a deal's or a client's page it is theirs. The editor follows."""

    module = MODULE
    model: type[Record] = Quote
    form_class = QuoteStartForm
    urls = "sales:quote"
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("New quote")

    def save(self, form: Any) -> Quote:
        return create_quote(user=self.request.user, quote=form.instance)

    def get_success_text(self, record: Any) -> str:
        return _("“%(quote)s” is a draft: add its lines.") % {"quote": record}


class QuoteEditView(QuoteFormView, EditView):
    """The editor of a draft: whole, or one field in place. It saves itself while one types."""

    form_class = QuoteForm
    template_name = "sales/quote/edit.html"
    select_related = AROUND
    submit_label = gettext_lazy("Save the quote")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.autosaves = "X-Autosave" in request.headers
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        quote = self.get_instance()
        if not quote.is_draft and "shown" not in request.GET:
            text = _("“%(quote)s” was sent and is not changed any more: make a new version.")
            toast(request, text % {"quote": quote}, level="warning")
            return HttpResponseRedirect(quote.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def save(self, form: Any) -> Quote:
        quote: Quote = self.get_instance()
        change_quote(
            user=self.request.user,
            quote=quote,
            values=form.values(),
            version=form.cleaned_data["version"],
            lines=form.cleaned_data.get("lines"),
            autosaved=self.autosaves,
        )
        return quote

    # --- Saved by itself while one types: short answers in JSON

    def answer(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        if not self.autosaves:
            return super().answer(form, status=status, **context)
        conflict = context.get("conflict")
        if conflict:
            return JsonResponse({"who": conflict["who"]}, status=status)
        return JsonResponse({"problems": sum(map(len, form.errors.values()))}, status=status)

    def saved(self, record: Record) -> HttpResponse:
        if not self.autosaves:
            return super().saved(record)
        at = time_format(timezone.localtime(), "TIME_FORMAT")
        return JsonResponse({"version": record.version, "text": _("Saved at %(time)s") % {"time": at}})

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return QuoteDetailView.fact_named(record, name)


class QuoteDeleteView(DeleteView):
    """A draft moved to the bin."""

    module = MODULE
    model = Quote
    list_url_name = "sales:quote_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_quotes(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        told = [_("It stays in the bin for 30 days, with its lines, its notes and its history.")]
        if record.replaces_id:
            told.append(
                _("“%(quote)s”, which it was to replace, is open again.") % {"quote": record.replaces}
            )
        return told
