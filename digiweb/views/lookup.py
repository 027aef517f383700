"""Choosing one record among many while typing: the lines under a lookup field."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from digiweb.fulltext import searched, words_of
from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.views.base import GuardedView

LINES = 8


class LookupView(GuardedView):
    """The first records within sight whose words begin with what was typed (`q`)."""

    action = "view"
    model: type[Record]
    select_related: tuple[str, ...] = ()

    def subtitle(self, record: Record) -> str:
        return ""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")[:100]
        rows = []
        if words_of(text):
            found = searched(self.model.objects.visible_to(request.user), text)
            left_out = whole_number(request.GET.get("except", ""))
            if left_out is not None:
                found = found.exclude(pk=left_out)
            if self.select_related:
                found = found.select_related(*self.select_related)
            rows = [
                {"pk": record.pk, "title": str(record), "subtitle": self.subtitle(record)}
                for record in found.order_by("-pk")[:LINES]
            ]
        return render(request, "components/lookup_rows.html", {"rows": rows, "q": text})
