"""Pages of clients: the list, and everything about one of them (SPEC C8, C9, R6)."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext

from crm.client_page import describe_health, strip_of, who_is
from crm.filters.client import ClientFilterSet
from crm.forms.client import ClientAssignForm, ClientForm, ClientStatusForm
from crm.identity_card import OPEN, card_lines, size_of
from crm.models import Activity, Client, Company, Contact, Deal
from crm.services.client import (
    change_client,
    change_clients,
    client_of,
    create_client,
    delete_clients,
    make_client,
)
from crm.tables import client as columns
from crm.tables.client import STATUS_COLOURS, ClientTable, plan_url, upsell_url
from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from digiweb.views.lookup import LookupView
from digiweb.views.tabs import TabbedDetailView

MODULE = "crm.client"
CRUMB = (gettext_lazy("Clients"), "/crm/clients/")
SUBJECTS = {"company": Company, "contact": Contact}
SHOWN_WITH = ("company", "contact", "owner")
# Read on the page of one client only: they may be long.
HEAVY = (
    *("identity_card", "health_lines", "search_text"),
    *(f"{other}__{name}" for other in ("company", "contact") for name in ("search_text", "custom")),
)


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_clients(user=user, pks=pks, values={"owner": data["owner"]})


def set_status(*, user: Any, pks: Any, data: Any) -> None:
    change_clients(user=user, pks=pks, values={"status": data["status"]})


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_clients(user=user, pks=pks, batch=data["batch"])


class ClientListView(ListView):
    """All clients within sight."""

    module = MODULE
    model = Client
    urls = "crm:client"
    title = gettext_lazy("Clients")
    filterset_class = ClientFilterSet
    table = ClientTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("-mrr", gettext_lazy("Highest monthly revenue first"), ("mrr", "id"), descending=True),
        Sort("mrr", gettext_lazy("Lowest monthly revenue first"), ("mrr", "id")),
        Sort("renewal", gettext_lazy("Soonest renewal first"), ("renewal_key", "id")),
        Sort("-renewal", gettext_lazy("Latest renewal first"), ("renewal_key", "id"), descending=True),
        Sort("health", gettext_lazy("Lowest health first"), ("health", "id")),
        Sort("-health", gettext_lazy("Best health first"), ("health", "id"), descending=True),
    )
    create_label = gettext_lazy("Create a client")
    drawing = "empty-companies"
    empty_text = gettext_lazy(
        "No client yet: create the first one, or open a company or a contact and make a client of it."
    )
    bulk_actions = (
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            ClientAssignForm,
            done_label=ngettext_lazy("%(count)s client assigned.", "%(count)s clients assigned.", "count"),
            sets=("owner",),
            put_back=change_clients,
        ),
        BulkAction(
            "status",
            gettext_lazy("Change the status"),
            "status-change",
            "change",
            set_status,
            ClientStatusForm,
            done_label=ngettext_lazy("%(count)s client changed.", "%(count)s clients changed.", "count"),
            sets=("status",),
            put_back=change_clients,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s client", "Delete %(count)s clients", "count"),
            done_label=ngettext_lazy("%(count)s client deleted.", "%(count)s clients deleted.", "count"),
        ),
    )

    @cached_property
    def allowed(self) -> set[str]:
        """What this person may do from a row."""
        user: Any = self.request.user
        asked = {"plan": Activity.module, "upsell": Deal.module}
        return {name for name, module in asked.items() if user.can(module, "create")}

    def rows_queryset(self) -> QuerySet:
        return self.visible().select_related(*SHOWN_WITH).defer(*HEAVY)

    def export_queryset(self) -> QuerySet:
        return super().export_queryset().select_related(*SHOWN_WITH).defer(*HEAVY)

    def export_columns(self) -> Any:
        return [column for column in self.columns if column is not columns.ACTIONS]

    def describe_row(self, record: Any) -> dict[str, Any]:
        record.allowed = self.allowed
        return super().describe_row(record)

    def extra_actions(self) -> list[dict[str, Any]]:
        url = f"{reverse('crm:client_list')}?status=active&owner=me"
        return [{"label": _("My active clients"), "url": url, "icon": "user-heart"}]


class ClientBulkView(BulkView):
    """Actions on many clients."""

    list_view = ClientListView
    breadcrumbs = (CRUMB,)


class ClientLookupView(LookupView):
    """Clients to choose one from while typing."""

    module = MODULE
    model = Client

    def subtitle(self, record: Any) -> str:
        return str(record.get_status_display())


class ClientDetailView(TabbedDetailView):
    """Everything about one client: the client 360."""

    module = MODULE
    model = Client
    urls = "crm:client"
    breadcrumbs = (CRUMB,)
    select_related = SHOWN_WITH
    strip_template = "crm/client/strip.html"
    overview_template = "crm/client/overview.html"
    facts = (
        (gettext_lazy("Client"), (columns.STATUS, columns.OWNER, columns.COMPANY, columns.CONTACT)),
        (gettext_lazy("Follow-up"), (columns.SIGNED, columns.RENEWAL, columns.UPSELL)),
    )
    editable = ("status", "owner", "company", "contact", "signed_on", "renewal_on", "upsell")
    side = ("crm/client/health.html", "crm/client/who.html")

    def describe(self, record: Any) -> dict[str, Any]:
        self.who = who_is(self.request.user, record)
        return super().describe(record)

    def describe_fact(self, record: Any, column: Column, *, changes: bool) -> dict[str, Any]:
        """Company and contact by name alone for those who may not open them."""
        fact = super().describe_fact(record, column, changes=changes)
        shown = next((one for one in getattr(self, "who", ()) if one["name"] == column.name), None)
        return {**fact, "html": str(shown["record"])} if shown and not shown["url"] else fact

    def subtitle(self, record: Any) -> Any:
        contact = str(record.contact) if record.company and record.contact else ""
        return " · ".join(part for part in (contact, getattr(record.who, "city", "")) if part)

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        found = [{**super().actions(record)[0], "primary": False}]
        if user.can(Activity.module, "create"):
            plan = {"label": pgettext("verb", "Plan"), "url": plan_url(record), "icon": "calendar-plus"}
            found.insert(0, {**plan, "primary": True, "drawer": True})
        return found

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        found: list[dict[str, Any]] = []
        if record.email:
            found.append({"label": _("Write an e-mail"), "url": f"mailto:{record.email}", "icon": "mail"})
        if record.phone:
            found.append({"label": _("Call"), "url": f"tel:{record.phone}", "icon": "phone"})
        if user.can(Deal.module, "create"):
            upsell = {"label": _("Upsell deal"), "url": upsell_url(record), "icon": "trending-up"}
            found.append({**upsell, "drawer": True})
        return [*found, *super().menu(record)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        client: Client = kwargs["object"]
        context["strip"] = strip_of(self.request.user, client)
        context["health"] = describe_health(client)
        context["who"] = self.who
        card = card_lines(client.identity_card) if client.identity_card else []
        size = size_of(card)
        context |= {"card": card, "card_size": size, "card_open": size <= OPEN}
        return context


class ClientFormView(FormView):
    """What creating and editing a client share."""

    module = MODULE
    model: type[Record] = Client
    form_class = ClientForm
    urls = "crm:client"
    breadcrumbs = (CRUMB,)


class ClientCreateView(ClientFormView, CreateView):
    """A new client; from a contact's page it is their company's."""

    title = gettext_lazy("New client")
    submit_label = gettext_lazy("Create the client")

    def save(self, form: Any) -> Client:
        return create_client(user=self.request.user, client=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("crm:client_list")


class ClientMakeView(GuardedView):
    """« Make a client » on the page of a company or a contact; the client that is there already is opened."""

    module = MODULE
    action = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        model: Any = SUBJECTS[kind]
        view = RecordMixin()
        view.model, view.module, view.action = model, model.module, "change"
        view.setup(request, pk=pk)
        subject = view.get_object()
        user: Any = request.user
        if not user.can(model.module, "change"):
            raise PermissionDenied
        there = client_of(subject)
        client = there or make_client(user=user, subject=subject, values=self.owner(subject))
        if not user.can(MODULE, "view", client):
            toast(request, _("“%(client)s” is a client of somebody else.") % {"client": client}, level="info")
            return HttpResponseRedirect(subject.get_absolute_url())
        if there is None:
            toast(request, _("“%(client)s” is a client now.") % {"client": client})
        return HttpResponseRedirect(client.get_absolute_url())

    def owner(self, subject: Any) -> dict[str, Any]:
        """Nobody's company becomes the client of who makes it one."""
        return {} if subject.owner_id else {"owner": self.request.user}


class ClientEditView(ClientFormView, EditView):
    """A client changed: whole, or one field in place."""

    select_related = SHOWN_WITH
    submit_label = gettext_lazy("Save the client")

    def save(self, form: Any) -> Client:
        client: Client = self.get_instance()
        change_client(
            user=self.request.user,
            client=client,
            values=form.values(),
            version=form.cleaned_data["version"],
        )
        return client

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return ClientDetailView.fact_named(record, name)


class ClientDeleteView(DeleteView):
    """A client moved to the bin; company and contact stay."""

    module = MODULE
    model = Client
    list_url_name = "crm:client_list"
    breadcrumbs = (CRUMB,)
    select_related = SHOWN_WITH

    def delete(self, record: Any) -> Any:
        return delete_clients(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [
            _("The company and the contact stay."),
            _("It stays in the bin for 30 days, with its notes and its history."),
            _("A client with contracts, subscriptions or payments cannot be deleted."),
        ]
