"""One field of a form, checked as the person leaves it (static/js/form.js)."""

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from digiweb.forms import style_fields

HEADER = "X-Validate-Field"


def field_asked(request: HttpRequest) -> str:
    """The name of the field that the page asks about; empty where the whole form was sent."""
    return request.headers.get(HEADER, "")


def answer_field(request: HttpRequest, form: BaseForm, name: str) -> HttpResponse:
    """The field with what is wrong with it. Raises Http404 for a name that the form does not have."""
    if name not in form.fields:
        raise Http404
    form.is_valid()
    style_fields(form)
    return render(request, "components/field.html", {"field": form[name], "form": form})
