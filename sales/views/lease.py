"""Leases: asked about on a quote, followed step by step; the lessor's rules in the settings."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record, StaleVersion
from digiweb.toasts import toast
from digiweb.views.edit import FormView
from sales.forms.lease import LeaseForm, LeaseStepForm, LeaseTermsForm
from sales.models import LeaseTerms, Quote
from sales.services.lease import ask_lease, change_terms, lease_terms, move_lease, words_of
from sales.views.quote_send import QuoteStepView


class LeaseView(QuoteStepView):
    """Whether the client may rent: judged by the rules, and kept."""

    form_class = LeaseForm
    submit_label = gettext_lazy("Check and note")

    def get_title(self) -> Any:
        return _("Lease for “%(quote)s”") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Quote:
        quote: Quote = self.get_instance()
        data = form.cleaned_data
        self.lease = ask_lease(
            user=self.request.user, quote=quote, duration=data["duration"], founded_on=data["founded_on"]
        )
        return quote

    def get_success_text(self, record: Any) -> str:
        if self.lease.is_eligible:
            return _("The client may rent: the study begins.")
        return _("No lease: %(why)s") % {"why": " ".join(words_of(self.lease.obstacles))}


class LeaseStepView(QuoteStepView):
    """What the lessor answered, or the client signed."""

    form_class = LeaseStepForm
    submit_label = gettext_lazy("Note the step")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        quote = self.get_instance()
        lease = getattr(quote, "lease", None)
        if lease is None or not lease.is_eligible or not lease.next_steps:
            toast(request, _("No lease is under way."), level="warning")
            return HttpResponseRedirect(quote.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Lease for “%(quote)s”: next step") % {"quote": self.get_instance()}

    def save(self, form: Any) -> Quote:
        quote: Quote = self.get_instance()
        data = form.cleaned_data
        move_lease(
            user=self.request.user,
            quote=quote,
            to=data["to"],
            on=data["on"],
            reference=data["reference"],
            note=data["note"],
        )
        return quote

    def get_success_text(self, record: Any) -> str:
        return _("The step is noted.")


class LeaseTermsView(FormView):
    """The lessor's rules, one page."""

    module = "sales.leaseterms"
    action = "change"
    model: type[Record] = LeaseTerms
    form_class = LeaseTermsForm
    title = gettext_lazy("Rules of leases (LOCAM)")
    submit_label = gettext_lazy("Save the rules")

    def get_instance(self) -> Any:
        if not hasattr(self, "_instance"):
            self._instance = lease_terms()
        return self._instance

    def save(self, form: Any) -> LeaseTerms:
        version = form.cleaned_data.get("version")
        try:
            return change_terms(user=self.request.user, values=form.values(), version=version)
        except StaleVersion:
            raise ValidationError(_("Somebody saved the rules meanwhile: load the page again.")) from None

    def get_success_text(self, record: Any) -> str:
        return _("The rules are saved; they hold for what is asked from now on.")

    def get_success_url(self, record: Any) -> str:
        return reverse("sales:lease_terms")

    def get_cancel_url(self) -> str:
        return reverse("home")
