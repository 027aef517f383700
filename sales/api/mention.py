"""Mentions in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.mention import MentionFilterSet
from sales.forms.mention import MentionForm
from sales.models import Mention
from sales.services.agency import change_mention, create_mention, delete_mentions
from sales.views.mention import MentionListView


class LegalMentionSerializer(RecordSerializer):
    """A text that the law asks of documents, from a day on."""

    agency_name = LabelField(source="agency")

    class Meta:
        model = Mention
        form = MentionForm
        fields = [
            "id", "version", "code", "agency", "agency_name", "language", "text", "valid_from", "source",
            "created_at", "updated_at",
        ]  # fmt: skip
        example = {
            "code": "early",
            "agency": None,
            "language": "fr",
            "text": "Pas d’escompte pour paiement anticipé.",
            "valid_from": "2026-01-01",
            "source": "Code de commerce, article L. 441-9",
        }
        example_read = {
            "id": 5, "version": 1, "agency_name": None,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-01-05T08:30:00Z",
        }  # fmt: skip


class MentionViewSet(RecordViewSet):
    """Mentions: everybody's who may see agencies."""

    module = "sales.agency"
    model = Mention
    serializer_class = LegalMentionSerializer
    filterset_class = MentionFilterSet
    sorts = MentionListView.sorts
    title = _("Mentions")
    about = _(
        "Texts that the law asks of quotes and invoices, each from a day on; an agency's own goes before "
        "everybody's. Documents keep the text that they bore when they were sent or issued."
    )

    def create_record(self, form: Any) -> Mention:
        return create_mention(user=self.request.user, mention=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_mention(user=self.request.user, mention=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_mentions(user=self.request.user, pks=[record.pk])
