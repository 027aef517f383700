"""The files of documents on their way out: whoever sees the record, and only what the virus check lets go."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from digiweb.sending import SANDBOX, send_file
from digiweb.views.base import RecordMixin
from timeline.models import Document


def check_may_leave(document: Document) -> None:
    """Raise PermissionDenied for what is infected, or not checked yet where it must be."""
    if document.scan == Document.Scan.INFECTED:
        raise PermissionDenied(_("This file contains a virus: nobody can download it."))
    if not document.may_be_sent:
        raise PermissionDenied(_("This file is still being checked for viruses: try again in a moment."))


class DocumentFileView(RecordMixin):
    """The file itself, as a download."""

    module = "timeline.document"
    action = "view"
    model = Document
    inline = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        document: Document = self.get_object()
        check_may_leave(document)
        if self.inline and not document.type.inline:
            raise Http404
        return send_file(
            request,
            document.file,
            name=document.name,
            mime=document.type.mime,
            inline=self.inline,
            etag=document.sha256,
        )


class DocumentShowView(DocumentFileView):
    """The file in the browser: PDF and pictures only, never what could run."""

    inline = True


class DocumentPreviewView(RecordMixin):
    """The small picture that we drew."""

    module = "timeline.document"
    action = "view"
    model = Document

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        document: Document = self.get_object()
        if not document.is_previewed:
            raise Http404
        try:
            file: Any = default_storage.open(document.preview_name)
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(file, content_type="image/webp")
        response["Cache-Control"] = "private, max-age=3600"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = SANDBOX
        return response
