"""Columns of the rules of the score."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from digiweb.tables import Column, Table, escape


def name_cell(rule: Any) -> SafeString:
    return SafeString(f'<a class="dw-name" href="{rule.get_absolute_url()}">{escape(rule)}</a>')


def points_text(points: int) -> str:
    """+12, −10."""
    return f"{points:+d}".replace("-", "−")


def validity_cell(rule: Any) -> str:
    if rule.valid_days is None:
        return _("as long as it is so")
    return ngettext("%(count)s day", "%(count)s days", rule.valid_days) % {"count": rule.valid_days}


def limit_cell(rule: Any) -> str:
    return ngettext("once", "%(count)s times", rule.limit) % {"count": rule.limit}


class ScoreRuleTable(Table):
    """The list of rules."""

    columns = (
        Column("rule", gettext_lazy("Rule"), cell=name_cell, export=str),
        Column("group", gettext_lazy("Group"), cell=lambda rule: rule.group.label),
        Column(
            "points",
            gettext_lazy("Points"),
            cell=lambda rule: points_text(rule.points),
            export=lambda r: r.points,
            align="end",
        ),
        Column("valid_days", gettext_lazy("Counts for"), cell=validity_cell, export=lambda r: r.valid_days),
        Column("limit", gettext_lazy("At most"), cell=limit_cell, export=lambda r: r.limit),
        Column(
            "active",
            pgettext_lazy("rule", "In use"),
            cell=lambda rule: _("Yes") if rule.active else _("No"),
            export=lambda rule: _("Yes") if rule.active else _("No"),
        ),
    )
