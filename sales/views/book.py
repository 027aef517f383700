"""Pages of the books: their lines, the account of a client."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client
from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import number
from digiweb.views.base import GuardedView
from digiweb.views.list import ListView
from sales.filters.book import BookLineFilterSet
from sales.models import Account, BookEntry, BookLine
from sales.services.book_figures import LEDGER_LIMIT, SUM_LIMIT, Sums, ledger_of, sums_of
from sales.tables.book import BookLineTable, sums_text

MODULE = "sales.accounting"
CRUMB = (gettext_lazy("Accounting"), "/sales/accounting/")
# Of the documents that letters are read from: long, and shown nowhere.
HEAVY = tuple(f"invoice__{name}" for name in ("facts", "terms", "introduction", "search_text"))


class BookLineListView(ListView):
    """The lines of all journals: what documents and money are in the books."""

    module = MODULE
    model: type[Record] = BookLine  # type: ignore[assignment]
    urls = "sales:book_line"
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("Entries of the books")
    filterset_class = BookLineFilterSet
    table = BookLineTable
    sorts = (
        Sort("-day", gettext_lazy("Latest first"), ("entry_on", "id"), descending=True),
        Sort("day", gettext_lazy("Earliest first"), ("entry_on", "id")),
        Sort("account", gettext_lazy("By account"), ("account", "entry_on", "id")),
        Sort("-debit", gettext_lazy("Largest debit first"), ("debit", "id"), descending=True),
        Sort("-credit", gettext_lazy("Largest credit first"), ("credit", "id"), descending=True),
    )
    empty_text = gettext_lazy("No entry yet: invoices and payments write them.")

    def rows_queryset(self) -> QuerySet:
        lines = self.visible().select_related("entry", "agency", "invoice__letter", "payment__letter")
        rows: QuerySet = lines.defer(*HEAVY)
        return rows

    def export_queryset(self) -> QuerySet:
        rows: QuerySet = super().export_queryset().defer(*HEAVY)
        return rows

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.filtered())

    def notice(self) -> Any:
        """What is filtered comes to."""
        if not self.filterset.is_valid() or not self.sums.number:
            return super().notice()
        sums = self.sums
        if sums.capped:
            return _("More than %(limit)s lines: narrow them to have them added up.") % {
                "limit": number(SUM_LIMIT)
            }
        return sums_text(number(sums.number), sums.debit, sums.credit)

    def extra_actions(self) -> list[dict[str, Any]]:
        """The account of the client to whom the list is narrowed."""
        client = self.filterset.form.cleaned_data.get("client") if self.filterset.is_valid() else None
        if client is None:
            return []
        url = reverse("sales:ledger", args=[client.pk])
        return [{"label": _("Account of %(client)s") % {"client": client}, "url": url, "icon": "scale"}]


class LedgerView(GuardedView):
    """The account of a client: every line, its letter, what is owed after it."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        client = Client.objects.visible_to(request.user).filter(pk=pk).first()
        if client is None:
            raise Http404
        lines = (
            BookLine.objects.visible_to(request.user)
            .filter(client=client, role=Account.Role.CLIENT)
            .exclude(journal=BookEntry.Journal.OPENING)
        )
        agency = whole_number(request.GET.get("agency", ""))
        if agency:
            lines = lines.filter(agency=agency)
        count = lines.count()
        rows = ledger_of(lines) if count <= LEDGER_LIMIT else []
        sums = sums_of(lines)
        context = {
            "client": client,
            "rows": rows,
            "several": len({row.line.agency_id for row in rows}) > 1,
            "too_many": count > LEDGER_LIMIT,
            "sums": sums,
            "balance": sums.debit - sums.credit,
            "page_title": _("Account of %(client)s") % {"client": client},
            "breadcrumbs": [CRUMB, (str(client), client.get_absolute_url())],
        }
        return render(request, "sales/accounting/ledger.html", context)
