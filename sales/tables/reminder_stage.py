"""Columns of the stages of reminders and of the rates of penalties."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, escape
from digiweb.templatetags.digiweb import plain
from sales.models import PenaltyRate, ReminderStage


def name_cell(stage: ReminderStage) -> SafeString:
    text = escape(stage.name)
    return SafeString(f'<a class="dw-name" href="{stage.get_absolute_url()}">{text}</a>')


def rate_cell(rate: PenaltyRate) -> SafeString:
    text = escape(rate.get_kind_display())
    return SafeString(f'<a class="dw-name" href="{rate.get_absolute_url()}">{text}</a>')


def agency_text(stage: ReminderStage) -> str:
    return str(stage.agency) if stage.agency else gettext("All agencies")


def yes(value: bool) -> str:
    return gettext("Yes") if value else gettext("No")


def state_text(stage: ReminderStage) -> str:
    return gettext("In use") if stage.is_active else gettext("Out of use")


def text_cell(name: str) -> Column:
    """A message, line by line as it was written."""
    labels = {
        "subject_fr": _("Subject in French"),
        "body_fr": _("Message in French"),
        "subject_en": _("Subject in English"),
        "body_en": _("Message in English"),
    }
    return Column(
        name,
        labels[name],
        cell=lambda s: format_html_join(
            SafeString("<br>"), "{}", ((line,) for line in getattr(s, name).splitlines())
        ),
    )


NAME = Column("name", _("Name"), cell=name_cell, export=lambda s: s.name)
PLAIN_NAME = Column("name", _("Name"))
DAYS = Column("days", pgettext_lazy("reminder", "Day"), cell=lambda s: escape(s.when), sort="days")
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda s: escape(agency_text(s)),
    export=agency_text,
    select_related=("agency",),
)
FORMAL = Column("is_formal", _("Formal notice"), cell=lambda s: yes(s.is_formal))
ATTACHES = Column("attaches_invoice", _("Invoice attached"), cell=lambda s: yes(s.attaches_invoice))
TELLS = Column("tells_penalties", _("Penalties told"), cell=lambda s: yes(s.tells_penalties))
ACTIVE = Column("is_active", _("State"), cell=state_text, export=state_text)
TEXTS = tuple(text_cell(name) for name in ("subject_fr", "body_fr", "subject_en", "body_en"))


class ReminderStageTable(Table):
    """The list of stages."""

    columns = (DAYS, NAME, AGENCY, FORMAL, ATTACHES, TELLS, ACTIVE)


RATE = Column("kind", _("Rate"), cell=rate_cell, export=lambda r: str(r.get_kind_display()))
SINCE = Column("valid_from", pgettext_lazy("mention", "Valid from"), sort="valid_from")
PERCENT = Column(
    "percent",
    _("Percent a year"),
    cell=lambda r: f"{plain(r.percent)}\u00a0%",
    export=lambda r: r.percent,
    align="end",
)
SOURCE = Column("source", _("Source of the rule"))


class PenaltyRateTable(Table):
    """The list of rates."""

    columns = (RATE, SINCE, PERCENT, SOURCE)
