"""Columns of bank statements."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day, escape, person
from digiweb.templatetags.digiweb import number
from sales.models import BankStatement


def name_cell(statement: BankStatement) -> SafeString:
    return SafeString(
        f'<a class="dw-name" href="{statement.get_absolute_url()}">{escape(statement.name)}</a>'
    )


class StatementTable(Table):
    """The list of files of the bank."""

    columns = (
        Column("name", _("File"), cell=name_cell, export=str),
        Column("agency", _("Agency"), cell=lambda s: str(s.agency), select_related=("agency",)),
        Column("state", _("Status"), cell=lambda s: str(s.status_label)),
        Column("lines_read", _("Lines"), cell=lambda s: number(s.lines_read), align="end"),
        Column("lines_new", _("New lines"), cell=lambda s: number(s.lines_new), align="end"),
        Column("fault_count", _("Faults"), cell=lambda s: number(s.fault_count), align="end"),
        Column("added_by", _("Added by"), cell=person("added_by"), select_related=("added_by",)),
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id"),
    )
