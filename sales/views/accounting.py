"""The page of the books of an agency: journals, checks, closing, FEC, trial balance."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.exports import check_own_name
from digiweb.numbers import whole_number
from digiweb.sending import send_file
from digiweb.sheets import Cell, Sheet, sheets_response
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from sales.books.fec import file_name
from sales.books.years import FiscalYear, fiscal_year
from sales.models import Agency, BookExport
from sales.services.book_figures import (
    NOUGHT,
    AccountSums,
    agencies_of,
    balance_of,
    checks_of,
    closings_of,
    journals_of,
    years_of,
)
from sales.services.closing import close_books, closed_until, earliest_day, to_close
from sales.services.fec import ask_for_fec, description_of
from sales.views.book import CRUMB, MODULE

SHOWN = 12


class BooksView(GuardedView):
    """What these pages have in common: whose books, of which year."""

    module = MODULE
    action = "view"

    def chosen(self) -> tuple[Any, FiscalYear, list[Any], list[FiscalYear]]:
        """(agency, year, agencies, years) as the address asks; 404 for what there is not."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        agencies = agencies_of(self.request.user)
        if not agencies:
            return None, fiscal_year(timezone.localdate().year, 1), [], []
        wanted = asked.get("agency")
        agency = agencies[0]
        if wanted:
            found = [each for each in agencies if str(each.pk) == wanted]
            if not found:
                raise Http404
            agency = found[0]
        years = years_of(agency)
        number = whole_number(asked.get("year", ""))
        chosen = [year for year in years if year.year == number]
        if asked.get("year") and not chosen:
            raise Http404
        return agency, (chosen or years)[0], agencies, years


def lines_url(agency: Agency, year: FiscalYear, **more: str) -> str:
    """The lines of a year, narrowed."""
    query = {
        "agency": agency.pk,
        "period_min": year.first.isoformat(),
        "period_max": year.last.isoformat(),
        **more,
    }
    return f"{reverse('sales:book_line_list')}?{urlencode(query)}"


class AccountingView(BooksView):
    """Journals, checks, closings, files: what an accountant comes for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        agency, year, agencies, years = self.chosen()
        context: dict[str, Any] = {
            "agency": agency,
            "agencies": agencies,
            "page_title": _("Accounting"),
            "breadcrumbs": [],
        }
        if agency is not None:
            context |= self.describe(agency, year, years)
        return render(request, "sales/accounting/page.html", context)

    def describe(self, agency: Agency, year: FiscalYear, years: list[FiscalYear]) -> dict[str, Any]:
        user: Any = self.request.user
        journals = journals_of(agency, year)
        made = BookExport.objects.visible_to(user).filter(agency=agency).select_related("asked_by")
        exports = list(made[:SHOWN])
        own = {"agency": agency.pk, "year": year.year}
        return {
            "year": year,
            "years": years,
            "journals": [(each, lines_url(agency, year, journal=each.kind)) for each in journals],
            "lines_url": lines_url(agency, year),
            "checks": checks_of(agency, year, journals),
            "closed_until": closed_until(agency),
            "year_closed": (closed_until(agency) or year.first) >= year.last,
            "closings": closings_of(agency),
            "exports": exports,
            # The page asks again until the file is there.
            "waiting": any(export.problems is None for export in exports),
            "here": f"{CRUMB[1]}?{urlencode(own)}",
            "may_close": user.can(MODULE, "create"),
            "may_export": user.can(MODULE, "export"),
            "balance_url": f"{reverse('sales:trial_balance')}?{urlencode(own)}",
            "close_url": f"{reverse('sales:close_books')}?{urlencode({'agency': agency.pk})}",
        }


class TrialBalanceView(BooksView):
    """The balance of a year: each account, and each client's; `?export=csv` and `xlsx` are its tables."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        agency, year, agencies, years = self.chosen()
        if agency is None:
            raise Http404
        sheets = [
            self.sheet(_("Trial balance"), balance_of(agency, year), agency, year),
            self.sheet(_("Clients"), balance_of(agency, year, by_client=True), agency, year, clients=True),
        ]
        user: Any = request.user
        kind = request.GET.get("export", "")
        if kind:
            if not user.can(MODULE, "export"):
                raise PermissionDenied
            check_own_name(request)
            return sheets_response(
                user=user,
                kind=kind,
                sheets=sheets,
                name=_("Trial balance"),
                key=MODULE,
                about=f"{agency} {year.year}",
            )
        query = urlencode({"agency": agency.pk, "year": year.year})
        exports = [
            {"label": label, "url": f"?{query}&export={each}"}
            for each, label in (("csv", "CSV"), ("xlsx", "XLSX"))
        ]
        context = {
            "agency": agency,
            "agencies": agencies,
            "year": year,
            "years": years,
            "sheets": sheets,
            "exports": exports if user.can(MODULE, "export") else [],
            "page_title": _("Trial balance"),
            "breadcrumbs": [CRUMB],
        }
        return render(request, "sales/accounting/balance.html", context)

    def sheet(
        self, title: str, rows: list[AccountSums], agency: Agency, year: FiscalYear, *, clients: bool = False
    ) -> Sheet:
        head = [
            _("Account of the client") if clients else _("Account"), _("Opening balance"), _("Debit"),
            _("Credit"), _("Debit balance"), _("Credit balance"),
        ]  # fmt: skip
        sheet = Sheet(title, head)
        for row in rows:
            url = lines_url(agency, year, account=row.account)
            if clients:
                url = (
                    reverse("sales:ledger", args=[row.client]) + f"?agency={agency.pk}" if row.client else ""
                )
            amounts = columns_of(row)
            cells = [Cell(amount, money(amount), url) if amount else Cell(amount) for amount in amounts[3:]]
            cells = [*(Cell(amount, money(amount) if amount else "") for amount in amounts[:3]), *cells]
            sheet.rows.append((f"{row.account} {row.label}", cells))
        if rows:
            sums = [sum(amounts, NOUGHT) for amounts in zip(*map(columns_of, rows), strict=True)]
            sheet.foot = (_("In all"), [Cell(amount, money(amount)) for amount in sums])
        return sheet


def columns_of(row: AccountSums) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
    """What stands in the columns of the trial balance."""
    return row.opening, row.debit, row.credit, max(row.balance, NOUGHT), max(-row.balance, NOUGHT)


class CloseBooksView(BooksView):
    """The last look before a period is closed: what would be final, from which day on."""

    action = "create"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request.GET)

    def page(self, asked: Any, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
        agency, _year, agencies, _years = self.chosen()
        if agency is None:
            raise Http404
        until, told = asked.get("until", ""), None
        if until and not problems:
            try:
                told = to_close(agency, self.day(until))
            except ValidationError as error:
                problems, status = list(error.messages), 422
        context = {
            "agency": agency,
            "agencies": agencies,
            "from": earliest_day(agency),
            "until": until,
            "told": told,
            "problems": problems or [],
            "page_title": _("Close the books of %(agency)s") % {"agency": agency},
            "breadcrumbs": [CRUMB],
            "back_url": f"{CRUMB[1]}?agency={agency.pk}",
        }
        return render(self.request, "sales/accounting/close.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        agency, *_rest = self.chosen()
        if agency is None:
            raise Http404
        try:
            if request.POST.get("sure") != "yes":
                raise ValidationError(_("Say that you know that a closing cannot be undone."))
            closing = close_books(
                user=request.user, agency=agency, until=self.day(request.POST.get("until", ""))
            )
        except ValidationError as error:
            return self.page(request.POST, list(error.messages), 422)
        day = date_format(closing.closed_until, "SHORT_DATE_FORMAT")
        toast(
            request, _("The books of %(agency)s are closed until %(day)s.") % {"agency": agency, "day": day}
        )
        return HttpResponseRedirect(f"{CRUMB[1]}?agency={agency.pk}")

    def day(self, text: str) -> Any:
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None or not 2000 <= day.year <= 2199:
            raise ValidationError(_("Say until which day."))
        return day


class FecView(BooksView):
    """A FEC asked for: a job makes it."""

    action = "export"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        check_own_name(request)
        agency, year, *_rest = self.chosen()
        if agency is None:
            raise Http404
        try:
            ask_for_fec(user=request.user, agency=agency, year=year.year)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(request, _("The FEC of %(year)s is being made: it will stand below.") % {"year": year.year})
        return HttpResponseRedirect(f"{CRUMB[1]}?{urlencode({'agency': agency.pk, 'year': year.year})}")


class FecFileView(GuardedView):
    """The file, or the text that describes it."""

    module = MODULE
    action = "export"
    described = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        check_own_name(request)
        export = (
            BookExport.objects.visible_to(request.user, "export")
            .select_related("agency")
            .filter(pk=pk)
            .first()
        )
        if export is None or not export.file:
            raise Http404
        period = fiscal_year(export.fiscal_year, export.agency.fiscal_month)
        name = file_name(export.agency.siren, period.last)
        if self.described:
            response = HttpResponse(
                description_of(export.agency, export.fiscal_year), content_type="text/plain; charset=utf-8"
            )
            name = name.replace(".txt", "_description.txt")
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        return send_file(request, export.file, name=name, mime="text/plain", etag=export.sha256)
