"""The panels beside a record, in one answer (digiweb/panels.py)."""

from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from digiweb.panels import build_panels
from digiweb.views.base import GuardedView


def visible_subject(user: Any, label: str, pk: int) -> Any:
    """The record of any kind that an address names ("crm.contact", 12), if this person may see it.

    Raises Http404 for what is unknown, out of sight, or no record with rights of its own.
    """
    try:
        model: Any = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not getattr(model, "module", "") or not hasattr(model._default_manager, "visible_to"):
        raise Http404
    if not hasattr(model, "get_absolute_url"):
        raise Http404  # it has no page that panels could stand on: tokens, targets
    record = model._default_manager.visible_to(user).filter(pk=pk).first()
    if record is None:
        raise Http404
    return record


class PanelsView(GuardedView):
    """Asked for once by the page of a record, after it was drawn."""

    signed_in = True

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = visible_subject(request.user, kind, pk)
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(record.get_absolute_url())
        context = {"panels": build_panels(request.user, record), "object": record}
        return render(request, "components/panels.html", context)
