"""Taking deleted records back."""

import uuid
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin


class RestoreView(GuardedView):
    """Bring a batch back from the bin: for who deleted it, as long as they may delete such records."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
        user: Any = request.user
        entries = list(BinEntry.objects.filter(batch=batch, restored_at__isnull=True))
        if not entries or not (user.is_admin or all(entry.deleted_by_id == user.pk for entry in entries)):
            raise Http404
        modules = {apps.get_model(entry.subject_type).module for entry in entries}  # type: ignore[attr-defined]
        if not all(user.can(module, "delete") for module in modules):
            raise PermissionDenied
        try:
            labels, lost = restore_from_bin(user=user, batch=batch)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            text = ngettext("%(count)s record is back.", "%(count)s records are back.", len(labels))
            toast(request, text % {"count": len(labels)})
            if lost:
                toast(request, " ".join(lost[:5]), level="warning")
        back = request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        target = back if safe else "/"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)
