"""The form of a rule of the score."""

from typing import Any

from crm.models import ScoreRule
from digiweb.forms import RecordForm


class ScoreRuleForm(RecordForm):
    """What a rule gives. What is known of a contact counts once, for as long as it is so."""

    class Meta:
        model = ScoreRule
        fields = ["points", "valid_days", "limit", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_a_fact:
            self.fields.pop("valid_days", None)
            self.fields.pop("limit", None)
