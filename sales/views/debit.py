"""Pages of direct debits: batches, what may be prepared, and each batch with its collections."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import money
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.detail import DetailView
from digiweb.views.edit import UNPROCESSABLE
from digiweb.views.list import ListView
from sales.filters.debit import DebitBatchFilterSet
from sales.forms.debit import BatchForm
from sales.models import Debit, DebitBatch
from sales.services.agency import agencies_in_use
from sales.services.debit import create_batch, problems_of
from sales.services.debit_due import open_invoices, proposals
from sales.services.debit_reasons import reason_text
from sales.tables import debit as columns
from sales.tables.debit import DEBIT_COLOURS, NOTICE_COLOURS, STATUS_COLOURS, DebitBatchTable

MODULE = "sales.debit"
CRUMB = (gettext_lazy("Direct debits"), "/sales/debits/")
# Numbers and the file are read where they are needed alone.
HEAVY = ("content", "agency__iban", "agency__bic")
# The button counts no further.
MOST = 99


class DebitBatchListView(ListView):
    """All batches, and how many invoices wait for one."""

    module = MODULE
    model = DebitBatch
    urls = "sales:debit_batch"
    title = gettext_lazy("Direct debits")
    filterset_class = DebitBatchFilterSet
    table = DebitBatchTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("day", gettext_lazy("Collected first"), ("collect_on", "id")),
        Sort("-day", gettext_lazy("Collected last"), ("collect_on", "id"), descending=True),
        Sort("-total", gettext_lazy("Largest amount first"), ("total", "id"), descending=True),
        Sort("total", gettext_lazy("Smallest amount first"), ("total", "id")),
    )
    drawing = "empty-generic"
    empty_text = gettext_lazy("No direct debit yet: prepare a batch out of the invoices that are paid so.")

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().select_related("agency").defer(*HEAVY)

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        actions: list[dict[str, Any]] = []
        if user.can(MODULE, "change"):
            url = reverse("sales:debit_batch_answers")
            actions.append({"label": _("File of the bank"), "url": url, "icon": "file-import"})
        if user.can(MODULE, "create"):
            count = open_invoices()[: MOST + 1].count()
            label = _("To collect: %(count)s") % {"count": f"{MOST}+" if count > MOST else count}
            actions.append({"label": label, "url": reverse("sales:debit_batch_new"), "icon": "calendar-plus"})
        return actions


class DebitBatchNewView(GuardedView):
    """What may be collected, by agency, kind and day; one form a group."""

    module = MODULE
    action = "create"
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def page(self, problems: Any = (), status: int = 200) -> HttpResponse:
        groups, left = proposals()
        for group in groups:
            self.keep_choice(group)
        context = {
            "groups": groups,
            "left": left,
            "problems": problems,
            "page_title": _("Prepare direct debits"),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "sales/debit_batch/new.html", context, status=status)

    def keep_choice(self, group: Any) -> None:
        """What was ticked and written stays so when it is refused."""
        sent = self.request.POST
        group.asked_day = group.day.isoformat()
        group.picked = {line.invoice.pk for line in group.lines}
        if sent.get("group") == group.key:
            group.asked_day = sent.get("collect_on", "")[:10]
            group.picked = set(map(whole_number, sent.getlist("invoice")[:2000]))

    def post(self, request: HttpRequest) -> HttpResponse:
        sent = map(whole_number, request.POST.getlist("invoice")[:2000])
        asked = [pk for pk in sent if pk is not None]
        form = BatchForm(request.POST, choices=asked)
        if not form.is_valid():
            told = form.errors.get("collect_on") or [_("Choose at least one invoice.")]
            return self.page(told, UNPROCESSABLE)
        data = form.cleaned_data
        try:
            # Of the invoices that are chosen; whoever debits need not see the settings of agencies.
            agency = next((one for one in agencies_in_use() if one.pk == data["agency"]), None)
            if agency is None:
                raise ValidationError(_("The agency is out of use."))
            batch = create_batch(
                user=request.user,
                agency=agency,
                scheme=data["scheme"],
                collect_on=data["collect_on"],
                invoices=data["invoice"],
            )
        except ValidationError as error:
            return self.page(error.messages, UNPROCESSABLE)
        text = _("“%(batch)s” is prepared: the debtors are told by e-mail.")
        toast(request, text % {"batch": batch})
        return HttpResponseRedirect(batch.get_absolute_url())


class DebitBatchDetailView(DetailView):
    """One batch: its collections, what was said to the debtors, what the bank said."""

    module = MODULE
    model: type[Record] = DebitBatch
    urls = "sales:debit_batch"
    breadcrumbs = (CRUMB,)
    select_related = ("agency", "approved_by")
    template_name = "sales/debit_batch/detail.html"
    facts = (
        (
            gettext_lazy("Batch"),
            (columns.AGENCY, columns.DAY, columns.SCHEME, columns.COUNT, columns.TOTAL),
        ),
        (
            gettext_lazy("Course"),
            (columns.APPROVED, columns.SENT, columns.COLLECTED, columns.HASH),
        ),
    )

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().defer(*HEAVY)

    def subtitle(self, record: Any) -> Any:
        return f"{record.agency} · {money(record.total)}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """The next step first."""
        status = DebitBatch.Status
        steps: dict[str, dict[str, Any]] = {
            status.DRAFT: {"label": _("Approve"), "icon": "shield-check", "post": True, "name": "approve"},
            status.APPROVED: {"label": _("Mark as sent"), "icon": "send", "post": True, "name": "send"},
            status.SENT: {"label": _("Collected"), "icon": "circle-check", "drawer": True, "name": "collect"},
        }
        found: list[dict[str, Any]] = []
        step = steps.get(record.status)
        if step is not None:
            found.append({**step, "primary": True, "url": self.url(step["name"], record)})
        # Approved, the file is what one comes for; sent, the bank has it.
        if record.file_sha256 and record.status != status.SENT:
            line = self.file_line(record)
            # Beside a step there is little room on a phone.
            found.append({**line, "label": _("File")} if step is not None else line)
        return found

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not user.can(MODULE, "change"):
            return []
        sent = record.status == DebitBatch.Status.SENT
        lines = [self.file_line(record)] if sent and record.file_sha256 else []
        if not record.is_open:
            return lines
        cancel = {"label": _("Cancel the batch"), "icon": "circle-x", "danger": True, "drawer": True}
        return [*lines, {**cancel, "url": self.url("cancel", record)}]

    def file_line(self, record: Any) -> dict[str, Any]:
        return {"label": _("File for the bank"), "icon": "download", "url": self.url("file", record)}

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: DebitBatch = kwargs["object"]
        user: Any = self.request.user
        debits: list[Any] = list(
            batch.debits.select_related(
                "invoice__company", "invoice__contact", "mandate__account", "mandate__client"
            )
            .defer("invoice__facts", "mandate__account__iban", "mandate__account__bic")
            .order_by("pk")
        )
        changes = user.can(MODULE, "change")
        for debit in debits:
            dress(debit, batch, changes)
        return super().get_context_data(debits=debits, problems=problems_of(batch), **kwargs)


def dress(debit: Any, batch: DebitBatch, changes: bool) -> None:
    """What the page shows of a collection, and what may be done with it."""
    debit.colour, debit.notice_colour = DEBIT_COLOURS[debit.status], NOTICE_COLOURS[debit.notice]
    debit.words = reason_text(debit.reason) if debit.reason else ""
    debit.remove_url = debit.return_url = ""
    if not changes:
        return
    if batch.status == DebitBatch.Status.DRAFT and debit.status == Debit.Status.PLANNED:
        debit.remove_url = reverse("sales:debit_remove", args=[debit.pk])
    sent = batch.status in (DebitBatch.Status.SENT, DebitBatch.Status.COLLECTED)
    if sent and debit.status in (Debit.Status.PLANNED, Debit.Status.COLLECTED):
        debit.return_url = reverse("sales:debit_return", args=[debit.pk])
