"""Buttons that do something to one record without asking further."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

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


class AskingVerbView(VerbView):
    """A verb that is hard to take back: first a question, which says what follows; then the deed."""

    http_method_names = ["get", "head", "post"]
    breadcrumbs: tuple[Any, ...] = ()
    danger = False
    question: Any = ""
    label: Any = ""

    def consequences(self, record: Any) -> list[Any]:
        """What follows, one sentence each."""
        return []

    def fields(self, record: Any) -> dict[str, Any]:
        """What the person looked at; it comes back with the answer."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        context = {
            "page_title": self.question % {str(self.model._meta.model_name): record},
            "breadcrumbs": self.breadcrumbs,
            "consequences": self.consequences(record),
            "fields": self.fields(record),
            "submit_label": self.label,
            "danger": self.danger,
            "cancel_url": record.get_absolute_url(),
        }
        return render(request, "generic/ask.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        where = super().post(request, pk)["Location"]
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": where})
        # The question was a page of its own: back to the record.
        return HttpResponseRedirect("../" if where.endswith(request.path) else where)
