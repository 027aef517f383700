"""Pages of bank statements: the files, which column is what, and line by line what each is."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.models import Record, StaleVersion
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.edit import CreateView
from digiweb.views.jobs import job_context
from digiweb.views.list import ListView
from digiweb.views.verb import AskingVerbView
from sales.filters.statement import StatementFilterSet
from sales.forms.statement import ColumnsForm, LineForm, StatementForm
from sales.models import BankLine, BankStatement, Invoice, Payment
from sales.services.statement import (
    ignore_line,
    link_line,
    method_of,
    record_line,
    refund_line,
    remove_statement,
    reopen_line,
    return_line,
    start_reading,
    table_of,
    upload_statement,
)
from sales.services.statement_certain import confirm_certain, job_of
from sales.statement_page import described, fault_words
from sales.tables.statement import StatementTable

MODULE = "sales.statement"
MONEY = (gettext_lazy("Settlements"), "/sales/money/")
CRUMB = (gettext_lazy("Bank statements"), "/sales/money/statements/")
PAGE, SAMPLE = 50, 6


class StatementListView(ListView):
    """The files of the bank."""

    module = MODULE
    model = BankStatement
    urls = "sales:statement"
    title = gettext_lazy("Bank statements")
    filterset_class = StatementFilterSet
    table = StatementTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    breadcrumbs = (MONEY,)
    create_label = gettext_lazy("Add a statement")
    drawing = "empty-import"
    empty_text = gettext_lazy("No statement yet: export one of your bank as CSV and add it.")

    def rows_queryset(self) -> Any:
        return super().rows_queryset().defer("content", "faults", "header", "columns")


class StatementCreateView(CreateView):
    """The file."""

    module = MODULE
    model: type[Record] = BankStatement
    form_class = StatementForm
    urls = "sales:statement"
    breadcrumbs = (MONEY, CRUMB)
    title = gettext_lazy("Add a bank statement")
    submit_label = gettext_lazy("Continue")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.in_drawer():  # a file goes by a page of its own
            return HttpResponse(status=204, headers={"HX-Redirect": request.path})
        return super().get(request, *args, **kwargs)

    def save(self, form: Any) -> BankStatement:
        file = form.cleaned_data["file"]
        return upload_statement(
            user=self.request.user, agency=form.cleaned_data["agency"], name=file.name, content=file.read()
        )

    def get_success_text(self, record: Any) -> str:
        return _("Look at which column is what, then have it read.")


class StatementMixin(RecordMixin):
    """One statement."""

    module = MODULE
    model = BankStatement
    action = "change"
    select_related = ("agency",)


class StatementDetailView(StatementMixin):
    """Which column is what; once it is read, its lines."""

    action = "view"
    breadcrumbs = (MONEY, CRUMB)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        statement = self.get_object()
        if statement.state == BankStatement.State.UPLOADED:
            return self.set_up(statement)
        return self.lines(statement)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The columns; the file is read by them."""
        statement, user = self.get_object(), self.request.user
        if not user.can(MODULE, "change"):  # type: ignore[union-attr]
            return HttpResponse(status=403)
        if statement.state != BankStatement.State.UPLOADED:
            return HttpResponseRedirect(statement.get_absolute_url())
        form = ColumnsForm(request.POST, table=table_of(statement.content))
        if not form.is_valid():
            return self.set_up(statement, form, 422)
        try:
            start_reading(
                user=user,
                statement=statement,
                columns=form.columns(),
                version=form.cleaned_data["version"],
            )
        except StaleVersion:
            return HttpResponseRedirect(statement.get_absolute_url())
        except ValidationError as error:
            form.add_error(None, error)
            return self.set_up(statement, form, 422)
        return HttpResponseRedirect(statement.get_absolute_url())

    def set_up(self, statement: Any, form: Any = None, status: int = 200) -> HttpResponse:
        table = table_of(statement.content)
        initial = {**statement.columns, "version": statement.version}
        context = self.get_context_data(
            object=statement,
            form=form or ColumnsForm(initial=initial, table=table),
            header=[table.header[at] if at < len(table.header) else "" for at in range(table.width)],
            rows=[cells for _number, cells in table.rows[:SAMPLE]],
            row_count=len(table.rows),
            may_remove=self.may_remove(),
            page_title=statement.name,
        )
        return render(self.request, "sales/statement/set_up.html", context, status=status)

    def may_remove(self) -> bool:
        user: Any = self.request.user
        return bool(user.can(MODULE, "delete"))

    def lines(self, statement: Any) -> HttpResponse:
        user: Any = self.request.user
        asked = self.request.GET.get("state", "")
        state = asked if asked in BankLine.State.values else BankLine.State.WAITING
        after = whole_number(self.request.GET.get("after", "")) or 0
        rows = statement.lines.filter(state=state, pk__gt=after).order_by("pk")
        shown = list(rows.select_related("payment", "payment__undone_by")[: PAGE + 1])
        more = len(shown) > PAGE
        shown = shown[:PAGE]
        job = job_of(statement)
        base = statement.get_absolute_url()
        context = self.get_context_data(
            object=statement,
            lines=described(user, statement, shown),
            states=[
                {
                    "label": label,
                    "url": f"{base}?state={value}",
                    "active": value == state,
                    "count": statement.lines.filter(state=value).count(),
                }
                for value, label in BankLine.State.choices
            ],
            next_url=f"{base}?state={state}&after={shown[-1].pk}" if more else "",
            faults=fault_words(statement),
            more_faults=max(statement.fault_count - len(statement.faults), 0),
            may_remove=self.may_remove() and not statement.lines.exclude(payment=None).exists(),
            may=user.can(MODULE, "change") and user.can("sales.payment", "create"),
            known=statement.lines_read - statement.lines_new,
            job=job_context(job, user) if job is not None else None,
            page_title=statement.name,
        )
        return render(self.request, "sales/statement/lines.html", context)


class StatementRemoveView(StatementMixin, AskingVerbView):
    """A file that should not be here taken away; back to the list."""

    action = "delete"
    breadcrumbs = (MONEY, CRUMB)
    danger = True
    question = gettext_lazy("Remove the statement “%(bankstatement)s”?")
    label = gettext_lazy("Remove the statement")

    def consequences(self, record: Any) -> list[Any]:
        return [
            _("Its lines go with it. Once they are recorded as payments, it stays."),
            _("The file may be added again, to the right agency."),
        ]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        statement = self.get_object()
        name, where = str(statement), reverse("sales:statement_list")
        try:
            remove_statement(user=request.user, statement=statement)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            where = statement.get_absolute_url()
        else:
            toast(request, _("“%(statement)s” was removed.") % {"statement": name})
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": where})
        return HttpResponseRedirect(where)


class StatementCertainView(StatementMixin):
    """All lines of which it is certain what they are, at once or by a job."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        return super().is_allowed() and records_payments(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        statement = self.get_object()
        done = confirm_certain(user=request.user, statement=statement)
        if done is None:
            toast(request, _("The lines are being recorded: this page tells when it is done."), level="info")
        else:
            text = ngettext("%(count)s line recorded.", "%(count)s lines recorded.", done) % {"count": done}
            toast(request, text)
        return HttpResponseRedirect(statement.get_absolute_url())


def records_payments(user: Any) -> bool:
    return bool(user.can("sales.payment", "create") and user.can("sales.payment", "change"))


class LineMixin(StatementMixin):
    """One line of a statement that one sees."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        return super().is_allowed() and records_payments(self.request.user)

    def line(self) -> BankLine:
        statement = self.get_object()
        line = statement.lines.filter(pk=self.kwargs["line"]).select_related("agency").first()
        if line is None:
            raise Http404
        found: BankLine = line
        return found

    def back(self) -> HttpResponse:
        state = self.request.POST.get("state", "")
        query = f"?state={state}" if state in BankLine.State.values else ""
        url = reverse("sales:statement_detail", args=[self.kwargs["pk"]])
        return HttpResponseRedirect(f"{url}{query}#lines")

    def post(self, request: HttpRequest, pk: int, line: int) -> HttpResponse:
        try:
            toast(request, self.act(self.line()))
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        return self.back()

    def act(self, line: BankLine) -> str:
        raise NotImplementedError


class LineConfirmView(LineMixin):
    """A proposal taken."""

    def act(self, line: BankLine) -> str:
        token = self.request.POST.get("as", "")
        payment = take(self.request.user, line, token)
        return _("%(amount)s recorded.") % {"amount": money(payment.sign * payment.amount)}


class LineIgnoreView(LineMixin):
    """It is none of ours."""

    def act(self, line: BankLine) -> str:
        ignore_line(user=self.request.user, line=line)
        return _("The line is ignored.")


class LineReopenView(LineMixin):
    """It waits again."""

    def act(self, line: BankLine) -> str:
        reopen_line(user=self.request.user, line=line)
        return _("The line waits again.")


def take(user: Any, line: BankLine, token: str) -> Payment:
    """Do what a proposal says (`Proposal.token`). Raises ValidationError; the services check all of it."""
    kind, _colon, text = token.partition(":")
    if kind == "invoices":
        return record_line(user=user, line=line, matches=_matches(text))
    number = whole_number(text) or 0
    if kind == "credit_note":
        note = Invoice.objects.visible_to(user).filter(pk=number).first()
        if note is not None:
            return refund_line(user=user, line=line, note=note)
    # Taking one back changes it; the others ask what they need themselves.
    action = "change" if kind == "return" else "view"
    payment = Payment.objects.visible_to(user, action).filter(pk=number).select_related("agency").first()
    verbs = {"known": link_line, "return": return_line, "over_payment": refund_line}
    if payment is None or kind not in verbs:
        raise ValidationError(_("This proposal is none of this line."))
    return verbs[kind](user=user, line=line, payment=payment)  # type: ignore[operator]


def _matches(text: str) -> dict[int, Decimal]:
    """{number: euros} of « 12=100.00,13=20.00 »."""
    found = {}
    for part in text.split(",")[:50]:
        number, _equals, amount = part.partition("=")
        pk = whole_number(number)
        try:
            found[pk or 0] = Decimal(amount)
        except InvalidOperation:
            raise ValidationError(_("This proposal is none of this line.")) from None
    return found


class LineEditView(LineMixin, CreateView):  # type: ignore[misc]
    """A credit recorded by hand: whose it is, for which invoices."""

    http_method_names = ["get", "post"]
    form_class = LineForm
    title = gettext_lazy("Record the line")
    submit_label = gettext_lazy("Record the payment")
    breadcrumbs = (MONEY, CRUMB)

    def get_instance(self) -> Any:
        return Payment()

    def get_initial(self) -> dict[str, Any]:
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        line = self.line()
        return {
            "initial": {
                "agency": line.agency_id,
                "received_on": line.day,
                "amount": line.amount,
                "reference": line.label[:140],
                "method": method_of(line.label),
            }
        }

    def build_form(self, data: Any = None) -> Any:
        kwargs = {"instance": self.get_instance(), "user": self.request.user, **self.form_kwargs()}
        return self.form_class(data, **kwargs) if data is not None else self.form_class(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form: Any = self.build_form(request.POST)
        if form.is_valid() and not form.shows_all:
            form.show_invoices()
            form.full_clean()
            form.add_error(None, _("Look at what it pays, then record it."))
            return self.answer(form, status=422)
        return CreateView.post(self, request, *args, **kwargs)

    def save(self, form: Any) -> Payment:
        data = form.cleaned_data
        names = ("client", "method", "payer", "reference", "note")
        return record_line(
            user=self.request.user,
            line=self.line(),
            matches=form.matches(),
            **{name: data[name] for name in names},
        )

    def get_success_text(self, record: Any) -> str:
        return _("%(amount)s recorded.") % {"amount": money(record.amount)}

    def get_success_url(self, record: Any) -> str:
        return reverse("sales:statement_detail", args=[self.kwargs["pk"]])
