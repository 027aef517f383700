"""What forms with lines of a document do beyond saving: rows added and moved without JavaScript."""

import json
from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict

from sales.services.quote_sums import as_values


class DocumentLinesMixin:
    """For a `FormView` whose form has a field `lines`; stands before it among the bases."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: Any = self
        if request.POST.get("lines_do"):
            form = view.build_form(request.POST)
            widget = form.fields["lines"].widget
            form = view.build_form(widget.rearranged(request.POST, "lines"))
            form.fields["lines"].widget.keeps_empty = True
            form._errors = ErrorDict()  # only put in order: nothing is asked yet
            return view.answer(form)  # type: ignore[no-any-return]
        parent: Any = super()
        return parent.post(request, *args, **kwargs)  # type: ignore[no-any-return]

    def with_saved_lines(self, data: QueryDict) -> QueryDict:
        """`data` with the lines as they are saved, for who keeps the other's in a conflict."""
        view: Any = self
        saved = as_values(view.get_instance().lines.order_by("position", "id"))
        changed = data.copy()
        for name in list(changed):
            if name.startswith("lines_"):
                del changed[name]
        changed["lines"] = json.dumps(saved, default=str)
        return changed
