"""Columns of subscriptions."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, badge, day, escape, link, person
from sales.models import Subscription
from sales.tables.contract import amount_text

STATUS_COLOURS = {"active": "green", "paused": "amber", "ended": "slate"}


def label_cell(subscription: Subscription) -> SafeString:
    text = escape(subscription.label)
    url = subscription.get_absolute_url()
    return SafeString(f'<a class="dw-name" href="{url}" title="{text}">{text}</a>')


LABEL = Column("label", _("Subscription"), cell=label_cell)
CLIENT = Column(
    "client",
    _("Client"),
    cell=link("client"),
    export=lambda s: str(s.client),
    select_related=("client", "client__company", "client__contact"),
)
OFFER = Column(
    "offer",
    _("Offer"),
    cell=lambda s: escape(str(s.offer)) if s.offer else "",
    export=lambda s: str(s.offer or ""),
    select_related=("offer",),
)
AMOUNT = Column(
    "monthly_amount", _("A month before tax"), cell=lambda s: amount_text(s.monthly_amount), align="end"
)
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda s: s.get_status_display()
)
START = Column("started_on", pgettext_lazy("contract", "Start"))
END = Column("ended_on", pgettext_lazy("contract", "End"))
OWNER = Column(
    "owner",
    _("Salesperson"),
    path="client.owner",
    cell=person("client.owner"),
    export=lambda s: str(s.client.owner or ""),
    select_related=("client", "client__owner"),
)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False)


class SubscriptionTable(Table):
    """The list of subscriptions."""

    columns = (LABEL, CLIENT, OFFER, AMOUNT, STATUS, START, END, OWNER, CREATED)
