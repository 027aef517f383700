"""Filters of the rules of the score."""

from crm.models import ScoreRule
from digiweb.filters import FilterSet
from digiweb.fulltext import fold


class ScoreRuleFilterSet(FilterSet):
    """Rules are few: the search looks inside their names, in the language of the person."""

    class Meta:
        model = ScoreRule
        fields: list[str] = []

    def search(self, queryset, name, value):  # type: ignore[no-untyped-def]
        wanted = fold(value)
        found = [subject for subject, label in ScoreRule.Subject.choices if wanted in fold(str(label))]
        return queryset.filter(subject__in=found)
