"""Copies and versions of quotes, what differs between two, and sums while one types."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import AmountField
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from sales.forms.document_lines import DocumentLinesField
from sales.models import Quote
from sales.models.document import Document
from sales.services.quote import AROUND, checked_sums, duplicate_quote, make_version
from sales.services.quote_difference import difference_of
from sales.views.quote import CRUMB, MODULE


class QuoteCopyView(RecordMixin):
    """A copy of a quote, whose editor opens."""

    module = MODULE
    model = Quote
    select_related = AROUND
    action = "view"
    http_method_names = ["post"]
    verb: Any = staticmethod(duplicate_quote)
    done: Any = gettext_lazy("“%(quote)s” is a copy of “%(old)s”.")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.can(MODULE, "create"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        old = self.get_object()
        try:
            quote = type(self).verb(user=request.user, quote=old)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(old.get_absolute_url())
        toast(request, self.done % {"quote": quote, "old": old})
        return HttpResponseRedirect(f"{quote.get_absolute_url()}edit/")


class QuoteDuplicateView(QuoteCopyView):
    """The same under another number."""


class QuoteVersionView(QuoteCopyView):
    """The next version of a quote that was sent."""

    action = "change"
    verb = staticmethod(make_version)
    done = gettext_lazy("“%(quote)s” follows “%(old)s”.")


class QuoteCompareView(RecordMixin):
    """What differs between a version and another (`?with=`; the one before it where nothing is said)."""

    module = MODULE
    model = Quote
    action = "view"
    select_related = (*AROUND, "replaces")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        quote = self.get_object()
        versions = self.get_queryset().filter(root=quote.root).exclude(pk=pk).order_by("revision")
        wanted = request.GET.get("with", "")
        others = {str(other.pk): other for other in versions}
        other = others.get(wanted) if wanted else others.get(str(quote.replaces_id))
        if other is None and not wanted:
            other = next(iter(reversed(others.values())), None)
        if other is None:
            raise Http404
        old, new = sorted((quote, other), key=lambda one: int(one.revision))
        context = {
            "object": quote,
            "old": old,
            "new": new,
            "difference": difference_of(old, new),
            "page_title": _("What changed between %(old)s and %(new)s") % {"old": old, "new": new},
            "breadcrumbs": [CRUMB, (str(quote), quote.get_absolute_url())],
        }
        return render(request, "sales/quote/compare.html", context)


class QuoteTotalsView(GuardedView):
    """What the lines of a form come to, as one types: added up here, not in the page."""

    module = MODULE
    action = "view"
    http_method_names = ["post"]
    template_name = "sales/quote/totals.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        field = DocumentLinesField(required=False, quote=True)
        rows = field.widget.value_from_datadict(request.POST, {}, "lines")
        try:
            lines = field.to_python(
                [{**row, "offer": ""} for row in rows] if isinstance(rows, list) else rows
            )
            sums = checked_sums(
                lines,
                discount_percent=self.amount("discount_percent", max_value=100),
                discount_amount=self.amount("discount_amount"),
                treatment=self.treatment(),
            )
        except ValidationError as error:
            return render(request, self.template_name, {"problems": error.messages})
        return render(request, self.template_name, {"sums": sums})

    def amount(self, name: str, **limits: Any) -> Any:
        field = AmountField(required=False, label=name, **limits)
        return field.clean(self.request.POST.get(name, "")) or 0

    def treatment(self) -> str:
        given = self.request.POST.get("treatment", "")
        return given if given in Document.Treatment.values else Document.Treatment.STANDARD
