"""Pages of imports: the file, the set-up with its preview, the report, the undo."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.filters.contact_import import ContactImportFilterSet
from crm.forms.contact_import import ReadAsForm, SetupForm, UploadForm
from crm.importing.headers import detect_mapping
from crm.importing.plan import mapping_of
from crm.models import ContactImport
from crm.services.contact_import import (
    custom_fields,
    discard_import,
    make_plan,
    set_up_import,
    source_of,
    start_import,
    upload_import,
)
from crm.services.contact_import_preview import preview_import
from crm.tables.contact_import import STATE_COLOURS, ContactImportTable
from digiweb.jobs import JobError
from digiweb.models import StaleVersion
from digiweb.paging import Sort
from digiweb.toasts import toast
from digiweb.views.base import PageView, RecordMixin
from digiweb.views.list import ListView

MODULE = "crm.contactimport"
CONTACTS = (gettext_lazy("Contacts"), "/crm/contacts/")
IMPORTS = (gettext_lazy("Imports"), "/crm/imports/")
TEMPLATE_HEADER = "prenom,nom,email,telephone,entreprise,poste,ville,pays,statut,source"
TEMPLATE_ROW = (
    "Camille,Roy,camille.roy@exemple.fr,06 12 34 56 78,Boulangerie Roy,Gérante,Nantes,France,Prospect,Salon"
)
STALE = 409


def require_contacts(user: Any) -> None:
    """Who may import but not create contacts cannot import contacts."""
    if not user.can("crm.contact", "create"):
        raise PermissionDenied


class ContactImportListView(ListView):
    """The imports within sight."""

    module = MODULE
    model = ContactImport
    urls = "crm:contact_import"
    title = gettext_lazy("Imports")
    filterset_class = ContactImportFilterSet
    table = ContactImportTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    drawing = "empty-import"
    empty_text = gettext_lazy("No import yet: bring your contacts from a CSV, Excel or vCard file.")
    breadcrumbs = (CONTACTS,)

    def extra_actions(self) -> list[dict[str, Any]]:
        return import_action(self.request.user)

    def _empty(self, described: dict[str, Any]) -> dict[str, Any]:
        empty = super()._empty(described)
        if not empty["filtered"]:
            actions = import_action(self.request.user)
            empty |= {
                "action_url": actions[0]["url"] if actions else "",
                "action_label": _("Import contacts"),
            }
        return empty


def import_action(user: Any) -> list[dict[str, Any]]:
    """The button of a list that leads to the import."""
    if not (user.can(MODULE, "create") and user.can("crm.contact", "create")):
        return []
    return [{"label": _("Import"), "url": reverse("crm:contact_import_new"), "icon": "file-import"}]


class ContactImportNewView(PageView):
    """Step one: the file."""

    module = MODULE
    action = "create"
    template_name = "crm/contact_import/new.html"
    breadcrumbs = (CONTACTS, (gettext_lazy("Import"), ""))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_contacts(request.user)
        if request.htmx and request.htmx.target == "drawer-body":  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": request.path})
        return self.answer(UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_contacts(request.user)
        form = UploadForm(request.POST, request.FILES)
        if getattr(request, "upload_too_large", False):
            form.errors.pop("file", None)
            limit = filesizeformat(settings.IMPORT_MAX_BYTES)
            form.add_error("file", _("The file is larger than %(allowed)s.") % {"allowed": limit})
        elif form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = upload_import(user=request.user, file=file, name=file.name)
                return HttpResponseRedirect(reverse("crm:contact_import_setup", args=[run.pk]))
            except ValidationError as error:
                form.add_error("file", error)
        return self.answer(form, status=422)

    def answer(self, form: UploadForm, status: int = 200) -> HttpResponse:
        recent = (
            ContactImport.objects.visible_to(self.request.user).select_related("user").order_by("-id")[:5]
        )
        context = self.get_context_data(form=form, page_title=_("Import contacts"))
        context["recent"] = [{"run": run, "colour": STATE_COLOURS[run.state]} for run in recent]
        context["header"] = TEMPLATE_HEADER
        return render(self.request, self.template_name, context, status=status)


class ContactImportTemplateView(PageView):
    """A sample file with the header that every export of ours and theirs can be brought to."""

    module = MODULE
    action = "create"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(
            f"\ufeff{TEMPLATE_HEADER}\r\n{TEMPLATE_ROW}\r\n", content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="contacts.csv"'
        return response


class ContactImportView(RecordMixin):
    """What the pages of one import share."""

    module = MODULE
    action = "view"
    model = ContactImport
    select_related = ("user", "job")
    breadcrumbs = (CONTACTS, IMPORTS)

    def mine(self) -> ContactImport:
        """The import, when it is the person's own: others may look, not decide."""
        run: ContactImport = self.get_object()
        if run.user_id != self.request.user.pk:
            raise PermissionDenied
        return run

    def to(self, run: ContactImport) -> HttpResponse:
        url = run.get_absolute_url()
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


class ContactImportSetupView(ContactImportView):
    """Step two: which column is what, what to do with duplicates, what it would give."""

    action = "create"
    template_name = "crm/contact_import/setup.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.mine()
        require_contacts(request.user)
        if run.state != ContactImport.State.UPLOADED:
            return HttpResponseRedirect(reverse("crm:contact_import_detail", args=[run.pk]))
        return self.show(run, self.asked(request.GET, run))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.mine()
        require_contacts(request.user)
        if run.state != ContactImport.State.UPLOADED:
            return HttpResponseRedirect(reverse("crm:contact_import_detail", args=[run.pk]))
        if "discard" in request.POST:
            discard_import(user=request.user, run=run)
            toast(request, _("The file is forgotten; nothing was imported."), level="info")
            return HttpResponseRedirect(reverse("crm:contact_import_new"))
        return self.show(run, self.asked(request.POST, run), start="start" in request.POST)

    def asked(self, data: Any, run: ContactImport) -> dict[str, str]:
        """How the person wants the file read, where the form allows it."""
        form = ReadAsForm(data, run=run)
        form.is_valid()
        found = {name: form.cleaned_data.get(name) or "" for name in ("encoding", "delimiter")}
        return {
            "encoding": found["encoding"] or run.encoding,
            "delimiter": found["delimiter"] or run.delimiter,
        }

    def show(self, run: ContactImport, asked: dict[str, str], *, start: bool = False) -> HttpResponse:
        request, user = self.request, self.request.user
        try:
            source = source_of(run, **asked)
        except ValidationError as error:
            return self.unreadable(run, asked, error)
        customs = custom_fields()
        detected = detect_mapping(source.header, customs.values())
        columns = detected.columns
        if source.header == run.header and run.version > 1:
            columns = mapping_of(run.preset, run.mapping, customs).columns
        initial = {**SetupForm.initial_of(run, columns), **asked}
        options: dict[str, Any] = {
            "user": user,
            "header": source.titles,
            "detected": detected.columns,
            "customs": customs,
            "initial": initial,
        }
        form = SetupForm(request.POST if request.method == "POST" else initial, **options)
        valid = form.is_valid()
        status = 200
        if start and valid:
            try:
                set_up_import(
                    user=user,
                    run=run,
                    columns=form.columns,
                    choices=form.choices(),
                    source=source,
                    version=form.cleaned_data["version"],
                )
                return self.to(start_import(user=user, run=run))
            except ValidationError as error:
                form.add_error(None, error)
            except StaleVersion:
                form.add_error(
                    None, _("This import was set up in another window meanwhile: reload the page.")
                )
                status = STALE
        if start and status == 200:
            status = 422
        run.mapping = {str(at): name for at, name in form.columns.items()}
        run.settings = form.choices().as_json()
        preview = self.preview(run, source)
        context = self.context(run, asked) | {
            "form": form,
            "errors": valid is False and start,
            "preset": PRESETS.get(detected.preset, ""),
            "columns": self.columns(form, source),
            "preview": preview,
            # Counted where the whole file was looked at; else by its lines (a row may have several).
            "rows_to_import": preview.counted if preview and preview.complete else run.total,
            "more_people": len(form.reach) > 1,
        }
        source.file.close()
        return render(request, self.template_name, context, status=status)

    def context(self, run: ContactImport, asked: dict[str, str]) -> dict[str, Any]:
        return {
            "run": run,
            "read_as": ReadAsForm(initial=asked, run=run),
            "page_title": _("Import of %(file)s") % {"file": run.name},
            "breadcrumbs": [*self.breadcrumbs, (run.name, "")],
        }

    def unreadable(self, run: ContactImport, asked: dict[str, str], error: ValidationError) -> HttpResponse:
        context = self.context(run, asked) | {"unreadable": " ".join(error.messages)}
        return render(self.request, self.template_name, context, status=422)

    def columns(self, form: SetupForm, source: Any) -> list[dict[str, Any]]:
        """Each column with its field and the first values in it."""
        samples: list[list[str]] = [[] for _title in source.header]
        for looked, row in enumerate(source.rows()):
            for sample, value in zip(samples, row.values, strict=False):
                if value.strip() and len(sample) < 3:
                    sample.append(value.strip()[:80])
            if looked >= 100:
                break
        return [
            {"field": field, "title": title, "samples": sample}
            for field, title, sample in zip(form.column_fields, source.titles, samples, strict=True)
        ]

    def preview(self, run: ContactImport, source: Any) -> Any:
        try:
            return preview_import(plan=make_plan(run), source=source)
        except JobError:
            return None


PRESETS = {
    "google": gettext_lazy("Google Contacts"),
    "google_old": gettext_lazy("Google Contacts"),
    "outlook": gettext_lazy("Outlook"),
    "outlook_fr": gettext_lazy("Outlook"),
    "linkedin": gettext_lazy("LinkedIn"),
    "hubspot": gettext_lazy("HubSpot"),
    "mailchimp": gettext_lazy("Mailchimp"),
    "digiweb": gettext_lazy("DigiWeb ERP"),
    "french": gettext_lazy("DigiWeb ERP's sample file"),
}
