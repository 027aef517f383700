"""What the verbs of quotes and invoices ask for in the API."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from digiweb.api.examples import sent
from digiweb.api.serializers import AskedSerializer

MOST = 10
MESSAGE = sent(
    {
        "to": ["emilie.durand@boulangerie-martin.fr"],
        "subject": "Votre document",
        "body": "Bonjour,\n\nvoici le document.",
    }
)


class MessageSerializer(AskedSerializer):
    """A message with the document; what is left out is as the page proposes it."""

    to = serializers.ListField(
        child=serializers.EmailField(),
        required=False,
        max_length=MOST,
        help_text=gettext_lazy("The client’s address, where none is said."),
    )
    subject = serializers.CharField(max_length=200, required=False)
    body = serializers.CharField(max_length=4000, required=False)


class AcceptQuoteSerializer(AskedSerializer):
    """Who accepted, when, which options."""

    name = serializers.CharField(max_length=160)
    on = serializers.DateField(required=False, help_text=gettext_lazy("Today, where nothing is said."))
    chosen = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Places of the optional lines that are taken; the first line is 1."),
    )


class RefuseQuoteSerializer(AskedSerializer):
    """Why the client said no."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CreditInvoiceLineSerializer(AskedSerializer):
    """How much of a line is credited."""

    line = serializers.IntegerField(min_value=1, help_text=gettext_lazy("Its place; the first line is 1."))
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, help_text=gettext_lazy("Euros before tax.")
    )


class CreditInvoiceSerializer(AskedSerializer):
    """What is credited; all that is left, where no lines are named."""

    lines = CreditInvoiceLineSerializer(many=True, required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CancelInvoiceSerializer(AskedSerializer):
    """Why; it stands on the credit note."""

    reason = serializers.CharField(max_length=500)


class DisputeSerializer(AskedSerializer):
    """Why a client contests an invoice."""

    reason = serializers.CharField(max_length=300)


def message_of(said: dict[str, Any], proposed: dict[str, str]) -> dict[str, Any]:
    """Recipients, subject and body: what was said, else what the page proposes. Raises ValidationError."""
    to = said.get("to") or ([proposed["to"]] if proposed["to"] else [])
    if not to:
        raise ValidationError({"to": [_("The client has no address: say one.")]})
    return {
        "to": to,
        "subject": said.get("subject") or proposed["subject"],
        "body": said.get("body") or proposed["body"],
    }


def at_places(lines: Any, places: Sequence[int], name: str) -> list[int]:
    """The numbers of the lines at these places. Raises ValidationError for one that is not there."""
    numbers = list(lines.order_by("position", "id").values_list("pk", flat=True))
    if any(place > len(numbers) for place in places):
        text = _("There are %(count)s lines.") % {"count": len(numbers)}
        raise ValidationError({name: [text]})
    return [numbers[place - 1] for place in places]
