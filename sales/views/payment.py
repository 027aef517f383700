"""Pages of payments (« règlements »): list, record, how one is recorded. What follows is in
payment_verbs.py."""

from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import COUNT_LIMIT, Sort
from digiweb.tables import Column, choose
from digiweb.templatetags.digiweb import money
from digiweb.views.detail import DetailView
from digiweb.views.edit import UNPROCESSABLE, CreateView
from digiweb.views.field import field_asked
from digiweb.views.list import ListView
from sales.filters.payment import PaymentFilterSet
from sales.forms.payment import PaymentForm
from sales.models import Invoice, Payment
from sales.payment_page import matches_of, neighbours_of
from sales.services.payment import record_payment
from sales.tables import payment as columns
from sales.tables.payment import PaymentTable, colour_of

MODULE = "sales.payment"
CRUMB = (gettext_lazy("Settlements"), "/sales/money/")
HEAVY = ("client__identity_card", "client__health_lines", "client__search_text", "note")
AMOUNT = DecimalField(max_digits=16, decimal_places=2)


class PaymentListView(ListView):
    """All payments within sight; filtered, the tab of a client."""

    module = MODULE
    model = Payment
    urls = "sales:payment"
    title = gettext_lazy("Settlements")
    filterset_class = PaymentFilterSet
    table = PaymentTable
    sorts = (
        Sort("-day", gettext_lazy("Latest first"), ("received_on", "id"), descending=True),
        Sort("day", gettext_lazy("Earliest first"), ("received_on", "id")),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("-amount", gettext_lazy("Largest amount first"), ("amount", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("amount", "id")),
        Sort("name", gettext_lazy("Paid by, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Paid by, Z to A"), ("sort_name", "id"), descending=True),
    )
    create_label = gettext_lazy("Record a payment")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No payment yet: record the first one, here or from an invoice.")

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if self.within or not user.can("sales.statement", "view"):
            return []
        url = reverse("sales:statement_list")
        return [{"label": _("Bank statements"), "url": url, "icon": "building-bank"}]

    @cached_property
    def columns(self) -> list[Column]:
        """On a client's page the client goes without saying."""
        shown = choose(self.all_columns, self.preference.columns if self.preference else [])
        without = {"client": ("client", "payer")}.get(self.within, (self.within,))
        return [column for column in shown if column.name not in without] or shown

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer(*HEAVY)

    def notice(self) -> Any:
        """What the rows come to, as far as they are counted: received less paid back, and what is left."""
        told = super().notice()
        if told or not self.filterset.is_valid():
            return told
        numbers = list(self.filtered().order_by().values_list("pk", flat=True)[: COUNT_LIMIT + 1])
        if not numbers or len(numbers) > COUNT_LIMIT:
            return ""
        came = Q(kind=Payment.Kind.RECEIPT)
        sums = (
            Payment.objects.visible_to(self.request.user)
            .filter(pk__in=numbers)
            .aggregate(
                came=Sum(Case(When(came, then=F("amount")), default=Value(0), output_field=AMOUNT)),
                went=Sum(Case(When(came, then=Value(0)), default=F("amount"), output_field=AMOUNT)),
                left=Sum("left"),
            )
        )
        return _("Received: %(came)s · paid back or returned: %(went)s · left to match: %(left)s") % {
            name: money(sums[name] or 0) for name in ("came", "went", "left")
        }


class PaymentDetailView(DetailView):
    """One payment: its matches, what stands around it, what happened."""

    module = MODULE
    model = Payment
    urls = "sales:payment"
    breadcrumbs = (CRUMB,)
    select_related = (
        "agency", "client__company", "client__contact", "owner", "letter", "undoes", "undone_by", "refunds",
    )  # fmt: skip
    facts = (
        (
            gettext_lazy("Settlement"),
            (columns.AMOUNT, columns.DAY_FACT, columns.METHOD, columns.REFERENCE, columns.NOTE),
        ),
        (
            gettext_lazy("Matching"),
            (columns.MATCHED, columns.LEFT, columns.LETTER),
        ),
        (gettext_lazy("From whom"), (columns.PAYER, columns.CLIENT, columns.AGENCY)),
        (gettext_lazy("Follow-up"), (columns.OWNER, columns.CREATED)),
    )
    side = ("sales/payment/side.html",)

    def subtitle(self, record: Any) -> Any:
        parts = (record.payer or str(record.client or ""), money(record.sign * record.amount))
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": colour_of(record)}

    def verb(self, name: str, label: str, icon: str, record: Any, **more: Any) -> dict[str, Any]:
        url = reverse(f"sales:payment_{name}", args=[record.pk])
        return {"label": label, "icon": icon, "url": url, "drawer": True, **more}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.kind != Payment.Kind.RECEIPT or not record.left:
            return []
        found = [self.verb("match", _("Match"), "link", record, primary=True)]
        user: Any = self.request.user
        if user.can(MODULE, "create"):
            found.append(self.verb("refund", _("Pay back"), "receipt-refund", record))
        return found

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        undone = getattr(record, "undone_by", None) is not None
        if not user.may("change", record) or undone or record.is_correction:
            return []
        lines = []
        if record.kind == Payment.Kind.RECEIPT:
            lines.append(self.verb("return", _("Returned by the bank"), "arrow-back-up", record))
        return [*lines, self.verb("undo", _("Undo"), "x", record, danger=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payment, user = kwargs["object"], self.request.user
        return {
            **super().get_context_data(**kwargs),
            "matches": matches_of(user, payment),
            "neighbours": neighbours_of(user, payment),
        }


class PaymentCreateView(CreateView):
    """A payment by hand: from the menu, from an invoice, from a client."""

    module = MODULE
    model: type[Record] = Payment
    form_class = PaymentForm
    urls = "sales:payment"
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("Record a payment")
    submit_label = gettext_lazy("Record the payment")

    def form_kwargs(self) -> dict[str, Any]:
        number = whole_number(self.request.GET.get("invoice", ""))
        if not number:
            return {}
        rows = Invoice.objects.visible_to(self.request.user).select_related("agency", "client")
        unpaid = rows.filter(status=Invoice.Status.ISSUED, balance__gt=0)
        return {"invoice": unpaid.exclude(kind=Invoice.Kind.CREDIT_NOTE).filter(pk=number).first()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not field_asked(request):
            form: Any = self.build_form(request.POST)
            if form.is_valid() and not form.shows_all:
                form.show_invoices()
                form.full_clean()
                form.add_error(None, _("Look at what it pays, then record it."))
                return self.answer(form, status=UNPROCESSABLE)
        return super().post(request, *args, **kwargs)

    def save(self, form: Any) -> Payment:
        data = form.cleaned_data
        names = ("agency", "client", "received_on", "amount", "method", "payer", "reference", "note")
        return record_payment(
            user=self.request.user, matches=form.matches(), **{name: data[name] for name in names}
        )

    def get_success_text(self, record: Any) -> str:
        if record.left:
            return _("%(amount)s recorded; %(left)s are left to match.") % {
                "amount": money(record.amount),
                "left": money(record.left),
            }
        return _("%(amount)s recorded.") % {"amount": money(record.amount)}
