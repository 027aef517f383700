"""The form of the rules of stages: after how many days without activity deals are stale."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.models import StageRule
from crm.models.deal_step import MOST_DAYS
from crm.services.deal_step import rules_version
from digiweb.forms import style_fields


class StageRulesForm(forms.Form):
    """A number of days for each open stage, and the version that guards against a stale save."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: Sequence[StageRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = rules_version(rules)
        for rule in rules:
            self.fields[rule.stage] = forms.IntegerField(
                label=_("%(stage)s (days)") % {"stage": rule},
                min_value=1,
                max_value=MOST_DAYS,
                initial=rule.stale_days,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
        style_fields(self)

    def days(self) -> dict[str, int]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
