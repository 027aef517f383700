"""Pages of recurring invoices: what is to be invoiced until when, and each plan with its preview."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import COUNT_LIMIT, Page, Sort
from digiweb.templatetags.digiweb import money
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from digiweb.views.verb import VerbView
from sales.filters.billing_plan import BillingPlanFilterSet
from sales.forms.billing_plan import BillForm, BillingPlanForm, PriceForm
from sales.models import BillingPlan, Contract, Invoice, Subscription
from sales.services.billing_faults import find_faults
from sales.services.billing_plan import (
    AROUND,
    change_plan,
    contract_plan,
    create_plan,
    delete_plans,
    next_bills,
    resume_plan,
    stop_plan,
    subscription_plan,
)
from sales.services.billing_price import add_price
from sales.services.billing_run import ask_to_bill
from sales.services.invoice_issue import ISSUING
from sales.tables import billing_plan as columns
from sales.tables.billing_plan import STATUS_COLOURS, BillingPlanTable, faults_of
from sales.tables.invoice import colour_of, status_text

MODULE = "sales.billingplan"
CRUMB = (gettext_lazy("Recurring invoices"), "/sales/recurring/")
# What forms ask of the source's plan where a new one is begun.
PROPOSED = ("period", "starts_on", "payment_method")
SHOWN = 12
HEAVY = (
    "client__identity_card",
    "client__health_lines",
    "client__search_text",
    "client__company__search_text",
    "client__contact__search_text",
)


def prepare(*, user: Any, pks: Any, data: Any) -> Any:
    return ask_to_bill(user=user, pks=list(pks), until=data["until"])


def issue(*, user: Any, pks: Any, data: Any) -> Any:
    return ask_to_bill(user=user, pks=list(pks), until=data["until"], issue=True)


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_plans(user=user, pks=pks, batch=data["batch"])


class BillingPlanListView(ListView):
    """All plans within sight, what is due first; filtered, the tab of a client."""

    module = MODULE
    model = BillingPlan
    urls = "sales:billing_plan"
    title = gettext_lazy("Recurring invoices")
    filterset_class = BillingPlanFilterSet
    table = BillingPlanTable
    sorts = (
        Sort("next", gettext_lazy("Next invoice first"), ("next_key", "id")),
        Sort("-next", gettext_lazy("Next invoice last"), ("next_key", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("name", gettext_lazy("Client, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Client, Z to A"), ("sort_name", "id"), descending=True),
    )
    drawing = "empty-generic"
    empty_text = gettext_lazy(
        "Nothing is invoiced regularly yet: open a subscription or a contract and choose “Invoice regularly”."
    )
    bulk_actions = (
        BulkAction(
            "prepare",
            gettext_lazy("Prepare"),
            "file-plus",
            "change",
            prepare,
            BillForm,
            done_label=ngettext_lazy(
                "%(count)s plan is being prepared: the report comes when it is done.",
                "%(count)s plans are being prepared: the report comes when they are done.",
                "count",
            ),
        ),
        BulkAction(
            "issue",
            gettext_lazy("Issue"),
            "file-check",
            "change",
            issue,
            BillForm,
            done_label=ngettext_lazy(
                "%(count)s plan is being invoiced: the report comes when it is done.",
                "%(count)s plans are being invoiced: the report comes when they are done.",
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
            confirm_label=ngettext_lazy("Delete %(count)s plan", "Delete %(count)s plans", "count"),
            done_label=ngettext_lazy("%(count)s plan deleted.", "%(count)s plans deleted.", "count"),
        ),
    )

    def allowed_bulk_actions(self) -> list[BulkAction]:
        user: Any = self.request.user
        drafts, issues = user.can("sales.invoice", "create"), user.can(ISSUING, "create")
        allowed = {"prepare": drafts, "issue": drafts and issues}
        return [action for action in super().allowed_bulk_actions() if allowed.get(action.name, True)]

    def rows_queryset(self) -> QuerySet:
        # Whole rows of those around: what lacks for an invoice is looked up in their columns.
        return super().rows_queryset().defer(None).select_related(*AROUND).defer(*HEAVY)

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        rows = super()._rows(page)
        if not any(column.name == columns.FAULTS.name for column in self.columns):
            return rows
        find_faults([row["record"] for row in rows])
        for row in rows:
            for cell in row["cells"]:
                if cell["name"] == columns.FAULTS.name:
                    cell["html"] = columns.FAULTS.html(row["record"])
        return rows

    def extra_actions(self) -> list[dict[str, Any]]:
        """What is due today, and what comes until the end of the month."""
        today = timezone.localdate()
        if self.within or self.request.GET.get("due"):
            return []
        return [
            {"label": _("Due today"), "url": f"{self.request.path}?due={today}", "icon": "calendar-due"},
            {
                "label": _("Until the end of next month"),
                "url": f"{self.request.path}?due={end_of_next_month(today)}",
                "icon": "calendar-month",
            },
        ]

    def notice(self) -> Any:
        """What the next invoices of the list come to."""
        told = super().notice()
        if told or not self.filterset.is_valid():
            return told
        rows: QuerySet = self.filtered().filter(next_on__isnull=False).order_by()
        numbers = list(rows.values_list("pk", flat=True)[: COUNT_LIMIT + 1])
        if not numbers or len(numbers) > COUNT_LIMIT:
            return ""
        mine = BillingPlan.objects.visible_to(self.request.user).filter(pk__in=numbers)
        total = mine.aggregate(total=Sum("next_net"))["total"] or 0
        text = ngettext(
            "%(count)s invoice to come: %(net)s before tax", "%(count)s invoices to come: %(net)s before tax",
            len(numbers),
        )  # fmt: skip
        return text % {"count": len(numbers), "net": money(total)}


def end_of_next_month(day: date) -> date:
    first = day.replace(day=1)
    for _turn in range(2):
        first = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first - timedelta(days=1)


class BillingPlanBulkView(BulkView):
    """Actions on many plans."""

    list_view = BillingPlanListView
    breadcrumbs = (CRUMB,)

    def name_of(self, record: Any) -> str:
        """Whose it is: many clients have the same subscription."""
        return f"{record.client} · {record}"


class BillingPlanDetailView(DetailView):
    """One plan: what comes next, what was made, what lacks."""

    module = MODULE
    model = BillingPlan
    urls = "sales:billing_plan"
    breadcrumbs = (CRUMB,)
    select_related = AROUND
    template_name = "sales/billing_plan/detail.html"
    facts = (
        (gettext_lazy("Period"), (columns.PERIOD, columns.TIMING, columns.DAY, columns.START, columns.UNTIL)),
        (
            gettext_lazy("Invoice"),
            (columns.CLIENT, columns.AGENCY, columns.METHOD, columns.RATE, columns.ORDER),
        ),
    )
    editable = ("day", "payment_method", "order_reference")
    side = ("sales/billing_plan/side.html",)

    def subtitle(self, record: Any) -> Any:
        return record.client

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        stopped = record.status == BillingPlan.Status.STOPPED
        name, label, icon = (
            ("resume", _("Take up again"), "player-play") if stopped else ("stop", _("Stop"), "player-pause")
        )
        more = {
            "label": label,
            "icon": icon,
            "post": True,
            "url": reverse(f"{self.urls}_{name}", args=[record.pk]),
        }
        return [*super().actions(record), more]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines: list[dict[str, Any]] = []
        if record.subscription is not None and user.can("sales.subscription", "change", record.subscription):
            price = {"label": _("Another price from a day"), "icon": "coin-euro", "drawer": True}
            lines.append({**price, "url": reverse("sales:subscription_price", args=[record.subscription_id])})
        return [*lines, *super().menu(record)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: BillingPlan = kwargs["object"]
        find_faults([plan])
        mine = Invoice.objects.visible_to(self.request.user).filter(once_key__startswith=f"plan-{plan.pk}-")
        invoices: list[Any] = list(mine.defer("facts", "terms", "introduction").order_by("-pk")[:SHOWN])
        for invoice in invoices:
            invoice.colour, invoice.word = colour_of(invoice), status_text(invoice)
        stopped = plan.status == BillingPlan.Status.STOPPED
        return super().get_context_data(
            bills=[] if stopped else next_bills(plan), invoices=invoices, faults=faults_of(plan), **kwargs
        )


class BillingPlanFormView(FormView):
    """What creating and editing a plan share."""

    module = MODULE
    model: type[Record] = BillingPlan
    form_class = BillingPlanForm
    urls = "sales:billing_plan"
    breadcrumbs = (CRUMB,)


class BillingPlanCreateView(BillingPlanFormView, CreateView):
    """A new plan, from the page of a subscription or a contract."""

    source: Any = None

    submit_label = gettext_lazy("Invoice regularly")

    def get_title(self) -> Any:
        if self.source is None:
            return _("Invoice regularly")
        return _("Invoice “%(source)s” regularly") % {"source": self.source}

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        sources: Any = (
            ("subscription", Subscription, subscription_plan),
            ("contract", Contract, contract_plan),
        )
        for name, model, propose in sources:
            pk = whole_number(self.request.GET.get(name, "")) or 0
            source = model.objects.visible_to(self.request.user).filter(pk=pk).first()
            if source is not None:
                self.source = source
                plan = propose(source)
                initial |= {field: getattr(plan, field) for field in PROPOSED} | {name: source.pk}
        return initial

    def save(self, form: Any) -> BillingPlan:
        return create_plan(user=self.request.user, plan=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("sales:billing_plan_list")


class BillingPlanEditView(BillingPlanFormView, EditView):
    """A plan changed: whole, or one field in place."""

    select_related = AROUND

    def save(self, form: Any) -> BillingPlan:
        plan: BillingPlan = self.get_instance()
        change_plan(
            user=self.request.user, plan=plan, values=form.values(), version=form.cleaned_data["version"]
        )
        return plan

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return BillingPlanDetailView.fact_named(record, name)


class BillingPlanVerbView(VerbView):
    """What the buttons of a plan share."""

    module = MODULE
    model = BillingPlan
    select_related = AROUND


class BillingPlanStopView(BillingPlanVerbView):
    """Nothing more is invoiced."""

    done = gettext_lazy("“%(billingplan)s” is not invoiced any more.")

    @staticmethod
    def verb(*, user: Any, billingplan: BillingPlan) -> None:
        stop_plan(user=user, plan=billingplan)


class BillingPlanResumeView(BillingPlanVerbView):
    """Invoiced again."""

    done = gettext_lazy("“%(billingplan)s” is invoiced again.")

    @staticmethod
    def verb(*, user: Any, billingplan: BillingPlan) -> None:
        resume_plan(user=user, plan=billingplan)


class BillingPlanDeleteView(DeleteView):
    """A plan moved to the bin."""

    module = MODULE
    model = BillingPlan
    list_url_name = "sales:billing_plan_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_plans(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [_("Its invoices stay; nothing more is invoiced by itself.")]


class SubscriptionPriceView(EditView):
    """Another price of a subscription, from a day on."""

    module = "sales.subscription"
    model: type[Record] = Subscription
    form_class = PriceForm
    select_related = ("client__company", "client__contact", "offer")
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Set the price")

    def get_title(self) -> Any:
        return _("Another price of “%(subscription)s”") % {"subscription": self.get_instance()}

    def save(self, form: Any) -> Subscription:
        subscription: Subscription = self.get_instance()
        data = form.cleaned_data
        add_price(
            user=self.request.user,
            subscription=subscription,
            starts_on=data["starts_on"],
            amount=data["price"],
        )
        return subscription
