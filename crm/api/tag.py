"""Tags in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.filters.tag import TagFilterSet
from crm.forms.tag import TagForm
from crm.models import Tag
from crm.services.tag import change_tag, create_tag, delete_tag
from crm.views.tag import TagListView
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import RecordViewSet


class TagSerializer(RecordSerializer):
    """A word that people stick on records."""

    class Meta:
        model = Tag
        form = TagForm
        fields = ["id", "version", "name", "colour", "created_at", "updated_at"]
        example = {"name": "Salon 2026", "colour": "amber"}
        example_read = {
            "id": 4, "version": 1,
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-02T08:30:00Z",
        }  # fmt: skip


class TagViewSet(RecordViewSet):
    """Tags, everybody's."""

    module = "crm.tag"
    model = Tag
    serializer_class = TagSerializer
    filterset_class = TagFilterSet
    sorts = TagListView.sorts
    title = _("Tags")
    about = _("Words on contacts and companies. Two tags never differ by case or accents only.")

    def create_record(self, form: Any) -> Tag:
        return create_tag(user=self.request.user, tag=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_tag(user=self.request.user, tag=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_tag(user=self.request.user, tag=record)
