"""Columns of deliveries."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, badge, escape
from digiweb.templatetags.digiweb import ago
from sync.webhooks import receiver_named

STATE_COLOURS = {"received": "blue", "done": "green", "ignored": "slate", "failed": "bad"}


def service_text(delivery: Any) -> str:
    receiver = receiver_named(delivery.provider)
    return str(receiver.label) if receiver else delivery.provider


def event_cell(delivery: Any) -> SafeString:
    text = escape(delivery.event)
    url = delivery.get_absolute_url()
    return SafeString(f'<a class="dw-name" href="{url}" title="{text}">{text}</a>')


SERVICE = Column("provider", _("Service"), cell=lambda one: escape(service_text(one)), export=service_text)
STATE = Column(
    "state",
    _("State"),
    cell=badge("state", STATE_COLOURS),
    export=lambda one: str(one.get_state_display()),
)


class WebhookDeliveryTable(Table):
    """What arrived by itself."""

    columns = (
        Column("event", _("Event"), cell=event_cell, export=lambda one: one.event),
        SERVICE,
        Column("about", _("Number at the service")),
        STATE,
        Column("error", _("What happened")),
        Column("created_at", _("Received on"), cell=lambda one: ago(one.created_at), sort="id"),
        Column("attempts", _("Attempts"), align="end"),
        Column("size", _("Size (bytes)"), align="end", default=False),
    )
