"""Quotes that leave: their PDF, the message, the link, and what the client said on paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.sending import send_drawn, send_file
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.edit import EditView
from digiweb.views.verb import VerbView
from sales.forms.quote_send import QuoteAcceptForm, QuoteRefuseForm, QuoteSendForm
from sales.models import Quote
from sales.services.quote import AROUND
from sales.services.quote_accepted import accept_quote
from sales.services.quote_answer import refuse_quote
from sales.services.quote_link import renew_link
from sales.services.quote_pdf import ensure_pdf, file_name, pdf_of
from sales.services.quote_sending import freeze_quote, send_quote
from sales.views.quote import CRUMB, MODULE


class QuotePdfView(RecordMixin):
    """The PDF: the kept one of a quote that was sent, a drawing of a draft."""

    module = MODULE
    model = Quote
    action = "view"
    select_related = AROUND

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return pdf_response(request, self.get_object())


def pdf_response(request: HttpRequest, quote: Quote) -> HttpResponseBase:
    """The PDF, shown in the browser."""
    name = file_name(quote)
    ensure_pdf(quote)
    if quote.pdf:
        return send_file(
            request, quote.pdf, name=name, mime="application/pdf", inline=True, etag=quote.pdf_sha256
        )
    return send_drawn(pdf_of(quote), name=name)


class QuoteStepView(EditView):
    """What the forms around a quote share."""

    module = MODULE
    model: type[Record] = Quote
    select_related = AROUND
    breadcrumbs = (CRUMB,)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.get_instance()
        return super().post(request, *args, **kwargs)


class QuoteSendView(QuoteStepView):
    """The message to the client; sending freezes the quote."""

    form_class = QuoteSendForm
    template_name = "sales/quote/send.html"

    @property
    def submit_label(self) -> Any:  # type: ignore[override]
        return _("Send the quote")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        quote = self.get_instance()
        if not quote.is_draft and not quote.is_open:
            text = _("“%(quote)s” is %(status)s: it is not sent any more.")
            about = {"quote": quote, "status": str(quote.status_label).lower()}
            toast(request, text % about, level="warning")
            return HttpResponseRedirect(quote.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Send “%(quote)s”") % {"quote": self.get_instance()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.get_instance(), **kwargs)

    def save(self, form: Any) -> Quote:
        quote: Quote = self.get_instance()
        data = form.cleaned_data
        self.sent = send_quote(
            user=self.request.user,
            quote=quote,
            to=data["to"],
            subject=data["mail_subject"],
            body=data["body"],
            version=data["version"],
        )
        return quote

    def get_success_text(self, record: Any) -> str:
        to = ", ".join(message.to for message in self.sent)
        return _("“%(quote)s” is on its way to %(to)s.") % {"quote": record, "to": to}


class QuoteHandOverView(VerbView):
    """Frozen without a message: printed, or shown on the client's own screen."""

    module = MODULE
    model = Quote
    select_related = AROUND
    verb = staticmethod(freeze_quote)
    done = gettext_lazy("“%(quote)s” counts as sent; its link is on the page.")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        super().post(request, pk)
        return HttpResponseRedirect(self.get_object().get_absolute_url())


class QuoteLinkView(VerbView):
    """A new link; the old one leads nowhere any more."""

    module = MODULE
    model = Quote
    select_related = AROUND
    verb = staticmethod(renew_link)
    done = gettext_lazy("“%(quote)s” has a new link; the old one leads nowhere any more.")


class QuoteAcceptView(QuoteStepView):
    """A signature on paper is noted: who, when."""

    form_class = QuoteAcceptForm
    submit_label = gettext_lazy("Note the acceptance")

    def get_title(self) -> Any:
        return _("“%(quote)s” was accepted by the client") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Quote:
        quote: Quote = self.get_instance()
        data = form.cleaned_data
        return accept_quote(
            user=self.request.user,
            quote=quote,
            name=data["name"],
            on=data["on"],
            chosen=data.get("chosen", ()),
        )

    def get_success_text(self, record: Any) -> str:
        return _("“%(quote)s” is accepted: the contract is made.") % {"quote": record}


class QuoteRefuseView(QuoteStepView):
    """What the client said by phone is noted."""

    form_class = QuoteRefuseForm
    submit_label = gettext_lazy("Note the refusal")

    def get_title(self) -> Any:
        return _("“%(quote)s” was refused by the client") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Quote:
        return refuse_quote(
            user=self.request.user, quote=self.get_instance(), reason=form.cleaned_data["reason"]
        )

    def get_success_text(self, record: Any) -> str:
        return _("“%(quote)s” is noted as refused.") % {"quote": record}
