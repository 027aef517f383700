"""Pages of commissions: statements, their lines, one statement with its PDF."""

from typing import Any

from csp.constants import SELF
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext, pgettext_lazy

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import COUNT_LIMIT, Sort
from digiweb.sending import PDF, in_our_frame, send_drawn, send_file
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import UNPROCESSABLE, EditView
from digiweb.views.list import ListView
from digiweb.views.verb import VerbView
from sales.filters.commission import CommissionFilterSet, CommissionLineFilterSet
from sales.forms.commission import AdjustmentForm, CloseStatementForm, PayStatementForm
from sales.models import CommissionLine, CommissionStatement
from sales.services.commission import adjust_statement, recount_commissions, remove_adjustment
from sales.services.commission_closing import (
    ask_to_close,
    close_statement,
    pay_statement,
    pay_statements,
    unpay_statement,
)
from sales.services.commission_paper import ensure_pdf, file_name, pdf_of, sections_of
from sales.services.commission_rate import shown_terms
from sales.tables import commission as columns
from sales.tables.commission import (
    STATUS_COLOURS,
    CommissionLineTable,
    CommissionTable,
    lines_url,
    month_text,
)

MODULE = "sales.commission"
CRUMB = (gettext_lazy("Commissions"), "/sales/commissions/")


def close(*, user: Any, pks: Any, data: Any) -> Any:
    return ask_to_close(user=user, pks=list(pks))


def pay(*, user: Any, pks: Any, data: Any) -> None:
    pay_statements(user=user, pks=list(pks))


class CommissionListView(ListView):
    """Statements by month and person, within sight; each figure opens its lines."""

    module = MODULE
    model = CommissionStatement
    urls = "sales:commission"
    title = gettext_lazy("Commissions")
    filterset_class = CommissionFilterSet
    table = CommissionTable
    sorts = (
        Sort("-month", gettext_lazy("Latest month first"), ("month", "id"), descending=True),
        Sort("month", gettext_lazy("Earliest month first"), ("month", "id")),
        Sort("-total", gettext_lazy("Largest amount first"), ("total", "id"), descending=True),
        Sort("total", gettext_lazy("Smallest amount first"), ("total", "id")),
    )
    empty_text = gettext_lazy(
        "No commission yet: sales count once somebody has a rate, and statements are counted each night."
    )
    bulk_actions = (
        BulkAction(
            "close",
            pgettext_lazy("statement", "Close"),
            "lock",
            "change",
            close,
            done_label=ngettext_lazy(
                "%(count)s statement is being closed: the report comes when it is done.",
                "%(count)s statements are being closed: the report comes when they are done.",
                "count",
            ),
        ),
        BulkAction(
            "pay",
            pgettext_lazy("statement", "Mark as paid"),
            "cash",
            "change",
            pay,
            done_label=ngettext_lazy(
                "%(count)s statement looked at: those that were closed are marked as paid.",
                "%(count)s statements looked at: those that were closed are marked as paid.",
                "count",
            ),
        ),
    )

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        more: list[dict[str, Any]] = []
        if user.can(MODULE, "change"):
            url = reverse("sales:commission_recount")
            more.append({"label": _("Count again"), "url": url, "icon": "refresh", "post": True})
        lines = reverse("sales:commission_line_list")
        more.append({"label": _("Lines"), "url": lines, "icon": "list-details"})
        if user.can("sales.commissionrate", "view"):
            url = reverse("sales:commission_rate_list")
            more.append({"label": _("Rates"), "url": url, "icon": "percentage"})
        return more

    def notice(self) -> Any:
        """What the statements shown come to, as far as they are counted."""
        told = super().notice()
        if told or not self.filterset.is_valid():
            return told
        numbers = list(self.filtered().order_by().values_list("pk", flat=True)[: COUNT_LIMIT + 1])
        if not numbers or len(numbers) > COUNT_LIMIT:
            return ""
        rows: QuerySet = CommissionStatement.objects.visible_to(self.request.user).filter(pk__in=numbers)
        names = ("earned", "taken_back", "adjusted", "total")
        sums = rows.order_by().aggregate(**{name: Sum(name) for name in names})
        return _(
            "Earned: %(earned)s · taken back: %(taken_back)s · by hand: %(adjusted)s · total: %(total)s"
        ) % {name: money(sums[name] or 0) for name in names}


class CommissionBulkView(BulkView):
    """Closing and paying many."""

    list_view = CommissionListView
    breadcrumbs = (CRUMB,)


class CommissionLineListView(ListView):
    """The lines behind the figures."""

    module = MODULE
    model = CommissionLine
    urls = "sales:commission_line"
    title = gettext_lazy("Lines of commissions")
    filterset_class = CommissionLineFilterSet
    table = CommissionLineTable
    breadcrumbs = (CRUMB,)
    sorts = (
        Sort("-month", gettext_lazy("Latest month first"), ("month", "id"), descending=True),
        Sort("month", gettext_lazy("Earliest month first"), ("month", "id")),
        Sort("-amount", gettext_lazy("Largest amount first"), ("amount", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("amount", "id")),
    )
    empty_text = gettext_lazy("No line of commissions here.")

    def notice(self) -> Any:
        """What the lines shown come to."""
        told = super().notice()
        if told or not self.filterset.is_valid():
            return told
        numbers = list(self.filtered().order_by().values_list("pk", flat=True)[: COUNT_LIMIT + 1])
        if not numbers or len(numbers) > COUNT_LIMIT:
            return ""
        rows: QuerySet = CommissionLine.objects.visible_to(self.request.user).filter(pk__in=numbers)
        total = rows.order_by().aggregate(total=Sum("amount"))["total"]
        return _("These lines come to %(total)s.") % {"total": money(total or 0)}


class CommissionDetailView(DetailView):
    """One statement: its lines, its figures, its PDF."""

    module = MODULE
    model = CommissionStatement
    urls = "sales:commission"
    breadcrumbs = (CRUMB,)
    template_name = "sales/commission/detail.html"
    select_related = ("person",)
    facts = (
        (gettext_lazy("Statement"), (columns.PERSON, columns.NUMBER, columns.CLOSED, columns.SENT)),
        (
            gettext_lazy("Amounts"),
            (columns.EARNED, columns.TAKEN, columns.ADJUSTED, columns.TOTAL, columns.PAID),
        ),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        # Its own PDF stands in a frame.
        response._csp_replace = {"frame-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def subtitle(self, record: Any) -> Any:
        return f"{record.person} · {month_text(record.month)} · {money(record.total)}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.is_draft:
            add = {"label": _("Adjust"), "icon": "plus", "drawer": True, "url": self.url("adjust", record)}
            shut = {
                "label": pgettext("statement", "Close"),
                "icon": "lock",
                "drawer": True,
                "url": self.url("close", record),
            }
            return [{**shut, "primary": True}, add]
        if record.status == CommissionStatement.Status.CLOSED:
            paid = {"label": pgettext("statement", "Mark as paid"), "icon": "cash", "drawer": True}
            return [{**paid, "primary": True, "url": self.url("pay", record)}]
        return []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines: list[dict[str, Any]] = [
            {"label": _("PDF"), "icon": "file-type-pdf", "url": self.url("pdf", record)},
            {"label": _("Lines as a list"), "icon": "list-details", "url": lines_url(record)},
        ]
        if record.status == CommissionStatement.Status.PAID and user.may("change", record):
            back = {"label": _("Take the mark of payment back"), "icon": "arrow-back-up", "post": True}
            lines.append({**back, "url": self.url("unpay", record)})
        return lines

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = kwargs["object"]
        user: Any = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "sections": sections_of(statement),
            "may_adjust": statement.is_draft and user.may("change", statement),
            "pdf_url": self.url("pdf", statement),
            "terms": shown_terms(),
        }


class CommissionRecountView(GuardedView):
    """The drafts, counted again now."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        recount_commissions()
        toast(request, _("The open statements are up to date."))
        return HttpResponseRedirect(reverse("sales:commission_list"))


class StatementStepView(EditView):
    """What the steps of a statement share: a page or drawer that asks, then the service."""

    module = MODULE
    model: type[Record] = CommissionStatement
    select_related = ("person",)
    breadcrumbs = (CRUMB,)


class CommissionAdjustView(StatementStepView):
    """An amount by hand."""

    form_class = AdjustmentForm
    submit_label = gettext_lazy("Add the adjustment")

    def get_title(self) -> Any:
        return _("Adjust “%(statement)s”") % {"statement": self.get_instance()}

    def save(self, form: Any) -> CommissionStatement:
        statement: CommissionStatement = self.get_instance()
        data = form.cleaned_data
        adjust_statement(
            user=self.request.user, statement=statement, amount=data["amount"], note=data["note"]
        )
        return statement

    def get_success_text(self, record: Any) -> str:
        return _("The adjustment is on the statement.")


class CommissionPayView(StatementStepView):
    """It was paid out."""

    form_class = PayStatementForm
    submit_label = pgettext_lazy("statement", "Mark as paid")

    def get_title(self) -> Any:
        return _("“%(statement)s” was paid out") % {"statement": self.get_instance()}

    def save(self, form: Any) -> CommissionStatement:
        statement: CommissionStatement = self.get_instance()
        return pay_statement(user=self.request.user, statement=statement, on=form.cleaned_data["paid_on"])

    def get_success_text(self, record: Any) -> str:
        return _("The statement is marked as paid.")


class CommissionCloseView(StatementStepView):
    """Final from now on."""

    form_class = CloseStatementForm
    submit_label = gettext_lazy("Close the statement")

    def get_title(self) -> Any:
        return _("Close “%(statement)s”?") % {"statement": self.get_instance()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        top = {"form_top": "sales/commission/close_top.html", "statement": self.get_instance()}
        return {**super().get_context_data(**kwargs), **top}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without a transaction around it: what was counted afresh stays, also where closing is refused."""
        statement: CommissionStatement = self.get_instance()
        form = self.build_form(request.POST)
        if not form.is_valid():
            return self.answer(form, status=UNPROCESSABLE)
        total = form.cleaned_data["total"]
        try:
            close_statement(user=request.user, statement=statement, total=total)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(request, _("“%(statement)s” is closed and on its way.") % {"statement": statement})
        left = CommissionStatement.objects.visible_to(request.user).filter(pk=statement.pk).exists()
        url = statement.get_absolute_url() if left else reverse("sales:commission_list")
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


class CommissionUnpayView(VerbView):
    """The mark of payment taken back."""

    module = MODULE
    model = CommissionStatement
    done = gettext_lazy("The mark of payment is taken back.")

    @staticmethod
    def verb(*, user: Any, commissionstatement: CommissionStatement) -> None:
        unpay_statement(user=user, statement=commissionstatement)


class CommissionLineRemoveView(VerbView):
    """An adjustment taken off."""

    module = MODULE
    model = CommissionLine
    select_related = ("statement",)
    done = gettext_lazy("The adjustment is taken off.")

    @staticmethod
    def verb(*, user: Any, commissionline: CommissionLine) -> None:
        remove_adjustment(user=user, line=commissionline)


class CommissionPdfView(RecordMixin):
    """The PDF: kept where it is closed, drawn afresh before."""

    module = MODULE
    model = CommissionStatement
    action = "view"
    select_related = ("person",)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        statement = self.get_object()
        name = file_name(statement)
        ensure_pdf(statement)
        if statement.pdf:
            etag = statement.pdf_sha256
            kept = send_file(request, statement.pdf, name=name, mime=PDF, inline=True, etag=etag)
            return in_our_frame(kept)
        return in_our_frame(send_drawn(pdf_of(statement), name=name))
