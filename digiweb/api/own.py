"""Resources whose rows have no module of their own: one's own things, and what hangs on other records."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404


class OwnRows:
    """Rows that a person may have without a grant: `rows` says which. Stands before a viewset.

    Each action stands in `signed_in_actions`; what is not among the rows answers 404.
    """

    request: Any
    kwargs: Any
    get_queryset: Any

    def rows(self, action: str = "view") -> QuerySet:
        raise NotImplementedError

    def branches(self) -> list[QuerySet]:
        return [self.rows()]

    def get_object(self) -> Any:
        row = self.get_queryset().filter(pk=int(self.kwargs["pk"])).first()
        if row is None:
            raise Http404
        return row

    def fresh(self, record: Any) -> Any:
        return self.get_queryset().get(pk=record.pk)
