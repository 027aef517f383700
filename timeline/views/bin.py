"""The bin: what was deleted, a record at a time or many, and taking it back (SPEC T13)."""

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.crypto import EncryptedTextField
from digiweb.paging import Sort
from digiweb.tables import Column
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin, came_from
from digiweb.views.bulk import BulkView
from digiweb.views.list import ListView
from timeline.filters.bin import BinFilterSet
from timeline.models import BinEntry
from timeline.services.bin import delete_for_good, restore_from_bin
from timeline.tables.bin import BinTable, left_text
from timeline.words import field_label, value_text

MODULE = "timeline.bin"


def check_may_restore(user: Any, entries: Iterable[BinEntry]) -> None:
    """Raise PermissionDenied where the role no longer lets `user` delete, and so bring back, such records."""
    modules = {apps.get_model(entry.subject_type).module for entry in entries}  # type: ignore[attr-defined]
    if not all(user.can(module, "delete") for module in modules):
        raise PermissionDenied


def restore(*, user: Any, pks: Any, data: Any) -> None:
    entries = list(BinEntry.objects.visible_to(user, "change").waiting().filter(pk__in=pks))
    check_may_restore(user, entries)
    restore_from_bin(user=user, entries=entries)


def forget(*, user: Any, pks: Any, data: Any) -> None:
    delete_for_good(user=user, entries=BinEntry.objects.visible_to(user, "delete").filter(pk__in=pks))


class BinListView(ListView):
    """What can still come back, within one's sight."""

    module = MODULE
    model = BinEntry  # type: ignore[assignment]
    urls = "bin"
    title = _("Bin")
    filterset_class = BinFilterSet
    table = BinTable
    sorts = (
        Sort("newest", _("Newest first"), ("id",), descending=True),
        Sort("oldest", _("Oldest first"), ("id",)),
    )
    empty_text = _("The bin is empty. What you delete stays here for 30 days.")
    bulk_actions = (
        BulkAction(
            "restore",
            _("Restore"),
            "arrow-back-up",
            "change",
            restore,
            done_label=ngettext_lazy("%(count)s record is back.", "%(count)s records are back.", "count"),
        ),
        BulkAction(
            "forget",
            _("Delete for good"),
            "trash-x",
            "delete",
            forget,
            danger=True,
            confirm_label=ngettext_lazy(
                "Delete %(count)s record for good", "Delete %(count)s records for good", "count"
            ),
            done_label=ngettext_lazy(
                "%(count)s record deleted for good.", "%(count)s records deleted for good.", "count"
            ),
        ),
    )

    def rows_queryset(self) -> Any:
        """The snapshots themselves are read on the page of one."""
        return self.visible().select_related("deleted_by").defer("rows", "links")

    def export_columns(self) -> list[Column]:
        return self.columns


class BinBulkView(BulkView):
    """Many brought back as one, or deleted for good."""

    list_view = BinListView

    def check_still_in_sight(self, action: BulkAction, pks: list[int]) -> None:
        """What came back is out of the bin: there is nothing to look at any more."""


class BinDetailView(RecordMixin):
    """A deleted record as it was."""

    module = MODULE
    action = "view"
    model = BinEntry  # type: ignore[assignment]
    select_related = ("deleted_by",)
    breadcrumbs = ((_("Bin"), "/bin/"),)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = self.get_object()
        user: Any = request.user
        context = {
            "entry": entry,
            "left": left_text(entry),
            "facts": facts_of(entry),
            "attached": attached(entry),
            "can_restore": user.can(MODULE, "change", entry) and entry.restored_at is None,
            "page_title": entry.label,
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(request, "timeline/bin/detail.html", context)


def facts_of(entry: BinEntry) -> list[tuple[str, str]]:
    """What people had filled in: never secrets, nor what is worked out from others."""
    model: Any = apps.get_model(entry.subject_type)
    values = entry.rows[0]["fields"] if entry.rows else {}
    facts = []
    for column in model._meta.concrete_fields:
        value = values.get(column.name)
        if value in (None, "", [], {}) or not column.editable or isinstance(column, EncryptedTextField):
            continue
        if column.remote_field:  # its name instead of its number, when it is still there
            value = str(column.remote_field.model._base_manager.filter(pk=value).first() or f"#{value}")
        label = field_label(entry.subject_type, column.name)
        facts.append((label, value_text(entry.subject_type, column.name, value)))
    return facts


def attached(entry: BinEntry) -> list[tuple[str, int]]:
    """What hung on the record and comes back with it: (what, how many)."""
    counts: Counter[str] = Counter()
    for row in entry.rows[1:]:
        counts[capfirst(str(apps.get_model(row["model"])._meta.verbose_name_plural))] += 1
    for key, pks in entry.links.items():
        label = key.partition("@")[0].rpartition(".")[0]
        counts[capfirst(str(apps.get_model(label)._meta.verbose_name_plural))] += len(pks)
    return sorted(counts.items())


class RestoreView(GuardedView):
    """Bring a batch back, from the toast or the bin: as long as one may delete such records."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
        user: Any = request.user
        entries = list(BinEntry.objects.filter(batch=batch, restored_at__isnull=True))
        if not entries or not (user.is_admin or all(entry.deleted_by_id == user.pk for entry in entries)):
            raise Http404
        return bring_back(request, entries)


class RestoreOneView(RecordMixin):
    """Bring one record back from its page in the bin."""

    module = MODULE
    action = "change"
    model = BinEntry  # type: ignore[assignment]
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return bring_back(request, [self.get_object()], back=reverse("bin_list"))


def bring_back(request: HttpRequest, entries: list[BinEntry], back: str = "") -> HttpResponse:
    """Restore, say what came back and what could not, and go on to where the person was."""
    check_may_restore(request.user, entries)
    try:
        labels, lost = restore_from_bin(user=request.user, entries=entries)
    except ValidationError as error:
        toast(request, " ".join(error.messages), level="error")
    else:
        text = ngettext("%(count)s record is back.", "%(count)s records are back.", len(labels))
        toast(request, text % {"count": len(labels)})
        if lost:
            toast(request, " ".join(lost[:5]), level="warning")
    target = back or came_from(request, "/")
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
