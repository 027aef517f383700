"""Pages of the API: by key, like those of the lists (digiweb/paging.py)."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from digiweb.paging import PAGE_SIZE, fetch_in_order, keyset_page

MAX_PAGE_SIZE = 100
SIZE, AFTER, BEFORE = "page_size", "after", "before"
PARAMETERS = (SIZE, AFTER, BEFORE)


class KeysetPagination(BasePagination):
    """`next` and `previous` are whole addresses; what is between `after` and `before` is opaque."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.request = request
        query = request.query_params
        branches = view.filtered_branches()
        self.page = keyset_page(
            branches,
            view.in_order(branches),
            after=query.get(AFTER, ""),
            before=query.get(BEFORE, ""),
            size=page_size(query.get(SIZE, "")),
        )
        return fetch_in_order(queryset, self.page.ids)

    def get_paginated_response(self, data: Any) -> Response:
        following = self._url(AFTER, self.page.after)
        return Response({"results": data, "next": following, "previous": self._url(BEFORE, self.page.before)})

    def _url(self, name: str, key: str) -> str | None:
        if not key:
            return None
        query = self.request.query_params.lists()
        kept = [(k, value) for k, values in query for value in values if k not in (AFTER, BEFORE)]
        url: str = self.request.build_absolute_uri(f"{self.request.path}?{urlencode([*kept, (name, key)])}")
        return url

    # --- OpenAPI

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {
                    **link,
                    "description": _("Address of the next page; null on the last one."),
                    "example": "https://erp.example.com/api/v1/…/?after=WzQyXQ",
                },
                "previous": {
                    **link,
                    "description": _("Address of the page before; null on the first one."),
                    "example": None,
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        key = {"type": "string"}
        described = (
            (
                SIZE,
                size,
                _("How many records a page has, at most %(most)s.") % {"most": MAX_PAGE_SIZE},
            ),
            (AFTER, key, _("Key of a page, as it stands in `next`.")),
            (BEFORE, key, _("Key of a page, as it stands in `previous`.")),
        )
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, schema, text in described
        ]


def page_size(text: str) -> int:
    """The size asked for, at most 100."""
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        raise ValidationError({SIZE: [_("A whole number from 1 to %(most)s.") % {"most": MAX_PAGE_SIZE}]})
    return min(int(text[:9]), MAX_PAGE_SIZE)
