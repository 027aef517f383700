"""The cells of a row as one string: a list of fifty rows and nine columns is 450 of them, and a template
loop over those costs four times what the rest of the page does (2.2 ms against 0.5).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

OPEN = {"start": "<td>", "center": '<td class="center">', "end": '<td class="end">'}


@register.filter
def cells(row: Iterable[Mapping[str, Any]]) -> SafeString:
    """`{{ row.cells|cells }}`: what is not marked safe is escaped, numbers and dates are localised."""
    parts = []
    for cell in row:
        value = cell["html"]
        parts.append(OPEN.get(cell["align"], "<td>"))
        parts.append(conditional_escape(value if isinstance(value, str) else localize(value)))
        parts.append("</td>")
    return mark_safe("".join(parts))  # each part is a literal or was escaped above
