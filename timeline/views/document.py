"""Pages of documents: list, page of one, upload, rename, delete. The files themselves: document_file.py."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.models import Record
from digiweb.paging import Sort
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import UNPROCESSABLE, DeleteView, EditView
from digiweb.views.list import ListView
from digiweb.views.panels import visible_subject
from timeline.document_panel import documents_of, name_of
from timeline.filters.document import DocumentFilterSet
from timeline.forms.document import ACCEPTED, MOST_FILES, DocumentForm, UploadForm
from timeline.models import Document
from timeline.models.document import document_kinds
from timeline.services.document import (
    add_document,
    delete_documents,
    may_add,
    rename_document,
    twin_of,
)
from timeline.services.document_files import size_limit_text
from timeline.services.subject import read_subject
from timeline.tables import document as columns
from timeline.tables.document import SCAN_COLOURS, DocumentTable, size_text

MODULE = "timeline.document"
CRUMB = (gettext_lazy("Documents"), "/documents/")


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_documents(user=user, pks=pks, batch=data["batch"])


def named_record(request: HttpRequest) -> Any:
    """The record that `?subject=crm.contact:12` names, within sight; None where none is named."""
    text = request.GET.get("subject", "")
    if not text:
        return None
    try:
        kind, pk = read_subject(text)
    except ValidationError:
        raise Http404 from None
    if kind not in document_kinds():
        raise Http404
    return visible_subject(request.user, kind, pk)


class DocumentListView(ListView):
    """All documents within sight."""

    module = MODULE
    model = Document
    urls = "document"
    title = gettext_lazy("Documents")
    filterset_class = DocumentFilterSet
    table = DocumentTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("name", gettext_lazy("Name, A to Z"), ("sort_name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("sort_name", "id"), descending=True),
        Sort("-size", gettext_lazy("Largest first"), ("size", "id"), descending=True),
        Sort("size", gettext_lazy("Smallest first"), ("size", "id")),
    )
    empty_text = gettext_lazy("No document yet: open a contact, a company or a deal and drop a file there.")
    bulk_actions = (
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s document", "Delete %(count)s documents", "count"),
            done_label=ngettext_lazy("%(count)s document deleted.", "%(count)s documents deleted.", "count"),
        ),
    )

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        for chip in described["chips"]:
            if chip["name"] == "subject":
                chip["value"] = str(named_record(self.request))
        if self.within and not described["empty"]["filtered"]:
            described["empty"]["text"] = _("No document yet.")
        return described

    def _create_link(self) -> dict[str, Any]:
        """In the tab of a record's page, documents are put on that record."""
        record = named_record(self.request) if self.within else None
        if record is None or not may_add(self.request.user, record):
            return super()._create_link()
        url = f"{reverse('document_new')}?{urlencode({'subject': name_of(record)})}"
        return {"create_url": url, "create_label": _("Add documents")}

    def extra_actions(self) -> list[dict[str, Any]]:
        if not self.filterset.is_valid():
            return []
        record = named_record(self.request)
        if record is None:
            return []
        actions = [{"label": str(record), "url": record.get_absolute_url(), "icon": "arrow-back-up"}]
        if may_add(self.request.user, record):
            url = f"{reverse('document_new')}?{urlencode({'subject': name_of(record)})}"
            actions.append({"label": _("Add documents"), "url": url, "icon": "upload"})
        return actions


class DocumentBulkView(BulkView):
    """Actions on many documents."""

    list_view = DocumentListView
    breadcrumbs = (CRUMB,)


class DocumentDetailView(DetailView):
    """A document with its picture; what can be seen of the file is shown, the rest is downloaded."""

    module = MODULE
    model = Document
    urls = "document"
    breadcrumbs = (CRUMB,)
    select_related = ("added_by",)
    template_name = "timeline/document/detail.html"
    facts = (
        (gettext_lazy("File"), (columns.PLAIN_NAME, columns.TYPE, columns.SIZE, columns.PAGES)),
        (
            gettext_lazy("Where it comes from"),
            (columns.RECORD, columns.KIND, columns.BY, columns.ADDED, columns.SUM),
        ),
    )
    editable = ("name",)

    def subtitle(self, record: Any) -> Any:
        return f"{record.type.label} · {size_text(record)}"

    def badge(self, record: Any) -> dict[str, Any] | None:
        if record.scan == Document.Scan.UNSET:
            return None
        return {"label": record.get_scan_display(), "colour": SCAN_COLOURS[record.scan]}

    def describe(self, record: Any) -> dict[str, Any]:
        described = super().describe(record)
        files = self.files(record)
        return {**described, "actions": [*files, *described["actions"]], "preview": self.preview(record)}

    def files(self, record: Document) -> list[dict[str, Any]]:
        """Downloading is for whoever sees the document."""
        if not record.may_be_sent:
            return []
        url = reverse("document_file", args=[record.pk])
        return [{"label": _("Download"), "url": url, "icon": "download", "primary": True}]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        return [{**action, "primary": False} for action in super().actions(record)]

    def preview(self, record: Document) -> dict[str, Any]:
        """What the middle of the page shows: a picture, or why there is none."""
        shows = record.may_be_sent and record.type.inline
        return {
            "image_url": reverse("document_preview", args=[record.pk]) if record.is_previewed else "",
            "open_url": reverse("document_view", args=[record.pk]) if shows else "",
            "icon": record.type.icon,
            "infected": record.scan == Document.Scan.INFECTED,
            "held": not record.may_be_sent and record.scan != Document.Scan.INFECTED,
            "pending": record.is_pending,
        }


class DocumentEditView(EditView):
    """A document renamed, whole form or in place."""

    module = MODULE
    model: type[Record] = Document
    form_class = DocumentForm
    urls = "document"
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Rename")

    def save(self, form: Any) -> Document:
        document: Document = self.get_instance()
        version = form.cleaned_data["version"]
        rename_document(user=self.request.user, document=document, values=form.values(), version=version)
        return document

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return DocumentDetailView.fact_named(record, name)


class DocumentDeleteView(DeleteView):
    """A document moved to the bin."""

    module = MODULE
    model = Document
    list_url_name = "document_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_documents(user=self.request.user, pks=[record.pk])


class DocumentPanelView(GuardedView):
    """The panel of one record's documents, asked for again after an upload and while a check is under way."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        record = named_record(request)
        if record is None:
            raise Http404
        context = {"panel": documents_of(request.user, record), "object": record}
        return render(request, "timeline/document/panel_lines.html", context)


class DocumentCreateView(GuardedView):
    """Files put on a record: from its page one by one with their progress, or several by a plain form.

    Each file is judged for itself: the good ones are kept, the others named with what is wrong.
    """

    module = MODULE
    action = "create"
    template_name = "timeline/document/new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(self.find_record(), UploadForm())

    def find_record(self) -> Any:
        record = named_record(self.request)
        if record is not None and not may_add(self.request.user, record):
            raise PermissionDenied
        return record

    def post(self, request: HttpRequest) -> HttpResponse:
        record = self.find_record()
        form = UploadForm(request.POST, request.FILES, dropped=getattr(request, "uploads_too_large", ()))
        added: list[Document] = []
        if form.is_valid() and record is not None:
            added = self.add_all(record, form)
        elif form.dropped:
            del form.errors["file"]
        form.add_dropped()
        if record is None:
            form.add_error(None, _("Say on which record: open it and add the document there."))
        if "X-Upload" in request.headers:
            return self.answer_script(form, added)
        self.tell(added)
        if form.errors:
            return self.answer(record, form, status=UNPROCESSABLE)
        return HttpResponseRedirect(record.get_absolute_url())

    def add_all(self, record: Any, form: UploadForm) -> list[Document]:
        added = []
        for file in form.cleaned_data["file"]:
            try:
                added.append(add_document(user=self.request.user, obj=record, file=file))
            except ValidationError as error:
                form.add_error(None if error.code == "gone" else "file", error)
                if error.code == "gone":
                    break
        return added

    def warnings(self, added: list[Document]) -> list[str]:
        """The same file twice on a record is told; it may be meant."""
        text = _("“%(document)s” is the same file as “%(twin)s”, which is here already.")
        twins = [(document, twin_of(document)) for document in added]
        return [text % {"document": document, "twin": twin} for document, twin in twins if twin is not None]

    def tell(self, added: list[Document]) -> None:
        for document in added:
            toast(self.request, _("“%(document)s” is added.") % {"document": document})
        for text in self.warnings(added):
            toast(self.request, text, level="warning")

    def answer_script(self, form: UploadForm, added: list[Document]) -> JsonResponse:
        """For static/js/upload.js, which sends one file at a time."""
        errors = [str(error) for messages in form.errors.values() for error in messages]
        if errors:
            return JsonResponse({"errors": errors}, status=UNPROCESSABLE)
        found = [{"id": one.pk, "name": one.name, "url": one.get_absolute_url()} for one in added]
        return JsonResponse({"documents": found, "warnings": self.warnings(added)}, status=201)

    def answer(self, record: Any, form: UploadForm, *, status: int = 200) -> HttpResponse:
        crumbs = [CRUMB, (_("Add documents"), "")]
        if record is not None:
            crumbs = [(str(record), record.get_absolute_url()), (_("Add documents"), "")]
        context = {
            "form": form,
            "record": record,
            "create_url": self.request.get_full_path(),
            "accept": ACCEPTED,
            "most": MOST_FILES,
            "limit": size_limit_text(),
            "page_title": _("Documents on “%(record)s”") % {"record": record}
            if record
            else _("Add documents"),
            "breadcrumbs": crumbs,
        }
        return render(self.request, self.template_name, context, status=status)
