"""The bin in the API: what was deleted, taken back or ended."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.examples import answered, sent
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, SubjectField, asked
from digiweb.api.views import ReadViewSet
from timeline.filters.bin import BinFilterSet
from timeline.models import BinEntry
from timeline.services.bin import delete_for_good, restore_from_bin
from timeline.services.subject import subject_name
from timeline.views.bin import BinListView, attached, check_may_restore, facts_of

EXAMPLE = {
    "id": 87, "kind": "crm.contact", "kind_label": "Contact", "subject": "crm.contact:1042",
    "label": "Émilie Durand", "batch": "5d0c3c1e-8f0a-4d53-9a3c-6a2f7d1f0b11",
    "deleted_by": 3, "deleted_by_name": "Hugo Lefèvre", "deleted_at": "2026-11-20T16:05:12.345678Z",
    "days_left": 29,
}  # fmt: skip


class BinEntrySerializer(RecordSerializer):
    """One deleted record."""

    kind = serializers.CharField(source="subject_type", read_only=True)
    kind_label = serializers.CharField(read_only=True, help_text=_("What the pages call this kind."))
    subject = SubjectField(read_only=True, help_text=_("The record, under the number that it gets back."))
    deleted_by_name = LabelField(source="deleted_by")
    days_left = serializers.IntegerField(
        read_only=True, help_text=_("For how many days it can still come back.")
    )

    class Meta:
        model = BinEntry
        fields = [
            "id", "kind", "kind_label", "subject", "label", "batch", "deleted_by", "deleted_by_name",
            "deleted_at", "days_left",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = EXAMPLE


class FactSerializer(serializers.Serializer):
    """One value, as the page writes it."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class AttachedSerializer(serializers.Serializer):
    """How many rows of a kind come back with the record."""

    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class BinEntryWholeSerializer(BinEntrySerializer):
    """One deleted record as it was."""

    facts = FactSerializer(many=True, read_only=True)
    attached = AttachedSerializer(many=True, read_only=True)

    class Meta(BinEntrySerializer.Meta):
        fields = [*BinEntrySerializer.Meta.fields, "facts", "attached"]
        read_only_fields = fields
        example_read = {
            **EXAMPLE,
            "facts": [{"label": "Ville", "value": "Lyon"}],
            "attached": [{"label": "Activités", "count": 2}],
        }


class BatchSerializer(AskedSerializer):
    """Records that were deleted together."""

    batch = serializers.UUIDField(help_text=_("As it stands in each entry of the batch."))


class RestoredSerializer(serializers.Serializer):
    """What came back."""

    restored = serializers.ListField(child=SubjectField())
    lost = serializers.ListField(
        child=serializers.CharField(), help_text=_("What could not be tied again, in sentences.")
    )


RESTORED = answered({"restored": ["crm.contact:1042"], "lost": []})
BATCH = sent({"batch": EXAMPLE["batch"]})


class BinViewSet(ReadViewSet):
    """What can still come back, within one's sight."""

    module = "timeline.bin"
    model = BinEntry
    serializer_class = BinEntrySerializer
    http_method_names = ["get", "head", "post", "delete"]
    rights = {**ReadViewSet.rights, "destroy": "delete", "restore": "change"}
    # Taking one's own deletion back needs no grant, as from the toast of a page.
    signed_in_actions = ("restore_batch",)
    bodiless_actions = ("restore",)
    filterset_class = BinFilterSet
    sorts = BinListView.sorts
    labels = {"deleted_by": ("first_name", "last_name", "email")}
    reads = ("subject_id",)
    title = _("Bin")
    about = _(
        "What was deleted, for 30 days. A record comes back under its own number with what hung on it, "
        "as long as you may delete such records."
    )
    summaries = {
        "destroy": _("Delete for good"),
        "restore": _("Restore"),
        "restore_batch": _("Restore what was deleted together"),
    }
    descriptions = {
        "retrieve": _("The record as it was, with what hung on it."),
        "destroy": _("Ends the record before its time; nothing brings it back."),
        "restore": _(
            "Brings the record back with what hung on it; `lost` says what could not be tied again."
        ),
        "restore_batch": _("Takes a deletion of your own back, whole; administrators take back any."),
    }

    def rows(self, action: str = "view") -> QuerySet:
        return super().rows(action).waiting()  # type: ignore[attr-defined, no-any-return]

    def prepare(self, records: Any) -> None:
        for entry in records:
            entry.subject = subject_name(entry.subject_type, entry.subject_id)

    @extend_schema(responses=BinEntryWholeSerializer)
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        entry = self.get_object()
        self.prepare([entry])
        whole = {
            **BinEntrySerializer.represent(entry),
            "facts": [{"label": label, "value": value} for label, value in facts_of(entry)],
            "attached": [{"label": label, "count": count} for label, count in attached(entry)],
        }
        return Response(whole)

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        entry = self.get_object()
        delete_for_good(user=request.user, entries=self.rows("delete").filter(pk=entry.pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=RestoredSerializer, examples=[RESTORED])
    @action(detail=True, methods=["post"])
    @idempotent
    def restore(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.bring_back([self.get_object()])

    @extend_schema(
        operation_id="bin_restore_batch",
        request=BatchSerializer,
        responses=RestoredSerializer,
        examples=[BATCH, RESTORED],
    )
    @action(detail=False, methods=["post"], url_path="restore")
    @idempotent
    def restore_batch(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        batch = asked(BatchSerializer, request)["batch"]
        entries = list(BinEntry.objects.waiting().filter(batch=batch).defer("rows", "links"))
        mine = request.user.is_admin or all(entry.deleted_by_id == request.user.pk for entry in entries)
        if not entries or not mine:
            raise Http404
        return self.bring_back(entries)

    @transaction.atomic
    def bring_back(self, entries: list[BinEntry]) -> Response:
        check_may_restore(self.request.user, entries)
        _labels, lost = restore_from_bin(user=self.request.user, entries=entries)
        names = [subject_name(entry.subject_type, entry.subject_id) for entry in entries]
        return Response({"restored": names, "lost": lost})
