"""Merging two records over the API, and parting them again."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from crm.models import Company, Contact, DuplicatePair
from crm.models.custom_field import MOST_FIELDS
from crm.services.merge import FIELDS, best_choice, merge_records, merges_to_undo, undo_merge
from digiweb.api.examples import answered, sent
from digiweb.api.idempotency import idempotent
from digiweb.api.own import OwnRows
from digiweb.api.serializers import MAX_VERSION, AskedSerializer, IdField, LabelField, RecordSerializer, asked
from digiweb.api.views import ReadViewSet, RecordViewSet, etag
from digiweb.custom import is_custom
from digiweb.filters import FilterSet
from digiweb.models import StaleVersion
from digiweb.paging import Sort
from timeline.models import Merge
from timeline.services.event import visible_among

# --- Two become one


class TakenField(serializers.ChoiceField):
    """A field of the record, or a custom one: which there are, the service knows."""

    def to_internal_value(self, data: Any) -> Any:
        return data if isinstance(data, str) and is_custom(data) else super().to_internal_value(data)


def asked_to_merge(model: type[Any], name: str) -> type[AskedSerializer]:
    """What merging two records of a kind takes."""
    fields = {
        "__doc__": "Which record is absorbed, and what of it stays.",
        "other": IdField(help_text=_("The record that is absorbed.")),
        "take": serializers.ListField(
            child=TakenField([(field, field) for field in FIELDS[model]]),
            required=False,
            max_length=len(FIELDS[model]) + MOST_FIELDS,
            help_text=_(
                "The fields taken from the other record, `custom_` and the key for custom fields. Left out: "
                "those that the kept one lacks."
            ),
        ),
        "versions": serializers.DictField(
            child=serializers.IntegerField(min_value=1, max_value=MAX_VERSION),
            required=False,
            help_text=_("{id: version} as you read them: refused (409) when one has changed since."),
        ),
    }
    return type(name, (AskedSerializer,), fields)


MERGE_CONTACTS = asked_to_merge(Contact, "MergeContacts")
MERGE_COMPANIES = asked_to_merge(Company, "MergeCompanies")


def merging(
    serializer: type[RecordSerializer], request: type[AskedSerializer], name: str
) -> Callable[..., Any]:
    """Decorates a viewset that merges: its part of the OpenAPI document."""
    answer = inline_serializer(name, {"merge": serializers.IntegerField(), "record": serializer()})
    meta: Any = serializer.Meta
    read = {**meta.example_read, **meta.example}
    examples = [
        sent({"other": 1043, "take": ["phone", "city"], "versions": {"1042": 3, "1043": 1}}),
        answered({"merge": 12, "record": {field: read[field] for field in meta.fields if field in read}}),
    ]
    return extend_schema_view(merge=extend_schema(request=request, responses=answer, examples=examples))


class MergeActionViewSet(RecordViewSet):
    """Records that can absorb their twin."""

    merge_serializer: type[AskedSerializer]
    rights = {**RecordViewSet.rights, "merge": "change"}
    summaries: Any = {"merge": _("Merge with another")}
    descriptions: Any = {
        "merge": _(
            "The record of the address stays, under its number; all that hung on the other one is carried "
            "over, and `take` names the fields whose value is the other's. You need the right to change and "
            "to delete both. `merge` is the number by which it is undone within 30 days."
        )
    }

    @action(detail=True, methods=["post"])
    @idempotent
    def merge(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        kept = self.get_object()
        expected = self.expected_version(kept)
        wanted = asked(self.merge_serializer, request)
        other = self.rows().filter(pk=wanted["other"]).first()
        if other is None:
            raise ValidationError({"other": [gettext("There is no such record, or you do not see it.")]})
        for record in (kept, other):
            for verb in ("change", "delete"):
                if not request.user.can(self.module, verb, record):
                    raise PermissionDenied
        versions = versions_of(wanted.get("versions", {}), (kept.pk, other.pk))
        if expected is not None:
            versions[kept.pk] = expected
        take = set(wanted["take"]) if "take" in wanted else best_choice(kept, other)
        try:
            merge = merge_records(user=request.user, kept=kept, lost=other, take=take, versions=versions)
        except StaleVersion as stale:
            raise self.stale(stale.current, by_header=expected is not None) from None
        record = self.fresh(kept)
        self.prepare([record])
        answer = Response({"merge": merge.pk, "record": self.serializer_class.represent(record)})
        answer["ETag"] = etag(record)
        return answer


def versions_of(sent: dict[str, int], pks: tuple[int, int]) -> dict[int, int]:
    """{id: version} of the two records; raises ValidationError for any other."""
    known = {str(pk): pk for pk in pks}
    unknown = [name for name in sent if name not in known]
    if unknown:
        text = gettext("Only the versions of the two records: %(ids)s.") % {"ids": ", ".join(known)}
        raise ValidationError({"versions": [text]})
    return {known[name]: version for name, version in sent.items()}


# --- What was merged, and two again


class MergeFilterSet(FilterSet):
    """By kind, and by what can still be undone."""

    kind = django_filters.ChoiceFilter(
        field_name="subject_type", label=_("Kind"), choices=DuplicatePair.Kind.choices
    )

    class Meta:
        model = Merge
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Merges are few: looked for inside the names."""
        text = value.strip()
        return queryset.filter(kept_label__icontains=text) | queryset.filter(lost_label__icontains=text)


class MergeSerializer(RecordSerializer):
    """Two records that became one."""

    kind = serializers.ChoiceField(DuplicatePair.Kind.choices, source="subject_type", read_only=True)
    kept = serializers.IntegerField(source="kept_id", read_only=True)
    kept_name = serializers.CharField(
        read_only=True, help_text=_("Empty when the record is no longer in your sight.")
    )
    lost = serializers.IntegerField(source="lost_id", read_only=True)
    lost_name = serializers.CharField(read_only=True)
    merged_by_name = LabelField(source="merged_by")
    can_be_undone = serializers.BooleanField(read_only=True)

    class Meta:
        model = Merge
        fields = [
            "id", "kind", "kept", "kept_name", "lost", "lost_name", "merged_by", "merged_by_name",
            "merged_at", "undone_at", "can_be_undone",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = {
            "id": 12, "kind": "crm.contact", "kept": 1042, "kept_name": "Émilie Durand", "lost": 1043,
            "lost_name": "E. Durand", "merged_by": 3, "merged_by_name": "Hugo Lefèvre",
            "merged_at": "2026-11-20T16:05:12.345678Z", "undone_at": None, "can_be_undone": True,
        }  # fmt: skip


class PartedSerializer(MergeSerializer):
    """Two records again."""

    told = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text=_("What has changed since and stays as it is, in sentences."),
    )

    class Meta(MergeSerializer.Meta):
        fields = [*MergeSerializer.Meta.fields, "told"]
        read_only_fields = fields


class MergeViewSet(OwnRows, ReadViewSet):
    """One's own merges; all of them for administrators."""

    model = Merge
    serializer_class = MergeSerializer
    http_method_names = ["get", "head", "post"]
    signed_in_actions = ("list", "retrieve", "undo")
    bodiless_actions = ("undo",)
    filterset_class = MergeFilterSet
    sorts = (Sort("newest", _("Newest first"), ("id",), descending=True),)
    labels = {"merged_by": ("first_name", "last_name", "email")}
    reads = ("kept_label", "lost_label")
    title = _("Merges")
    about = _(
        "What you merged (administrators: what anybody did), to be undone within 30 days. Merging itself is "
        "`POST /api/v1/contacts/{id}/merge/` and `POST /api/v1/companies/{id}/merge/`."
    )
    summaries = {"undo": _("Undo")}
    descriptions = {
        "undo": _(
            "Both records are back with what each had. What somebody changed since stays as it is and is "
            "named in `told`. You need the right to change the kept record."
        )
    }

    def rows(self, action: str = "view") -> QuerySet:
        return merges_to_undo(self.request.user)

    def prepare(self, records: Any) -> None:
        kept: dict[str, set[int]] = {}
        for merge in records:
            kept.setdefault(merge.subject_type, set()).add(merge.kept_id)
        seen = {
            (kind, pk) for kind, pks in kept.items() for pk in visible_among(self.request.user, kind, pks)
        }
        for merge in records:
            shown = (merge.subject_type, merge.kept_id) in seen
            merge.kept_name = merge.kept_label if shown else ""
            merge.lost_name = merge.lost_label if shown else ""

    @extend_schema(request=None, responses=PartedSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def undo(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        merge = self.get_object()
        model: Any = apps.get_model(merge.subject_type)
        if not model.objects.visible_to(request.user, "change").filter(pk=merge.kept_id).exists():
            raise PermissionDenied
        told = undo_merge(user=request.user, merge=merge)
        answer = self.answer(self.fresh(merge))
        answer.data["told"] = told
        return answer
