"""Pages of payments: to look at; other systems write them."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.templatetags.digiweb import money, number
from digiweb.views.detail import DetailView
from digiweb.views.list import ListView
from sales.filters.payment_record import PaymentRecordFilterSet
from sales.models import PaymentRecord
from sales.services.payment_record import SUM_LIMIT, Sums, sums_of
from sales.tables import payment_record as columns
from sales.tables.payment_record import STATUS_COLOURS, PaymentRecordTable

MODULE = "sales.paymentrecord"
CRUMB = (gettext_lazy("Payments"), "/sales/payments/")
DAY_FACT = Column("paid_on", gettext_lazy("Date"))


class PaymentRecordListView(ListView):
    """All payments within sight, and what those that are shown come to."""

    module = MODULE
    model = PaymentRecord
    urls = "sales:payment_record"
    title = gettext_lazy("Payments")
    filterset_class = PaymentRecordFilterSet
    table = PaymentRecordTable
    sorts = (
        Sort("-paid", gettext_lazy("Latest first"), ("paid_key", "id"), descending=True),
        Sort("paid", gettext_lazy("Earliest first"), ("paid_key", "id")),
        Sort("-amount", gettext_lazy("Largest amount first"), ("amount", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("amount", "id")),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy("No payment yet: the import brings them.")

    @cached_property
    def sums(self) -> Sums:
        """What the filtered payments come to, as far as they are added up."""
        return sums_of(self.filtered_portions())

    def count(self) -> tuple[int, bool]:
        """Counted while they are added up."""
        return self.sums.number, self.sums.capped

    def notice(self) -> Any:
        """The sums of what is filtered."""
        if not self.filterset.is_valid():
            return super().notice()
        sums = self.sums
        if not sums.number:
            return super().notice()
        amounts = [
            (pgettext("payments", "paid"), sums.paid),
            (pgettext("payments", "pending"), sums.pending),
            (pgettext("payments", "rejected"), sums.rejected),
            (pgettext("payments", "refunded"), sums.refunded),
            (pgettext("payments", "unknown"), sums.unknown),
        ]
        told = ", ".join(f"{money(amount)} {label}" for label, amount in amounts if amount)
        told = told or money(0)
        if sums.capped:
            limit = number(SUM_LIMIT)
            return _("Of %(limit)s of these payments, no more are added up: %(sums)s.") % {
                "limit": limit,
                "sums": told,
            }
        return ngettext("%(count)s payment: %(sums)s.", "%(count)s payments: %(sums)s.", sums.number) % {
            "count": number(sums.number),
            "sums": told,
        }


class PaymentRecordDetailView(DetailView):
    """One payment."""

    module = MODULE
    model = PaymentRecord
    urls = "sales:payment_record"
    breadcrumbs = (CRUMB,)
    select_related = ("client__company", "client__contact", "contract")
    facts = (
        (gettext_lazy("Payment"), (columns.AMOUNT, DAY_FACT, columns.METHOD, columns.STATUS)),
        (gettext_lazy("For whom"), (columns.CLIENT, columns.CONTRACT, columns.CREATED)),
    )

    def subtitle(self, record: Any) -> Any:
        return f"{money(record.amount)} · {record.client}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS.get(record.status, "slate")}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        return []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return []
