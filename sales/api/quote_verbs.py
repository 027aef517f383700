"""What one does with a quote over the API: the services and rights of its page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from digiweb.api.examples import sent
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import asked
from digiweb.models import StaleVersion
from sales.api.document_verbs import (
    MESSAGE,
    AcceptQuoteSerializer,
    MessageSerializer,
    RefuseQuoteSerializer,
    at_places,
    message_of,
)
from sales.models import Quote
from sales.services.quote import duplicate_quote, make_version
from sales.services.quote_accepted import accept_quote
from sales.services.quote_answer import refuse_quote
from sales.services.quote_sending import freeze_quote, proposed_message, send_quote
from sales.views.quote_send import pdf_response
from timeline.api.document import FileRenderer

BINARY = {(200, "application/pdf"): bytes}


class QuoteVerbs:
    """Mixed into the resource of quotes; `serializer_class` answers."""

    verb_rights = {
        "send": "change",
        "hand_over": "change",
        "versions": "change",
        "duplicate": "view",
        "accept": "change",
        "refuse": "change",
        "pdf": "view",
    }
    verb_summaries = {
        "send": _("Send a quote"),
        "hand_over": _("Count a quote as sent"),
        "versions": _("Make the next version"),
        "duplicate": _("Copy a quote"),
        "accept": _("Note that the client accepted"),
        "refuse": _("Note that the client refused"),
        "pdf": _("Download the PDF"),
    }
    verb_descriptions = {
        "send": _("Freezes a draft and sends it by e-mail; one that waits for an answer is sent again."),
        "hand_over": _("Frozen without a message: it was handed over otherwise."),
        "versions": _("Of a quote that was sent, refused or expired; the one before it is replaced."),
        "duplicate": _("A draft with the same parties and lines, under another number."),
        "accept": _("Wins the deal, makes client, contract, subscription and the draft of the deposit."),
        "refuse": _("The deal stays open."),
        "pdf": _("The kept file of a quote that was sent, a drawing of a draft."),
    }

    def check_creates(self: Any) -> None:
        if not self.request.user.can(Quote.module, "create"):
            raise PermissionDenied

    def made(self: Any, quote: Quote) -> Response:
        """A quote that came of another one."""
        url = reverse(f"api:{self.basename}-detail", args=[quote.pk], request=self.request)
        row: Response = self.answer(
            self.fresh(quote), status=status.HTTP_201_CREATED, headers={"Location": url}
        )
        return row

    @extend_schema(request=MessageSerializer, examples=[MESSAGE])
    @action(detail=True, methods=["post"])
    @idempotent
    def send(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        message = message_of(asked(MessageSerializer, request), proposed_message(quote))
        try:
            send_quote(user=request.user, quote=quote, version=self.expected_version(quote), **message)
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=True) from None
        return self.answer(self.fresh(quote))  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="hand-over")
    @idempotent
    def hand_over(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        freeze_quote(user=request.user, quote=quote)
        return self.answer(self.fresh(quote))  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def versions(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        self.check_creates()
        return self.made(make_version(user=request.user, quote=quote))  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    @idempotent
    def duplicate(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        self.check_creates()
        return self.made(duplicate_quote(user=request.user, quote=quote))  # type: ignore[no-any-return]

    @extend_schema(
        request=AcceptQuoteSerializer,
        examples=[sent({"name": "Émilie Durand", "on": "2026-11-20", "chosen": [3]})],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def accept(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        said = asked(AcceptQuoteSerializer, request)
        chosen = at_places(quote.lines, said.get("chosen", []), "chosen")
        day = said.get("on")
        if day is not None and day > timezone.localdate():
            raise ValidationError({"on": [text("This day has not come yet.")]})
        accept_quote(user=request.user, quote=quote, name=said["name"], on=day, chosen=chosen)
        return self.answer(self.fresh(quote))  # type: ignore[no-any-return]

    @extend_schema(request=RefuseQuoteSerializer, examples=[sent({"reason": "Trop cher."})])
    @action(detail=True, methods=["post"])
    @idempotent
    def refuse(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        quote = self.get_object()
        reason = asked(RefuseQuoteSerializer, request).get("reason", "")
        refuse_quote(user=request.user, quote=quote, reason=reason)
        return self.answer(self.fresh(quote))  # type: ignore[no-any-return]

    @extend_schema(request=None, responses=BINARY)
    @action(detail=True, renderer_classes=[JSONRenderer, FileRenderer])
    def pdf(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return pdf_response(request._request, self.get_object())
