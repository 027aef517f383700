"""Documents: files on any record (SPEC C17)."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, SearchTextField
from digiweb.filenames import LONGEST
from digiweb.filetypes import PICTURES, TYPES, FileType
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet, people_in, reach_of
from digiweb.scopes import AccessScope, EverybodyScope, OwnerScope
from timeline.models.subject_link import SubjectLink

# The kinds of records that take documents ("crm.contact"), in the order in which apps named them.
_kinds: dict[str, None] = {}
# What one must be allowed to do with the record, to do so with its documents.
ON_RECORD = {"view": "view", "export": "export", "create": "change", "change": "change", "delete": "change"}


def accept_documents(*kinds: str) -> None:
    """Records of these kinds take documents."""
    _kinds.update(dict.fromkeys(kinds))


def document_kinds() -> list[str]:
    return list(_kinds)


def owner_column(model: type[models.Model]) -> str:
    """The column of the record's owner that documents carry a copy of; "" where sight is not so simple."""
    scope = getattr(model, "ownership", None)
    if not isinstance(scope, OwnerScope) or "__" in scope.path or model._meta.label_lower not in _kinds:
        return ""
    return str(model._meta.get_field(scope.path).attname)  # type: ignore[union-attr]


class DocumentQuerySet(ScopedQuerySet):
    """Documents follow their record: whoever may see it sees them, whoever may change it adds and removes.

    The grants of `timeline.document` open the module; how far one sees, the grants of each kind of record
    say. One part of the table a way of owning: kinds with an owner by the copy in `owner_id`, kinds that are
    seen otherwise (companies) by a look at their own table. No two parts have a row in common.
    """

    def visible_to(self, user: Any, action: str = "view") -> Self:
        parts = self._parts(user, action)
        if parts is None:
            return self
        if not parts:
            return self.none()
        either = Q()
        for part in parts:
            either |= part
        return self.filter(either)

    def scope_portions(self, user: Any, action: str = "view") -> list[Self]:
        parts = self._parts(user, action)
        if parts is None:
            return [self]
        return [self.filter(part) for part in parts] or [self.none()]

    def scope_branches(self, user: Any, action: str = "view") -> list[Self]:
        parts = self._parts(user, action, apart=True)
        if parts is None:
            return [self]
        return [self.filter(part) for part in parts] or [self.none()]

    def of(self, record: models.Model) -> Self:
        """The documents of one record, which the caller may see."""
        return self.filter(subject_type=record._meta.label_lower, subject_id=record.pk)

    def _parts(self, user: Any, action: str, *, apart: bool = False) -> list[Q] | None:
        """The conditions that make up a person's sight; None for everything. `apart`: one an owner."""
        if reach_of(user, Document.module, action) is None:
            return []
        parts: list[Q] = []
        whole = 0
        for kind in _kinds:
            model: Any = apps.get_model(kind)
            reach = reach_of(user, model.module, ON_RECORD[action])
            if reach == "all":
                whole += 1
                parts.append(Q(subject_type=kind))
            elif reach is not None:
                people = people_in(user, reach)
                parts += [Q(subject_type=kind) & part for part in _owned(model, people, apart=apart)]
        return None if whole == len(_kinds) else parts


def _owned(model: Any, people: Sequence[int], *, apart: bool) -> list[Q]:
    """The documents of what these people may see of a kind, without a row in common; an index serves each."""
    scope = model.ownership
    if owner_column(model):
        parts = [Q(owner_id=person) for person in people] if apart else [Q(owner_id__in=people)]
        return [*parts, Q(owner_id=None)] if scope.unowned else parts
    if isinstance(scope, AccessScope):
        return [Q(subject_id__in=scope.seen(model, people))]
    return [Q(subject_id__in=scope.restrict(model._default_manager.all(), people).values("pk"))]


def stored_name(document: "Document", name: str) -> str:
    """Where a file is kept: a random name that says nothing, in one of 65,536 folders."""
    key = uuid.uuid4().hex
    return f"documents/{key[:2]}/{key[2:4]}/{key}"


class Document(Record):
    """A file on a record, named by kind and number. Its row goes to the bin with the record's."""

    module = "timeline.document"
    ownership = EverybodyScope()  # `DocumentQuerySet` says more
    # Goes to the bin, and comes back, with the record that it is on (timeline/services/bin_subjects.py).
    leaves_with_subject = True

    class Scan(models.TextChoices):
        UNSET = "unset", _("Not checked")
        WAITING = "waiting", _("Being checked")
        CLEAN = "clean", _("Checked")
        INFECTED = "infected", _("Infected")
        FAILED = "failed", _("Could not be checked")

    class Preview(models.TextChoices):
        NONE = "none", _("None")
        WAITING = "waiting", _("Being made")
        READY = "ready", _("Ready")

    subject_type = models.CharField(_("kind of record"), max_length=60, editable=False)
    subject_id = models.BigIntegerField(editable=False)
    # A copy of the record's owner, kept by digiweb/carriers.py.
    owner_id = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST)
    kind = models.CharField(
        _("type"), max_length=8, choices=[(each.name, each.label) for each in TYPES.values()], editable=False
    )
    size = models.BigIntegerField(_("size"), editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    file = models.FileField(_("file"), upload_to=stored_name, max_length=80, editable=False)
    scan = models.CharField(_("virus check"), max_length=8, choices=Scan, default=Scan.UNSET, editable=False)
    virus = models.CharField(_("virus"), max_length=120, blank=True, editable=False)
    # The small picture lies beside the file.
    preview = models.CharField(
        _("preview"), max_length=8, choices=Preview, default=Preview.NONE, editable=False
    )
    pages = models.PositiveIntegerField(_("pages"), null=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("added by"),
        null=True,
        editable=False,
        related_name="documents",
    )
    sort_name = DerivedCharField(max_length=LONGEST, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    objects: ClassVar[Any] = DocumentQuerySet.as_manager()
    # The record it is on.
    record: Any = SubjectLink()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        # The documents of one record; each sort for everybody, within a kind of record, and within what
        # one owner has of a kind: a list of several owners is read branch by branch (digiweb/hints.py).
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="timeline_document_subject"),
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"timeline_doc{prefix}_{name}")
                for prefix, lead in (
                    ("", []),
                    ("_k", ["subject_type"]),
                    ("_ko", ["subject_type", "owner_id"]),
                )
                for name, sort in (
                    ("new", []),
                    ("name", ["sort_name"]),
                    ("size", ["size"]),
                    ("type", ["kind"]),
                )
                if lead or sort
            ),
            models.Index(fields=["added_by", "id"], name="timeline_document_by"),
            models.Index(fields=["subject_type", "owner_id", "added_by", "id"], name="timeline_doc_ko_by"),
            models.Index(fields=["scan", "id"], name="timeline_document_scan"),
            models.Index(fields=["file"], name="timeline_document_file"),
            FullTextIndex(fields=["search_text"], name="timeline_document_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_address("document_detail", self.pk)

    def derive_sort_name(self) -> str:
        return fold(self.name).strip()[:LONGEST]

    def derive_search_text(self) -> str:
        return search_text([self.name.replace("_", " ")])

    @staticmethod
    def carries_from(model: type[models.Model]) -> dict[str, str]:
        """{column here: column there} of what is copied of a record (digiweb/carriers.py)."""
        column = owner_column(model)
        return {"owner_id": column} if column else {}

    @property
    def initials(self) -> str:
        """What stands in the place of a logo: "PDF", "DOC"."""
        return self.type.endings[0][1:4].upper()

    @property
    def type(self) -> FileType:
        return TYPES[self.kind]

    @property
    def subject(self) -> tuple[str, int]:
        """The record it is on, as events name it."""
        return self.subject_type, self.subject_id

    @property
    def subject_name(self) -> str:
        """« crm.contact:12 »."""
        return f"{self.subject_type}:{self.subject_id}"

    @property
    def also_on(self) -> tuple[tuple[str, int], ...]:
        """On whose time lines its own events show too."""
        return (self.subject,)

    @property
    def is_picture(self) -> bool:
        return self.kind in PICTURES

    @property
    def is_previewed(self) -> bool:
        return self.preview == self.Preview.READY and self.scan != self.Scan.INFECTED

    @property
    def may_be_sent(self) -> bool:
        """Whether the virus check lets it go out."""
        if self.scan == self.Scan.INFECTED:
            return False
        held = self.scan in (self.Scan.WAITING, self.Scan.FAILED)
        return not (held and settings.CLAMD_SOCKET and settings.CLAMD_HOLD)

    @property
    def is_pending(self) -> bool:
        """Whether a worker has still something to do about it."""
        return self.scan == self.Scan.WAITING or self.preview == self.Preview.WAITING

    @property
    def preview_name(self) -> str:
        return preview_of(str(self.file.name))


def preview_of(name: str) -> str:
    """Where the small picture of a stored file lies."""
    return f"{name}.webp"
