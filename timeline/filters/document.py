"""Filters of documents."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from digiweb.filetypes import TYPES
from digiweb.filters import FilterSet
from people.models import User
from timeline.filters.subject import SubjectFormField
from timeline.models import Document
from timeline.models.document import document_kinds
from timeline.services.subject import circle_of, subject_in_sight, subject_model

# Types that one thinks of as one.
FAMILIES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "pdf": (_("PDF"), ("pdf",)),
    "picture": (_("Pictures"), ("png", "jpeg", "webp", "gif")),
    "text": (_("Texts"), ("docx", "odt", "txt")),
    "table": (_("Tables"), ("xlsx", "ods", "csv")),
    "other": (_("Others"), ("pptx", "eml", "zip")),
}
ME = "me"


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds of records that take documents."""
    return [
        (kind, capfirst(str(apps.get_model(kind)._meta.verbose_name_plural))) for kind in document_kinds()
    ]


class ByFilter(django_filters.ChoiceFilter):
    """Who added it: me, or a colleague."""

    about = _("“me”, or the id of a person")

    @property
    def field(self) -> Any:
        request = getattr(self.parent, "request", None)
        choices: list[tuple[str, Any]] = [(ME, _("Me"))]
        if request is not None:
            people = User.objects.within_reach(request.user, Document.module, "view")
            choices += [
                (str(person.pk), person.full_name) for person in people if person.pk != request.user.pk
            ]
        self.extra["choices"] = choices
        self.__dict__.pop("_field", None)
        return super().field

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(added_by_id=self.parent.user.pk if value == ME else int(value))


class DocumentSubjectFilter(django_filters.CharFilter):
    """The documents of one record."""

    field_class = SubjectFormField
    about = _("such as `crm.contact:12`")


class DocumentFilterSet(FilterSet):
    """What documents can be narrowed by; list, export and API share it."""

    kind = django_filters.ChoiceFilter(
        label=_("Kind of record"), field_name="subject_type", choices=kind_choices
    )
    type = django_filters.ChoiceFilter(
        label=_("Type"),
        choices=[(name, label) for name, (label, _kinds) in FAMILIES.items()],
        method="by_type",
    )
    by = ByFilter(label=_("Added by"))
    scan = django_filters.ChoiceFilter(label=_("Virus check"), choices=Document.Scan.choices)
    added = django_filters.DateFromToRangeFilter(label=_("Added"), field_name="created_at")
    subject = DocumentSubjectFilter(
        label=_("Record"), max_length=100, widget=forms.HiddenInput, method="by_subject"
    )

    class Meta:
        model = Document
        fields: list[str] = []

    # --- Types: a branch each, so that an index gives each in the order of the page

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types that the filters leave; none for all."""
        family = self.form.cleaned_data.get("type") if self.is_valid() else ""
        return FAMILIES[family][1] if family else ()

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        filtered = [super(DocumentFilterSet, self).filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            filtered = [super().filter_queryset(whole)]
        if not self.kinds:
            return filtered
        return [branch.filter(kind=kind) for kind in self.kinds for branch in filtered]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        return queryset.filter(kind__in=self.kinds) if self.kinds else queryset

    def by_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset  # `kinds` sees to it

    def by_subject(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """The documents of a record; a client's page shows those of its company and its person too."""
        if not value:
            return queryset
        model = subject_model(value[0])
        circle = [value]
        if hasattr(model, "circle"):
            record = subject_in_sight(self.user, *value) if self.user is not None else None
            circle = circle_of(record) if record is not None else []
        asked = Q(pk__in=[])
        for kind, pk in circle:
            asked |= Q(subject_type=kind, subject_id=pk)
        return queryset.filter(asked)


assert {name for _label, kinds in FAMILIES.values() for name in kinds} == set(TYPES)  # noqa: S101
