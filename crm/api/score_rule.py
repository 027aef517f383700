"""Rules of the score in the API: read and changed, never created nor deleted."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.filters.score_rule import ScoreRuleFilterSet
from crm.forms.score_rule import ScoreRuleForm
from crm.models import ScoreRule
from crm.services.score_rule import change_rule
from crm.views.score_rule import ScoreRuleListView
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import RecordViewSet


class ScoreRuleSerializer(RecordSerializer):
    """What one fact or happening adds to the score of a contact."""

    class Meta:
        model = ScoreRule
        form = ScoreRuleForm
        fields = ["id", "version", "subject", "points", "valid_days", "limit", "active", "updated_at"]
        read_only_fields = ["subject"]
        example = {"points": 12, "valid_days": 90, "limit": 2, "active": True}
        example_read = {
            "id": 8, "version": 1, "subject": "meeting_done", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class ScoreRuleViewSet(RecordViewSet):
    """The rules by which contacts are scored."""

    module = "crm.scorerule"
    model = ScoreRule
    http_method_names = ["get", "head", "patch"]
    serializer_class = ScoreRuleSerializer
    filterset_class = ScoreRuleFilterSet
    sorts = ScoreRuleListView.sorts
    title = _("Rules of the score")
    about = _(
        "One rule for each fact known of a contact and each kind of thing that happens with them. A change "
        "has all scores worked out anew in the background."
    )

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_rule(user=self.request.user, rule=record, values=form.values(), version=version)
