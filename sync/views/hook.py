"""The door for webhooks: `/hooks/<service>/<secret>/`. It keeps what is proved and answers at once."""

import logging
from typing import Any

import redis.exceptions
from allauth.core import ratelimit
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from digiweb.views.base import GuardedView
from digiweb.views.errors import error_response, too_many
from sync.services.webhook import NotJSON, keep_delivery, parse_body
from sync.services.webhook_work import connection_for
from sync.webhooks import hook_secret, receiver_named, same

logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class HookView(GuardedView):
    """One address a service. Whoever lacks the secret, or the proof, is told that nothing is here."""

    public = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, provider: str, secret: str) -> HttpResponse:
        if not within_rate(request):
            return too_many(request)
        receiver = receiver_named(provider)
        if receiver is None or not same(secret, hook_secret(provider)):
            raise Http404
        if request.content_type != "application/json":
            return HttpResponse(status=415)
        connection = connection_for(receiver)
        if connection is None:
            raise Http404
        try:
            body = request.body
            payload = parse_body(body)
        except (NotJSON, RequestDataTooBig, UnreadablePostError):
            return error_response(request, 400)
        headers: Any = request.headers
        if not receiver.proved(connection, payload, body, headers):
            logger.warning("A webhook of %s without the right proof was refused", provider)
            raise Http404
        keep_delivery(receiver=receiver, payload=payload, body=body)
        return HttpResponse(status=200)


def within_rate(request: HttpRequest) -> bool:
    """Without Redis nothing is counted, and nothing is lost: what is proved is kept all the same."""
    try:
        return bool(ratelimit.consume(request, action="webhook"))
    except redis.exceptions.RedisError:
        return True
