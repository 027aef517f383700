"""Buttons that do something to one record without asking further."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from digiweb.toasts import toast
from digiweb.views.base import RecordMixin, came_from


class VerbView(RecordMixin):
    """A verb of a record; afterwards the person is where the button was pressed.

    `verb` is a service that takes `user` and the record by the name of its model, as `done` does, which is
    told then. What the service refuses by a ValidationError is told instead.
    """

    action = "change"
    http_method_names = ["post"]
    verb: Callable[..., Any]
    done: Any = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.get_object()
        named = {str(self.model._meta.model_name): record}
        try:
            type(self).verb(user=request.user, **named)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(request, self.done % named)
        return HttpResponseRedirect(came_from(request, record.get_absolute_url()))
