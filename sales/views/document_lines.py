"""What forms with lines of a document do beyond saving: rows added and moved without JavaScript."""

from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse


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
