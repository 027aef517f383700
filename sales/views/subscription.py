"""Pages of subscriptions: what clients pay for by the month."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.templatetags.digiweb import money
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView
from digiweb.views.verb import VerbView
from sales.filters.subscription import SubscriptionFilterSet
from sales.forms.subscription import EndForm, SubscriptionForm
from sales.models import Contract, Subscription
from sales.services.subscription import (
    change_subscription,
    create_subscription,
    delete_subscriptions,
    end_subscription,
    pause_subscription,
    resume_subscription,
)
from sales.tables import subscription as columns
from sales.tables.subscription import STATUS_COLOURS, SubscriptionTable
from sales.views.billing_lines import regular_lines
from sales.views.contract import HEAVY

MODULE = "sales.subscription"
CRUMB = (gettext_lazy("Subscriptions"), "/sales/subscriptions/")
AROUND = ("client__company", "client__contact", "client__owner", "offer", "billing_plan")
CHANGES = ("changed", "paused", "resumed", "ended")


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_subscriptions(user=user, pks=pks, batch=data["batch"])


class SubscriptionListView(ListView):
    """All subscriptions within sight; filtered, the tab of a client."""

    module = MODULE
    model = Subscription
    urls = "sales:subscription"
    title = gettext_lazy("Subscriptions")
    filterset_class = SubscriptionFilterSet
    table = SubscriptionTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    create_label = gettext_lazy("Create a subscription")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No subscription yet: create the first one, or let the import bring them.")
    bulk_actions = (
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy(
                "Delete %(count)s subscription", "Delete %(count)s subscriptions", "count"
            ),
            done_label=ngettext_lazy(
                "%(count)s subscription deleted.", "%(count)s subscriptions deleted.", "count"
            ),
        ),
    )

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer(*HEAVY)


class SubscriptionBulkView(BulkView):
    """Actions on many subscriptions."""

    list_view = SubscriptionListView
    breadcrumbs = (CRUMB,)


class SubscriptionDetailView(DetailView):
    """One subscription."""

    module = MODULE
    model = Subscription
    urls = "sales:subscription"
    breadcrumbs = (CRUMB,)
    select_related = AROUND
    facts = (
        (gettext_lazy("Subscription"), (columns.CLIENT, columns.OFFER, columns.AMOUNT)),
        (gettext_lazy("Course"), (columns.START, columns.END, columns.OWNER)),
    )
    editable = ("offer", "monthly_amount", "started_on", "ended_on")
    side = ("sales/subscription/contracts.html",)

    def subtitle(self, record: Any) -> Any:
        monthly = _("%(amount)s a month") % {"amount": money(record.monthly_amount)}
        return f"{monthly} · {record.client}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        verb = (
            ("pause", _("Pause"), "player-pause")
            if record.status == Subscription.Status.ACTIVE
            else ("resume", _("Take up again"), "player-play")
        )
        name, label, icon = verb
        more = {"label": label, "icon": icon, "post": True, "url": self.url(name, record)}
        return [*super().actions(record), more]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        lines: list[dict[str, Any]] = []
        if user.can("sales.invoice", "create"):
            draft = {"label": _("Make an invoice"), "icon": "file-invoice", "post": True}
            lines.append({**draft, "url": self.url("invoice", record)})
        lines += regular_lines(user, "subscription", record)
        if record.status != Subscription.Status.ENDED and user.may("change", record):
            end = {"label": _("End on a day"), "icon": "calendar-off", "danger": True, "drawer": True}
            lines.append({**end, "url": self.url("end", record)})
        return [*lines, *super().menu(record)]

    def url(self, name: str, record: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=[record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        contracts = Contract.objects.visible_to(self.request.user).filter(subscription=kwargs["object"])
        context["contracts"] = list(contracts.order_by("-signed_key", "-pk")[:10])
        return context


class SubscriptionFormView(FormView):
    """What creating and editing a subscription share."""

    module = MODULE
    model: type[Record] = Subscription
    form_class = SubscriptionForm
    urls = "sales:subscription"
    breadcrumbs = (CRUMB,)


class SubscriptionCreateView(SubscriptionFormView, CreateView):
    """A new subscription; from a client's page it is theirs."""

    title = gettext_lazy("New subscription")
    submit_label = gettext_lazy("Create the subscription")

    def save(self, form: Any) -> Subscription:
        return create_subscription(user=self.request.user, subscription=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("sales:subscription_list")


class SubscriptionEditView(SubscriptionFormView, EditView):
    """A subscription changed: whole, or one field in place."""

    select_related = AROUND
    submit_label = gettext_lazy("Save the subscription")
    change_actions = CHANGES

    def save(self, form: Any) -> Subscription:
        subscription: Subscription = self.get_instance()
        change_subscription(
            user=self.request.user,
            subscription=subscription,
            values=form.values(),
            version=form.cleaned_data["version"],
        )
        return subscription

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return SubscriptionDetailView.fact_named(record, name)


class SubscriptionVerbView(VerbView):
    """What the buttons of a subscription share."""

    module = MODULE
    model = Subscription
    select_related = AROUND


class SubscriptionPauseView(SubscriptionVerbView):
    """Nothing is due for a while."""

    verb = staticmethod(pause_subscription)
    done = gettext_lazy("“%(subscription)s” is paused.")


class SubscriptionResumeView(SubscriptionVerbView):
    """It goes on."""

    verb = staticmethod(resume_subscription)
    done = gettext_lazy("“%(subscription)s” goes on.")


class SubscriptionEndView(EditView):
    """The last day, today or to come."""

    module = MODULE
    model: type[Record] = Subscription
    form_class = EndForm
    select_related = AROUND
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("End the subscription")
    change_actions = CHANGES

    def get_title(self) -> Any:
        return _("End “%(subscription)s”") % {"subscription": self.get_instance()}

    def save(self, form: Any) -> Subscription:
        subscription: Subscription = self.get_instance()
        end_subscription(
            user=self.request.user,
            subscription=subscription,
            on=form.cleaned_data["ended_on"],
            version=form.cleaned_data["version"],
        )
        return subscription


class SubscriptionDeleteView(DeleteView):
    """A subscription moved to the bin."""

    module = MODULE
    model = Subscription
    list_url_name = "sales:subscription_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_subscriptions(user=self.request.user, pks=[record.pk])

    def consequences(self, record: Any) -> list[str]:
        return [
            _("The client’s monthly revenue follows."),
            _("It stays in the bin for 30 days, with its notes and its history."),
        ]
