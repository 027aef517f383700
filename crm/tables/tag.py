"""Columns of tags."""

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day


class TagTable(Table):
    """The list of tags."""

    columns = (
        Column(
            "name",
            _("Name"),
            cell=lambda tag: format_html(
                '<a href="{}"><span class="dw-tag dw-tag-{}">{}</span></a>',
                tag.get_absolute_url(),
                tag.colour,
                tag.name,
            ),
            export=str,
            sort="key",
        ),
        Column(
            "colour",
            _("Colour"),
            path="get_colour_display",
            cell=lambda tag: tag.get_colour_display(),
            export=lambda tag: tag.get_colour_display(),
        ),
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id"),
    )
