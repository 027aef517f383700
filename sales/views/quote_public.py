"""The client's page of a quote: no sign-in, found by its secret address.

Reading changes nothing; saying yes or no is a POST of the page's own form.
"""

import mimetypes
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from digiweb.pace import within_pace
from digiweb.pdf import COLOUR, readable
from digiweb.request_context import current_origin
from digiweb.sending import send_file
from digiweb.views.base import GuardedView
from sales.forms.quote_send import PublicAcceptForm, PublicRefuseForm
from sales.models import Quote
from sales.paper import address_lines, legal_line
from sales.quote_paper import when_due
from sales.services.quote import sums_of_quote
from sales.services.quote_accepted import accept_quote
from sales.services.quote_answer import note_opening, refuse_quote
from sales.services.quote_facts import facts_of
from sales.services.quote_link import link_of, quote_by_token
from sales.services.quote_pdf import ensure_pdf
from sales.services.quote_signing import signing_in_use
from sales.services.quote_sums import with_choices
from sales.views.quote_send import pdf_response

# Of one address in a minute: pages and files, answers.
READS, ANSWERS = 120, 10
EARLY = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


class PublicQuoteView(GuardedView):
    """Finds the quote by the address, speaks its language, counts who asks how often."""

    public = True
    paced = ("quote-page", READS)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        name, limit = self.paced
        if not within_pace(current_origin().ip or "nobody", name, limit):
            return render(request, "429.html", status=429)
        quote = quote_by_token(kwargs["token"])
        if quote is None:
            raise Http404
        self.quote, self.token = quote, kwargs["token"]
        with translation.override(quote.language):
            response = super().dispatch(request, *args, **kwargs)
        # Not « no-referrer »: browsers then hide the origin of forms too, and they are refused.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Cache-Control", "private, no-store")
        return response

    def address(self, name: str = "quote_public") -> str:
        return reverse(name, args=[self.token])

    def page(
        self, accept: Any = None, refuse: Any = None, *, status: int = 200, problem: str = ""
    ) -> HttpResponse:
        """The whole page, as the quote stands now."""
        quote = self.quote
        ensure_pdf(quote)
        facts = facts_of(quote)
        lines = with_choices(quote.lines.order_by("position", "id"))
        given = set(accept.data.getlist("chosen")) if accept is not None and accept.is_bound else set()
        for line in lines:
            line["ticked"] = line["is_chosen"] or str(line["pk"]) in given
        sums = sums_of_quote(quote, lines)
        later = getattr(quote, "replaced_by", None)
        seller = facts["seller"]
        signing = signing_in_use() if quote.is_open else None
        contact = facts["buyer"].get("contact") or (
            "" if facts["buyer"]["is_firm"] else facts["buyer"]["name"]
        )
        context = {
            "quote": quote,
            "facts": facts,
            "lines": lines,
            "sums": sums,
            "when_due": when_due(facts, sums),
            "accept": accept
            or PublicAcceptForm(
                quote=quote,
                initial={
                    "sha256": quote.pdf_sha256,
                    "name": contact,
                    "email": facts["buyer"].get("email", ""),
                },
            ),
            "refuse": refuse or PublicRefuseForm(),
            "problem": problem,
            "signing": signing,
            "signature": signing.waiting(quote) if signing else None,
            "page_title": _("Quote %(number)s") % {"number": quote.number},
            "later_url": link_of(later) if later is not None and later.is_open else "",
            "is_staff": self.request.user.is_authenticated,
            "expired": quote.status_label == Quote.Status.EXPIRED.label,
            "legal": legal_line(seller, "", _("VAT no.")),
            "seller_lines": address_lines(seller, home="FR"),
            **{f"{name}_url": self.address(f"quote_public_{name}") for name in ADDRESSES},
        }
        return render(self.request, "sales/quote/public.html", context, status=status)


ADDRESSES = ("accept", "refuse", "opened", "totals", "pdf", "logo", "brand")


class QuotePublicView(PublicQuoteView):
    """The page."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page()


class QuotePublicAcceptView(PublicQuoteView):
    """Yes: a name, an address, the box ticked. Sent twice, it counts once."""

    http_method_names = ["post"]
    paced = ("quote-answer", ANSWERS)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = PublicAcceptForm(request.POST, quote=self.quote)
        if self.quote.is_open and not form.is_valid():
            return self.page(accept=form, status=422)
        if self.quote.is_open:
            data = form.cleaned_data
            signing = signing_in_use()
            if signing is not None:
                return self.sign(signing, data)
            try:
                accept_quote(
                    user=None,
                    quote=self.quote,
                    name=data["name"],
                    email=data["email"],
                    ip=current_origin().ip or None,
                    chosen=data["chosen"],
                    sha256=data["sha256"],
                )
            except ValidationError as error:
                return self.refused(error)
        return HttpResponseRedirect(self.address())

    def sign(self, signing: Any, data: Any) -> HttpResponse:
        """Signed elsewhere: the service writes to the client."""
        if data["sha256"] != self.quote.pdf_sha256:
            text = _("The quote is another one than the one you read: load the page again.")
            return self.page(status=409, problem=text)
        try:
            signing.ask(quote=self.quote, name=data["name"], email=data["email"], chosen=data["chosen"])
        except ValidationError as error:
            return self.refused(error)
        return HttpResponseRedirect(self.address())

    def refused(self, error: ValidationError) -> HttpResponse:
        self.quote = quote_by_token(self.token) or self.quote
        return self.page(status=409, problem=" ".join(error.messages))


class QuotePublicRefuseView(QuotePublicAcceptView):
    """No, and perhaps why."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = PublicRefuseForm(request.POST)
        if self.quote.is_open and not form.is_valid():
            return self.page(refuse=form, status=422)
        if self.quote.is_open:
            ip = current_origin().ip or None
            try:
                refuse_quote(user=None, quote=self.quote, reason=form.cleaned_data["reason"], ip=ip)
            except ValidationError as error:
                return self.refused(error)
        return HttpResponseRedirect(self.address())


class QuoteOpenedView(PublicQuoteView):
    """The page has been looked at: a script of it says so, which scanners of mail do not run."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        early = any(request.headers.get(name) for name in EARLY)
        if not early and not request.user.is_authenticated:
            note_opening(quote=self.quote)
        return HttpResponse(status=204)


class QuotePublicTotalsView(PublicQuoteView):
    """The sums with the options that are ticked."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        ticked = set(request.POST.getlist("chosen"))
        lines = with_choices(self.quote.lines.order_by("position", "id"))
        for line in lines:
            line["is_chosen"] = str(line["pk"]) in ticked
        sums = sums_of_quote(self.quote, lines)
        context = {"sums": sums, "when_due": when_due(facts_of(self.quote), sums)}
        return render(request, "sales/quote/totals.html", context)


class QuotePublicPdfView(PublicQuoteView):
    """The PDF, byte for byte the one whose hash is kept; not of a quote that may no longer be read."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if not self.quote.is_open and self.quote.status != Quote.Status.ACCEPTED:
            raise Http404
        return pdf_response(request, self.quote)


class QuoteLogoView(PublicQuoteView):
    """The agency's logo."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        logo = self.quote.agency.logo
        if not logo:
            raise Http404
        mime = mimetypes.guess_type(str(logo.name))[0] or "application/octet-stream"
        return send_file(request, logo, name="logo", mime=mime, inline=True)


class QuoteBrandView(PublicQuoteView):
    """The agency's colour as a style sheet: the policy of pages allows no style within them."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        colour = readable(self.quote.agency.colour or COLOUR)
        return HttpResponse(
            f":root {{ --brand: {colour}; --brand-ink: #ffffff; }}\n", content_type="text/css; charset=utf-8"
        )
