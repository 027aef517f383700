"""Columns of mentions."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day, escape
from sales.models import Mention

SHOWN = 120


def name_cell(mention: Mention) -> SafeString:
    text = escape(mention.get_code_display())
    return SafeString(f'<a class="dw-name" href="{mention.get_absolute_url()}">{text}</a>')


def text_cell(mention: Mention) -> str:
    text = mention.text if len(mention.text) <= SHOWN else f"{mention.text[:SHOWN].rstrip()}…"
    return escape(text)


def agency_text(mention: Mention) -> str:
    return str(mention.agency) if mention.agency else gettext("All agencies")


NAME = Column("code", _("Mention"), cell=name_cell, export=lambda m: m.get_code_display())
TEXT = Column("text", _("Text"), cell=text_cell, export=lambda m: m.text)
WHOLE_TEXT = Column("text", _("Text"))
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda m: escape(agency_text(m)),
    export=agency_text,
    select_related=("agency",),
)
LANGUAGE = Column(
    "language",
    _("Language"),
    cell=lambda m: escape(m.get_language_display()),
    export=lambda m: m.get_language_display(),
)
SINCE = Column("valid_from", pgettext_lazy("mention", "Valid from"), sort="valid_from")
SOURCE = Column("source", _("Source of the rule"))


class MentionTable(Table):
    """The list of mentions."""

    columns = (
        NAME,
        TEXT,
        AGENCY,
        LANGUAGE,
        SINCE,
        SOURCE,
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False),
    )
