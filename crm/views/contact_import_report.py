"""The report of an import: progress, counts, rows, the file of the refused ones; stopping and undoing it."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.importing.plan import Settings
from crm.models import Contact, ContactImport, ContactImportRow
from crm.models.contact_import import SKIP_REASONS
from crm.services.contact_import import cancel_import, names_of, settle_import, start_import
from crm.services.contact_import_undo import preview_undo, start_undo
from crm.tables.contact_import import STATE_COLOURS
from crm.views.contact_import import ContactImportView, require_contacts
from digiweb.audit import record
from digiweb.exports import check_own_name, defuse
from digiweb.numbers import whole_number
from digiweb.toasts import toast
from digiweb.views.jobs import job_context

PAGE = 50
CHUNK = 1000
State = ContactImport.State
# Which rows the report lists: (name, heading, condition).
LISTS = (
    ("refused", gettext_lazy("Refused rows"), {"outcome": "refused"}),
    ("skipped", gettext_lazy("Duplicates skipped"), {"outcome": "skipped"}),
    ("left", gettext_lazy("Left as they are: changed since"), {"undo": "left"}),
)


def may_undo(user: Any, run: ContactImport) -> bool:
    """The one who imported, or who may delete imports of the whole house."""
    if not user.can(run.module, "delete", run):
        return False
    return bool(run.user_id == user.pk or user.is_superuser or user.scope(run.module, "delete") == "all")


def may_have_rows(user: Any, run: ContactImport) -> bool:
    """One's own refused rows are one's own file; those of others are an export."""
    return bool(run.user_id == user.pk or user.can(run.module, "export", run))


class ContactImportDetailView(ContactImportView):
    """Progress while it runs, the report when it has ended."""

    template_name = "crm/contact_import/detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.get_object()
        if run.state == State.UPLOADED:
            return self.to(run)
        if run.is_busy and run.job and not run.job.is_live:
            run = settle_import(run=run)
        if request.htmx and not run.is_busy:  # type: ignore[attr-defined]
            # The progress asked how far it is, and it has ended: the page becomes the report.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, self.template_name, self.context(run))

    def context(self, run: ContactImport) -> dict[str, Any]:
        user: Any = self.request.user
        job = {**job_context(run.job, user), "url": self.request.path} if run.is_busy and run.job else None
        mine = run.user_id == user.pk
        if job and job["cancel_url"]:
            job["cancel_url"] = (
                reverse("crm:contact_import_cancel", args=[run.pk]) if mine or user.is_admin else ""
            )
        contacts = reverse("crm:contact_list")
        stands = not run.undo_cursor
        return {
            "run": run,
            "job": job,
            "badge": {"label": run.get_state_display(), "colour": STATE_COLOURS[run.state]},
            "page_title": run.name,
            "breadcrumbs": [*self.breadcrumbs, (run.name, "")],
            "figures": [
                {
                    "name": "created",
                    "label": _("created"),
                    "icon": "user-plus",
                    "value": run.created,
                    "url": f"{contacts}?imported={run.pk}-created" if stands else "",
                },
                {
                    "name": "updated",
                    "label": _("updated"),
                    "icon": "refresh",
                    # Contacts, not rows: a file may name somebody twice.
                    "value": run.rows.filter(outcome="updated").values("contact_id").distinct().count(),
                    "url": f"{contacts}?imported={run.pk}-updated" if stands else "",
                },
                {
                    "name": "skipped",
                    "label": _("duplicates skipped"),
                    "icon": "copy",
                    "value": run.skipped,
                    "url": "?rows=skipped#rows",
                },
                {
                    "name": "refused",
                    "label": _("refused"),
                    "icon": "ban",
                    "value": run.refused,
                    "url": "?rows=refused#rows",
                },
            ],
            "refused_reasons": _by_count(run.reasons.get("refused", {})),
            "skipped_reasons": [
                (SKIP_REASONS.get(code, code), count)
                for code, count in _by_count(run.reasons.get("skipped", {}))
            ],
            "undone": run.undo_report,
            "refused_url": reverse("crm:contact_import_refused", args=[run.pk])
            if run.refused and may_have_rows(user, run)
            else "",
            "undo_url": reverse("crm:contact_import_undo", args=[run.pk])
            if run.can_be_undone and may_undo(user, run)
            else "",
            "resume_url": reverse("crm:contact_import_resume", args=[run.pk])
            if run.can_go_on and mine
            else "",
            "settings": describe_settings(run),
            **self.rows(run),
        }

    def rows(self, run: ContactImport) -> dict[str, Any]:
        """The rows that the address asks for, else the refused ones, else the ones left by an undo."""
        user = self.request.user
        wanted = self.request.GET.get("rows", "")
        lists = [entry for entry in LISTS if _count_of(run, entry[0])]
        if not lists or run.is_busy:
            return {"lists": []}
        preferred = "left" if run.undo_report.get("left") else "refused"
        name, heading, condition = next(
            (entry for entry in lists if entry[0] == wanted),
            next((entry for entry in lists if entry[0] == preferred), lists[0]),
        )
        rows = ContactImportRow.objects.visible_to(user).filter(run=run, **condition).order_by("number")
        after = whole_number(self.request.GET.get("after", ""))
        if after is not None:
            rows = rows.filter(number__gt=after)
        found = list(rows[: PAGE + 1])
        shown = found[:PAGE]
        contacts = Contact.objects.visible_to(user).in_bulk(
            [row.contact_id for row in shown if row.contact_id]
        )
        return {
            "lists": [
                {
                    "name": entry[0],
                    "label": entry[1],
                    "count": _count_of(run, entry[0]),
                    "active": entry[0] == name,
                }
                for entry in lists
            ],
            "rows_heading": heading,
            "rows_name": name,
            "header": run.header,
            "rows": [
                {
                    "number": row.number,
                    "contact": contacts.get(row.contact_id or 0),
                    "reason": SKIP_REASONS.get(row.reason, row.reason),
                    "values": [value for value in row.values if value.strip()][:6]
                    if name == "refused"
                    else [],
                }
                for row in shown
            ],
            "more_url": f"?rows={name}&after={shown[-1].number}#rows" if len(found) > PAGE else "",
        }


def _count_of(run: ContactImport, name: str) -> int:
    return int(run.undo_report.get("left", 0) if name == "left" else getattr(run, name))


def _by_count(reasons: dict[str, int]) -> list[tuple[Any, int]]:
    return sorted(reasons.items(), key=lambda item: (-item[1], item[0]))


def describe_settings(run: ContactImport) -> list[tuple[Any, str]]:
    """What was chosen, in words."""
    choices = Settings.of(run.settings)
    given = ", ".join(names_of(choices.everybody()).values())
    lines = [
        (_("Duplicates"), str(ContactImport.OnDuplicate(choices.on_duplicate).label)),
        (_("The same contact"), str(ContactImport.MatchOn(choices.match_on).label)),
        (_("Assigned to"), given or str(ContactImport.Assign(choices.assign).label)),
        (_("Tags"), ", ".join(choices.tags)),
    ]
    return [(label, text) for label, text in lines if text]


class ContactImportCancelView(ContactImportView):
    """Stops an import on its way; what was imported stays."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.get_object()
        user: Any = request.user
        if run.user_id != user.pk and not user.is_admin:
            raise PermissionDenied
        cancel_import(user=user, run=run)
        toast(request, _("The import is stopped: what was imported stays, and can be undone."), level="info")
        return self.to(run)


class ContactImportResumeView(ContactImportView):
    """Goes on with an import that was stopped or failed."""

    action = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.mine()
        require_contacts(request.user)
        try:
            start_import(user=request.user, run=run)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        return self.to(run)


class ContactImportUndoView(ContactImportView):
    """Takes a whole import back; says first what that does."""

    action = "delete"
    template_name = "crm/contact_import/undo.html"

    def find(self) -> ContactImport:
        run: ContactImport = self.get_object()
        if not may_undo(self.request.user, run):
            raise PermissionDenied
        return settle_import(run=run) if run.is_busy else run

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.find()
        if not run.can_be_undone:
            return self.to(run)
        preview = preview_undo(run)
        seen = Contact.objects.visible_to(request.user).in_bulk([contact.pk for contact in preview.changed])
        context = {
            "run": run,
            "preview": preview,
            "changed": [seen[contact.pk] for contact in preview.changed if contact.pk in seen],
            "page_title": _("Undo the import of %(file)s?") % {"file": run.name},
            "breadcrumbs": [
                *self.breadcrumbs,
                (run.name, reverse("crm:contact_import_detail", args=[run.pk])),
            ],
        }
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.find()
        try:
            start_undo(user=request.user, run=run)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        return self.to(run)


class ContactImportRefusedView(ContactImportView):
    """The refused rows as a CSV, with what is wrong, to be put right and imported again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        check_own_name(request)
        run = self.get_object()
        if not may_have_rows(request.user, run):
            raise PermissionDenied
        record(user=request.user, action="exported", obj=run, data={"list": "refused rows", "format": "csv"})
        response = StreamingHttpResponse(
            refused_lines(run, request.user), content_type="text/csv; charset=utf-8"
        )
        name = slugify(run.name.rpartition(".")[0]) or "import"
        response["Content-Disposition"] = f'attachment; filename="{name}-{slugify(_("refused"))}.csv"'
        return response


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def refused_lines(run: ContactImport, user: Any) -> Iterator[bytes]:
    """The original header and cells, and a column with the reason; no cell is a formula."""
    delimiter = run.delimiter if run.delimiter in (",", ";", "\t", "|") else ";"
    writer = csv.writer(_Echo(), delimiter=delimiter)
    width = len(run.header)
    title = _("Reason")
    yield ("\ufeff" + writer.writerow([*map(defuse, run.header), title])).encode("utf-8", "replace")
    last = -1
    refused = ContactImportRow.objects.visible_to(user).filter(run=run, outcome="refused").order_by("number")
    while chunk := list(refused.filter(number__gt=last).values_list("number", "values", "reason")[:CHUNK]):
        last = chunk[-1][0]
        for _number, values, reason in chunk:
            # A row wider than its header keeps its cells; a narrower one gets empty ones.
            cells = [*values, *[""] * (width - len(values))]
            yield writer.writerow([*map(defuse, cells), reason]).encode("utf-8", "replace")
