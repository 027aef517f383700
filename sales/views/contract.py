"""Pages of contracts; their verbs are in sales/views/contract_verbs.py."""

from typing import Any, cast

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from crm.models import Client
from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from digiweb.views.lookup import LookupView
from sales.filters.contract import ContractFilterSet
from sales.forms.contract import ContractAssignForm, ContractForm
from sales.models import Contract, PaymentRecord, Subscription
from sales.services.contract import (
    change_contract,
    change_contracts,
    create_contract,
    delete_contracts,
    proposed_renewal,
)
from sales.services.contract_lines import as_values, totals_of
from sales.services.document_link import open_link
from sales.tables import contract as columns
from sales.tables.contract import STATUS_COLOURS, ContractTable, absent_text, amount_text
from sales.views.billing_lines import regular_lines

MODULE = "sales.contract"
CRUMB = (gettext_lazy("Contracts"), "/sales/contracts/")
PAYMENTS_SHOWN = 5
# Of the client, whom a row only names.
HEAVY = ("client__identity_card", "client__health_lines", "client__search_text")
AROUND = ("client__company", "client__contact", "owner", "offer", "subscription")


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_contracts(user=user, pks=pks, values={"owner": data["owner"]})


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_contracts(user=user, pks=pks, batch=data["batch"])


class ContractListView(ListView):
    """All contracts within sight; filtered, the tabs of clients and salespeople."""

    module = MODULE
    model = Contract
    urls = "sales:contract"
    title = gettext_lazy("Contracts")
    filterset_class = ContractFilterSet
    table = ContractTable
    sorts = (
        Sort("-signed", gettext_lazy("Signed last first"), ("signed_key", "id"), descending=True),
        Sort("signed", gettext_lazy("Signed first first"), ("signed_key", "id")),
        Sort("-amount", gettext_lazy("Largest amount first"), ("amount", "id"), descending=True),
        Sort("amount", gettext_lazy("Smallest amount first"), ("amount", "id")),
        Sort("name", gettext_lazy("Reference, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Reference, Z to A"), ("sort_name", "id"), descending=True),
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Create a contract")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No contract yet: create the first one, or let the import bring them.")
    bulk_actions = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            ContractAssignForm,
            done_label=ngettext_lazy(
                "%(count)s contract assigned.", "%(count)s contracts assigned.", "count"
            ),
            sets=("owner",),
            put_back=change_contracts,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s contract", "Delete %(count)s contracts", "count"),
            done_label=ngettext_lazy("%(count)s contract deleted.", "%(count)s contracts deleted.", "count"),
        ),
    )

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer(*HEAVY)


class ContractBulkView(BulkView):
    """Actions on many contracts."""

    list_view = ContractListView
    breadcrumbs = (CRUMB,)


class ContractDetailView(DetailView):
    """Everything about one contract."""

    module = MODULE
    model = Contract
    urls = "sales:contract"
    breadcrumbs = (CRUMB,)
    template_name = "sales/contract/detail.html"
    select_related = (*AROUND, "billing_plan")
    facts = (
        (
            gettext_lazy("Contract"),
            (columns.CLIENT, columns.OFFER, columns.KIND, columns.SUPPLIER, columns.DESCRIPTION),
        ),
        (
            gettext_lazy("Course"),
            (columns.SIGNED, columns.VALIDATED, columns.START, columns.END, columns.REASON),
        ),
        (gettext_lazy("Payment"), (columns.AMOUNT, columns.METHOD, columns.WITHDRAWAL)),
        (gettext_lazy("Follow-up"), (columns.OWNER, columns.CREATED)),
    )
    editable = (
        "offer",
        "kind",
        "supplier",
        "description",
        "signed_on",
        "validated_on",
        "starts_on",
        "ends_on",
        "payment_method",
        "withdrawal_day",
        "owner",
    )
    side = ("sales/contract/neighbours.html",)

    def subtitle(self, record: Any) -> Any:
        parts = [amount_text(record.amount), str(record.client), str(record.offer or "")]
        return " · ".join(part for part in parts if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.status_label, "colour": STATUS_COLOURS[record.status]}

    def describe_fact(self, record: Any, column: Any, *, changes: bool) -> dict[str, Any]:
        if column.name == "amount":  # follows from the lines where there are some
            changes = False
        return super().describe_fact(record, column, changes=changes)

    def actions(self, record: Any) -> list[dict[str, Any]]:
        verbs = {
            Contract.Status.PENDING: ("sign", _("Mark as signed"), "signature"),
            Contract.Status.SIGNED: ("validate", _("Validate"), "circle-check"),
        }
        actions = super().actions(record)
        if record.status in verbs:
            name, label, icon = verbs[record.status]
            actions.append({"label": label, "icon": icon, "post": True, "url": self.url(name, record)})
        return actions

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines: list[dict[str, Any]] = []
        if user.can("sales.invoice", "create"):
            draft = {"label": _("Make an invoice"), "icon": "file-invoice", "post": True}
            lines.append({**draft, "url": self.url("invoice", record)})
        if record.subscription_id is None and record.status != Contract.Status.PENDING:
            lines += regular_lines(user, "contract", record)
        ended = record.status in (Contract.Status.TERMINATED, Contract.Status.ENDED)
        if not ended and user.may("change", record):
            end = {"label": _("Terminate"), "icon": "file-off", "danger": True, "drawer": True}
            lines.append({**end, "url": self.url("terminate", record)})
        return [*lines, *super().menu(record)]

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contract, user = kwargs["object"], cast(Any, self.request.user)
        context = super().get_context_data(**kwargs)
        lines = list(contract.lines.order_by("position", "id"))
        if lines:
            span = {"starts_on": contract.starts_on, "ends_on": contract.ends_on}
            context["totals"] = totals_of(as_values(lines), **span)
        context["lines"] = lines
        context["absent"] = absent_text(contract)
        context["source_words"] = contract.status == Contract.Status.UNKNOWN and contract.status_text
        context["links"] = [
            {"label": label, "path": path, "url": open_link(path)}
            for label, path in (
                (_("Document"), contract.document_path),
                (_("Audit trail"), contract.audit_trail_path),
            )
            if path
        ]
        if contract.is_in_force and contract.client.renewal_on is None:
            context["renewal"] = proposed_renewal(user, contract.client)
            context["may_renew"] = user.can(Client.module, "change", contract.client)
        subscription = contract.subscription
        if subscription is not None:  # named in any case, its figures for who sees it
            context["subscription_seen"] = user.can(Subscription.module, "view", subscription)
        payments = PaymentRecord.objects.visible_to(user).filter(contract=contract)
        context["payments"] = list(payments.order_by("-paid_on", "-pk")[:PAYMENTS_SHOWN])
        return context


class ContractLookupView(LookupView):
    """Contracts to choose one from while typing."""

    module = MODULE
    model = Contract

    def subtitle(self, record: Any) -> str:
        return f"{record.status_label} · {amount_text(record.amount)}"


class ContractFormView(FormView):
    """What creating and editing a contract share."""

    module = MODULE
    model: type[Record] = Contract
    form_class = ContractForm
    urls = "sales:contract"
    breadcrumbs = (CRUMB,)


class ContractCreateView(ContractFormView, CreateView):
    """A new contract; from a client's page it is theirs."""

    title = gettext_lazy("New contract")
    submit_label = gettext_lazy("Create the contract")

    def save(self, form: Any) -> Contract:
        return create_contract(
            user=self.request.user, contract=form.instance, lines=form.cleaned_data["lines"]
        )

    def get_cancel_url(self) -> str:
        return reverse("sales:contract_list")


class ContractEditView(ContractFormView, EditView):
    """A contract changed: whole, or one field in place."""

    select_related = AROUND
    submit_label = gettext_lazy("Save the contract")
    change_actions = ("changed", "signed", "validated", "terminated", "ended")

    def save(self, form: Any) -> Contract:
        contract: Contract = self.get_instance()
        change_contract(
            user=self.request.user,
            contract=contract,
            values=form.values(),
            version=form.cleaned_data["version"],
            lines=form.cleaned_data.get("lines"),
        )
        return contract

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return ContractDetailView.fact_named(record, name)


class ContractDeleteView(DeleteView):
    """A contract moved to the bin."""

    module = MODULE
    model = Contract
    list_url_name = "sales:contract_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_contracts(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        told = [_("It stays in the bin for 30 days, with its lines, its notes and its history.")]
        if record.absent_since is None and record.status in Contract.IN_FORCE:
            told.append(_("The import does not bring it back, even if the colleague’s system still has it."))
        return told
