"""Documents in the API: upload, list, read, rename, download, delete."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer

from digiweb.api.errors import ProblemError
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, SubjectField
from digiweb.api.views import RecordViewSet
from digiweb.sending import send_file
from timeline.filters.document import DocumentFilterSet
from timeline.forms.document import DocumentForm
from timeline.models import Document
from timeline.models.document import document_kinds
from timeline.services.document import add_document, delete_documents, may_add, rename_document
from timeline.services.document_files import size_limit_text
from timeline.services.subject import subject_in_sight
from timeline.views.document import DocumentListView
from timeline.views.document_file import check_may_leave


class UploadSerializer(AskedSerializer):
    """A file and the record that it is put on."""

    subject = SubjectField(help_text=gettext_lazy("The record: `crm.contact:1042`."))
    file = serializers.FileField(allow_empty_file=True, max_length=1000)
    name = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text=gettext_lazy("Left out, it is the name of the file."),
    )


class DocumentSerializer(RecordSerializer):
    """A file on a record."""

    subject = SubjectField(source="subject_name", read_only=True)
    added_by_name = LabelField(source="added_by")

    class Meta:
        model = Document
        form = DocumentForm
        fields = [
            "id", "version", "subject", "name", "kind", "size", "pages", "sha256", "scan", "added_by",
            "added_by_name", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in ("name", "version")]
        example = {"name": "Cahier des charges.pdf"}
        example_read = {
            "id": 57,
            "version": 1,
            "kind": "pdf",
            "size": 48213,
            "pages": 6,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "scan": "clean",
            "subject": "crm.contact:1042",
            "added_by": 3,
            "added_by_name": "Hugo Lefèvre",
            "created_at": "2026-11-02T08:30:00Z",
            "updated_at": "2026-11-20T16:05:12.345678Z",
        }


class FileRenderer(BaseRenderer):
    """Lets a caller ask for whatever the file is; the view sends it."""

    media_type = "*/*"
    format = "file"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data


class DocumentViewSet(RecordViewSet):
    """Documents of the records within one's sight."""

    module = "timeline.document"
    model = Document
    serializer_class = DocumentSerializer
    rights = {**RecordViewSet.rights, "download": "view"}
    filterset_class = DocumentFilterSet
    sorts = DocumentListView.sorts
    reads = ("subject_type", "subject_id")
    labels = {"added_by": ("first_name", "last_name", "email")}
    title = gettext_lazy("Documents")
    about = gettext_lazy(
        "Files on contacts, companies, deals and activities. Who may see a record sees its documents, who "
        "may change it adds and removes them. The type is told by the content; a file whose name says "
        "otherwise is refused. `scan` says what the virus check found."
    )
    summaries = {"download": gettext_lazy("Download")}
    descriptions = {
        "download": gettext_lazy(
            "The file itself. What is infected answers 403, what still waits for the virus check 409."
        )
    }

    def get_parsers(self) -> list[Any]:
        # Asked before DRF works out the action; when the document is made, without a request.
        method = (self.request.method or "").lower() if self.request else ""
        verb = getattr(self, "action", None) or self.action_map.get(method)
        return [MultiPartParser()] if verb == "create" else list(super().get_parsers())

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: DocumentSerializer})
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().create(request, *args, **kwargs)

    def valid_form(self, record: Any = None) -> Any:
        if record is not None:
            return super().valid_form(record)
        if getattr(self.request._request, "upload_too_large", False):
            raise ProblemError(413, _("A file has at most %(limit)s.") % {"limit": size_limit_text()})
        serializer: Any = UploadSerializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def create_record(self, form: Any) -> Document:
        user: Any = self.request.user
        record = subject_in_sight(user, *form["subject"])
        if record is None or form["subject"][0] not in document_kinds():
            raise ValidationError({"subject": [_("There is no such record, or you do not see it.")]})
        if not may_add(user, record):
            raise PermissionDenied
        try:
            return add_document(user=user, obj=record, file=form["file"], name=form.get("name", ""))
        except DjangoValidationError as error:
            raise ValidationError({"file": error.messages}) from error

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        rename_document(user=self.request.user, document=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_documents(user=self.request.user, pks=[record.pk])

    def get_object(self) -> Any:
        """Seeing a document is seeing its record; changing it is changing the record."""
        record = super().get_object()
        user: Any = self.request.user
        if self.right != "view" and not user.can(self.module, self.right, record):
            raise PermissionDenied
        return record

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    @action(detail=True, renderer_classes=[JSONRenderer, FileRenderer])
    def download(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        document: Document = self.get_object()
        if document.scan != Document.Scan.INFECTED and not document.may_be_sent:
            text = _("This file is still being checked for viruses: try again in a moment.")
            raise ProblemError(409, text, {"Retry-After": "60"})
        check_may_leave(document)
        return send_file(
            request,
            document.file,
            name=document.name,
            mime=document.type.mime,
            etag=document.sha256,
        )
