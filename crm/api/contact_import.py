"""Imports of contacts in the API: upload, set up, start, follow, undo."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from crm.filters.contact_import import ContactImportFilterSet
from crm.importing.fields import FIELDS
from crm.importing.headers import detect_mapping
from crm.importing.plan import NAMING, Settings, twice
from crm.models import Contact, ContactImport
from crm.services.contact_import import (
    cancel_import,
    custom_fields,
    discard_import,
    require_reach,
    set_up_import,
    settle_import,
    start_import,
    upload_import,
)
from crm.services.contact_import_undo import start_undo
from crm.views.contact_import import ContactImportListView, require_contacts
from crm.views.contact_import_report import may_have_rows, may_undo, refused_lines
from digiweb.api.errors import ProblemError
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import MAX_ID, MAX_VERSION, AskedSerializer, RecordSerializer
from digiweb.api.views import RecordViewSet
from digiweb.audit import record as record_event
from digiweb.custom import is_custom
from digiweb.exports import check_own_name

READ = (
    "id", "version", "name", "kind", "encoding", "delimiter", "header", "preset", "mapping",
    "settings", "state", "cursor", "total", "created", "updated", "skipped", "refused", "error",
    "undo_report", "created_at", "started_at", "ended_at",
)  # fmt: skip


class SettingsSerializer(AskedSerializer):
    """What is done with duplicates, owners and empty cells; what is left out stays as it is."""

    on_duplicate = serializers.ChoiceField(ContactImport.OnDuplicate.choices, required=False)
    match_on = serializers.ChoiceField(ContactImport.MatchOn.choices, required=False)
    assign = serializers.ChoiceField(ContactImport.Assign.choices, required=False)
    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Whose the contacts become: one person, or several in turn."),
    )
    rules = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        help_text=gettext_lazy("First digits of the postcode: person."),
    )
    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    status = serializers.ChoiceField(Contact.Status.choices, required=False, allow_blank=True)
    source = serializers.CharField(max_length=60, required=False, allow_blank=True)  # type: ignore[assignment]


class FieldName(serializers.ChoiceField):
    """A field that a column fills; of custom fields `columns_of` knows which there are."""

    def to_internal_value(self, data: Any) -> Any:
        return data if isinstance(data, str) and is_custom(data) else super().to_internal_value(data)


class SetUpSerializer(AskedSerializer):
    """How the file is read and what is done with its rows; what else was read may be sent back."""

    ignored = frozenset(READ)
    mapping = serializers.DictField(
        child=FieldName([(name, field.label) for name, field in FIELDS.items()]),
        required=False,
        help_text=gettext_lazy(
            "Number of the column (from 0): field, or `custom_` and the key of a custom field. Columns left "
            "out are not imported."
        ),
    )
    settings = SettingsSerializer(required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=MAX_VERSION)


class UploadSerializer(SetUpSerializer):
    """A file, and how it is read where that is known beforehand; `mapping` and `settings` as JSON."""

    file = serializers.FileField(help_text=gettext_lazy("CSV, XLSX or vCard."))


class ContactImportSerializer(RecordSerializer):
    """An import, and how far it is."""

    header = serializers.ListField(child=serializers.CharField(), read_only=True)
    mapping = serializers.DictField(child=serializers.CharField(), read_only=True)
    settings = SettingsSerializer(read_only=True)
    undo_report = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = ContactImport
        fields = list(READ)
        read_only_fields = fields
        example = {
            "mapping": {"0": "first_name", "1": "last_name", "2": "email"},
            "settings": {
                "on_duplicate": "update",
                "match_on": "both",
                "assign": "me",
                "tags": ["Salon 2026"],
            },
        }
        example_read = {
            "id": 7,
            "version": 2,
            "name": "contacts.csv",
            "kind": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "header": ["prenom", "nom", "email"],
            "preset": "",
            "state": "done",
            "cursor": 900,
            "total": 900,
            "created": 850,
            "updated": 30,
            "skipped": 12,
            "refused": 8,
            "error": "",
            "undo_report": {},
            "created_at": "2026-11-02T08:30:00Z",
            "started_at": "2026-11-02T08:31:00Z",
            "ended_at": "2026-11-02T08:31:02Z",
        }


class CSVRenderer(BaseRenderer):
    """Lets a caller ask for CSV; the view streams it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data


class ContactImportViewSet(RecordViewSet):
    """Imports of one's own."""

    module = "crm.contactimport"
    model = ContactImport
    serializer_class = ContactImportSerializer
    # Setting up and stopping belong to importing; taking back is the module's "delete".
    rights = {
        **RecordViewSet.rights,
        "partial_update": "create",
        "start": "create",
        "cancel": "create",
        "undo": "delete",
        "refused": "view",
    }
    bodiless_actions = ("start", "cancel", "undo")
    filterset_class = ContactImportFilterSet
    sorts = ContactImportListView.sorts
    title = gettext_lazy("Imports of contacts")
    about = gettext_lazy(
        "Upload a file, look at the mapping that was found, change it where needed, start, and read the "
        "import again until its state is “done”. Rows that were refused come back as CSV with the reason."
    )
    summaries = {
        "start": gettext_lazy("Start"),
        "cancel": gettext_lazy("Stop"),
        "undo": gettext_lazy("Undo"),
        "refused": gettext_lazy("Refused rows"),
    }
    descriptions = {
        "start": gettext_lazy("A worker imports the file, or goes on where it was stopped."),
        "cancel": gettext_lazy("Stops at the next batch; what was imported stays and can be undone."),
        "undo": gettext_lazy(
            "A worker removes what was created and restores what was updated; what changed since stays."
        ),
        "refused": gettext_lazy("The rows that were not imported, as in the file, with the reason."),
    }

    def get_parsers(self) -> list[Any]:
        # Asked before DRF works out the action; when the document is made, without a request.
        method = (self.request.method or "").lower() if self.request else ""
        verb = getattr(self, "action", None) or self.action_map.get(method)
        return [MultiPartParser()] if verb == "create" else list(super().get_parsers())

    # --- Verbs

    def valid_form(self, record: Any = None) -> Any:
        """What was sent, valid; the service says the rest."""
        data = self.request.data
        if record is None:
            data = unpacked(data)
            if getattr(self.request._request, "upload_too_large", False):
                limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
                raise ProblemError(413, _("A file has at most %(limit)s MB.") % {"limit": limit})
        elif not isinstance(data, Mapping):
            raise ParseError(_("The body is to be a JSON object."))
        serializer: Any = (SetUpSerializer if record else UploadSerializer)(data=data)
        serializer.is_valid(raise_exception=True)
        self.sent_version = serializer.validated_data.get("version")
        return serializer.validated_data

    def create_record(self, form: Any) -> ContactImport:
        user: Any = self.request.user
        require_contacts(user)
        require_reach(user, choices_of({}, form))
        file = form["file"]
        with transaction.atomic():
            run = upload_import(user=user, file=file, name=file.name)
            try:
                if "mapping" in form or "settings" in form:
                    self.change_record(run, form, None)
            except BaseException:
                run.file.storage.delete(str(run.file.name))
                raise
        return run

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        set_up_import(
            user=self.request.user,
            run=self.mine(record),
            columns=columns_of(record, form.get("mapping", record.mapping)),
            choices=choices_of(record.settings, form),
            version=version,
        )

    def delete_record(self, record: Any) -> None:
        discard_import(user=self.request.user, run=self.mine(record))

    def mine(self, run: Any) -> Any:
        """Who sees others' imports does not carry them on: they run with their owner's rights."""
        if run.user_id != self.request.user.pk:
            raise PermissionDenied
        return run

    def get_object(self) -> ContactImport:
        run: ContactImport = super().get_object()
        return settle_import(run=run) if run.is_busy else run

    @extend_schema(request=None, responses={202: ContactImportSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def start(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        require_contacts(request.user)
        return self.accepted(start_import(user=request.user, run=self.mine(self.get_object())))

    @extend_schema(request=None, responses={202: ContactImportSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = self.get_object()
        if not request.user.is_admin:
            self.mine(run)
        cancel_import(user=request.user, run=run)
        return self.accepted(run)

    @extend_schema(request=None, responses={202: ContactImportSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def undo(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = self.get_object()
        if not may_undo(request.user, run):
            raise PermissionDenied
        return self.accepted(start_undo(user=request.user, run=run))

    def accepted(self, run: Any) -> Response:
        return self.answer(self.fresh(run), status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={(200, "text/csv"): str})
    @action(detail=True, renderer_classes=[CSVRenderer, JSONRenderer])
    def refused(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        check_own_name(request)
        run = self.get_object()
        if not may_have_rows(request.user, run):
            raise PermissionDenied
        data = {"list": "refused rows", "format": "csv"}
        record_event(user=request.user, action="exported", obj=run, data=data)
        response = StreamingHttpResponse(
            refused_lines(run, request.user), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-refused.csv"'
        return response


def unpacked(data: Any) -> dict[str, Any]:
    """The parts of a form; `mapping` and `settings` are JSON."""
    parts = {name: data[name] for name in data}
    for name in ("mapping", "settings"):
        if isinstance(parts.get(name), str):
            try:
                parts[name] = json.loads(parts[name])
            except (ValueError, RecursionError):
                raise ValidationError({name: [_("This is not valid JSON.")]}) from None
    return parts


def columns_of(run: ContactImport, mapping: Mapping[str, str]) -> dict[int, str]:
    """The mapping by column number; raises ValidationError for one that makes no sense of this file."""
    known = {str(number): number for number in range(len(run.header))}
    unknown = [key[:20] for key in mapping if key not in known]
    columns = {known[key]: name for key, name in mapping.items() if key in known}
    customs = custom_fields() if any(map(is_custom, columns.values())) else {}
    doubled = twice(columns, detect_mapping(run.header, customs.values()).columns)
    gone = [name[:60] for name in columns.values() if is_custom(name) and name not in customs]
    errors = [_("There is no column %(number)s.") % {"number": key} for key in unknown[:5]]
    errors += [
        _("Column %(number)s fills a field that another fills already.") % {"number": n} for n in doubled
    ]
    errors += [_("There is no custom field %(name)s.") % {"name": name} for name in gone[:5]]
    if not errors and not set(columns.values()) & set(NAMING):
        errors = [_("One column must say who it is: a name, an e-mail address or a phone number.")]
    if errors:
        raise ValidationError({"mapping": errors})
    return columns


def choices_of(present: Mapping[str, Any], form: Mapping[str, Any]) -> Settings:
    """The present settings with those that were sent; raises ValidationError when they do not go together."""
    choices = Settings.of({**present, **form.get("settings", {})})
    if choices.assign in ("person", "round_robin") and not choices.people:
        raise ValidationError({"settings.people": [_("Say to whom the contacts go.")]})
    if choices.assign == "rule":
        if not choices.rules:
            raise ValidationError({"settings.rules": [_("Say to whom the contacts go.")]})
        if not all(key.isascii() and key.isalnum() and len(key) <= 5 for key in choices.rules):
            raise ValidationError(
                {"settings.rules": [_("A rule begins with the first digits of a postcode.")]}
            )
    return choices
