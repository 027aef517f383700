"""How quotes and invoices begin, and what their forms do beyond saving."""

from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.toasts import toast
from digiweb.views.edit import CreateView


class DocumentLinesMixin:
    """For a `FormView` whose form has a field `lines`: rows are added and moved without JavaScript.

    It stands before the view among the bases.
    """

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


class DocumentStartView(CreateView):
    """How a document begins: a short form, on its page or in the drawer; the editor of the lines follows."""

    # The routes of the document: « sales:quote ».
    urls: str
    submit_label = gettext_lazy("Go on to the lines")

    def get_success_url(self, record: Any) -> str:
        return reverse(f"{self.urls}_edit", args=[record.pk])

    def saved(self, record: Record) -> HttpResponse:
        if self.in_drawer():
            toast(self.request, self.get_success_text(record))
            return HttpResponse(status=204, headers={"HX-Redirect": self.get_success_url(record)})
        return super().saved(record)

    def get_cancel_url(self) -> str:
        return reverse(f"{self.urls}_list")
