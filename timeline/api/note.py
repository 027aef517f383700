"""Notes in the API: on any record that one sees; one's own are put right and deleted."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse

from digiweb.api.idempotency import idempotent
from digiweb.api.own import OwnRows
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, SubjectField, asked
from digiweb.api.views import ReadViewSet
from digiweb.views.timeline import NEWEST_FIRST
from timeline.filters.subject import SubjectFilterSet
from timeline.models import Note
from timeline.services.note import add_note, change_note, delete_note, not_told
from timeline.services.subject import subject_in_sight, subject_name

MAX_LENGTH: int = Note._meta.get_field("body").max_length or 0


class MentionSerializer(serializers.Serializer):
    """Somebody named in a note, who was told."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class NoteSerializer(RecordSerializer):
    """A text that somebody wrote on a record."""

    subject = SubjectField(help_text=_("The record: `crm.contact:1042`. Sent on creation only."))
    author_name = LabelField(source="author")
    mentions = MentionSerializer(source="told", many=True, read_only=True)

    class Meta:
        model = Note
        fields = ["id", "subject", "body", "author", "author_name", "mentions", "created_at", "updated_at"]
        read_only_fields = ["id", "author", "created_at", "updated_at"]
        example = {"subject": "crm.contact:1042", "body": "@Claire Fontaine : à rappeler lundi."}
        example_read = {
            "id": 809, "author": 3, "author_name": "Hugo Lefèvre",
            "mentions": [{"id": 2, "name": "Claire Fontaine"}],
            "created_at": "2026-11-20T16:05:12.345678Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class NoteWrittenSerializer(NoteSerializer):
    """A note just written."""

    not_told = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text=_("Who is named in it but does not see the record, and was not told."),
    )

    class Meta(NoteSerializer.Meta):
        fields = [*NoteSerializer.Meta.fields, "not_told"]


class NoteChangedSerializer(AskedSerializer):
    """The text, anew; what else was read may be sent back."""

    ignored = frozenset(NoteWrittenSerializer.Meta.fields)
    body = serializers.CharField(max_length=MAX_LENGTH, required=False)


class NoteSentSerializer(AskedSerializer):
    """A new note."""

    ignored = NoteChangedSerializer.ignored
    subject = SubjectField()
    body = serializers.CharField(max_length=MAX_LENGTH)


class NoteViewSet(OwnRows, ReadViewSet):
    """Notes on a record, for whoever sees the record."""

    model = Note
    serializer_class = NoteSerializer
    signed_in_actions = ("list", "retrieve", "create", "partial_update", "destroy")
    filterset_class = SubjectFilterSet
    sorts = (NEWEST_FIRST,)
    labels = {"author": ("first_name", "last_name", "email")}
    reads = ("subject_type", "subject_id", "mentions")
    title = _("Notes")
    about = _(
        "Texts on a record of any kind, newest first. You read the notes of records that you see, write on "
        "those that you may change, and change your own notes. Colleagues named as `@Claire Fontaine` "
        "are told if they see the record; `not_told` names the others."
    )
    descriptions = {
        "list": _("A page of the notes on the record that `subject` names."),
        "create": _("Writes a note on a record that you may change; whom it names is told."),
        "partial_update": _("Your own note, anew. Who is named now and was not is told."),
        "destroy": _("Your own note, gone for good; administrators delete any. The log keeps what it said."),
    }

    # --- Rows

    def rows(self, action: str = "view") -> QuerySet:
        return Note.objects.all()

    def filtered_branches(self) -> list[QuerySet]:
        filterset: Any = self.filterset  # it always narrows: to one record
        record = self.subject(*filterset.form.cleaned_data["subject"])
        if record is None:
            raise Http404
        return [Note.objects.filter(subject_type=record._meta.label_lower, subject_id=record.pk)]

    def subject(self, kind: str, pk: int) -> Any:
        return subject_in_sight(self.request.user, kind, pk)

    def get_object(self) -> Note:
        note: Note = super().get_object()
        if self.subject(note.subject_type, note.subject_id) is None:
            raise Http404
        return note

    def to_write(self, *, admins: bool = False) -> tuple[Note, Any]:
        """The note of the address, which is the caller's own, and its record, which they may change."""
        user: Any = self.request.user
        note = self.get_object()
        record = self.subject(note.subject_type, note.subject_id)
        mine = note.author_id == user.pk or (admins and user.is_admin)
        if record is None or not mine or not user.can(record.module, "change", record):
            raise PermissionDenied
        return note, record

    def prepare(self, records: Any) -> None:
        for note in records:
            note.subject = subject_name(note.subject_type, note.subject_id)
            note.told = [{"id": pk, "name": name} for pk, name in note.mentions or ()]

    # --- Verbs

    @extend_schema(request=NoteSerializer, responses={201: NoteWrittenSerializer})
    @idempotent
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        sent = asked(NoteSentSerializer, request)
        record = self.subject(*sent["subject"])
        if record is None:
            raise ValidationError({"subject": [gettext("There is no such record, or you do not see it.")]})
        if not request.user.can(record.module, "change", record):
            raise PermissionDenied
        note = add_note(user=request.user, obj=record, body=sent["body"])
        url = reverse("api:notes-detail", args=[note.pk], request=request)
        return self.written(note, record, status=status.HTTP_201_CREATED, headers={"Location": url})

    @extend_schema(request=NoteSerializer, responses=NoteWrittenSerializer)
    def partial_update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        note, record = self.to_write()
        sent = asked(NoteChangedSerializer, request)
        if "body" in sent:
            change_note(user=request.user, note=note, obj=record, body=sent["body"])
        return self.written(note, record)

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        note, record = self.to_write(admins=True)
        with transaction.atomic():
            delete_note(user=request.user, note=note, obj=record)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def written(self, note: Note, record: Any, **kwargs: Any) -> Response:
        names = [person.full_name for person in not_told(note)]
        answer = self.answer(self.fresh(note), **kwargs)
        answer.data["not_told"] = names
        return answer
