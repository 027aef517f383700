"""Asking for a score of solvency: it costs, so it asks first; and collecting one that took its time."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Company
from digiweb.pace import within_pace
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from sync.errors import ProviderError
from sync.models import Solvency
from sync.services.company_data import is_connected, words_of
from sync.services.solvency import ask_solvency, collect_solvency, last_score, open_order

# Each order is billed.
ORDERS_A_MINUTE = 5


class SolvencyView(GuardedView):
    """On a company within sight."""

    module = Solvency.module
    action = "create"

    def company(self) -> Company:
        user: Any = self.request.user
        company = Company.objects.visible_to(user).filter(pk=self.kwargs["pk"]).first()
        if company is None:
            if not user.can(Company.module, "view"):
                raise PermissionDenied
            raise Http404
        return company

    def back(self, company: Company) -> HttpResponse:
        url = company.get_absolute_url()
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def tell(self, row: Solvency) -> None:
        if row.state == Solvency.State.SCORED:
            toast(self.request, _("The score is there: %(value)s/10.") % {"value": row.value})
        else:
            toast(self.request, _("The order is placed; Coface is preparing the score."))


class SolvencyAskView(SolvencyView):
    """Asks first: what is known, that it costs, and by whom it will have been asked."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = self.company()
        return self.answer(company)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = self.company()
        again = request.POST.get("again") == "1"
        if not within_pace(request.user, "solvency", ORDERS_A_MINUTE):
            return self.answer(company, error=_("That is much at once: wait a minute."), status=429)
        try:
            self.tell(ask_solvency(user=request.user, company=company, again=again))
        except ValidationError as error:
            return self.answer(company, error=" ".join(error.messages), status=422)
        except ProviderError as error:
            return self.answer(company, error=f"Coface – {words_of(error)}", status=422)
        return self.back(company)

    def answer(self, company: Company, *, error: str = "", status: int = 200) -> HttpResponse:
        last = last_score(company)
        context = {
            "object": company,
            "page_title": _("Ask Coface for the solvency of “%(company)s”?") % {"company": company},
            "error": error,
            "last": last if last is not None and last.is_fresh else None,
            "pending": open_order(company),
            "connected": is_connected("coface"),
            "settings_url": reverse("sync:integration_detail", args=["coface"])
            if self.request.user.can("sync.connection", "view")  # type: ignore[union-attr]
            else "",
            "cancel_url": company.get_absolute_url(),
            "action_url": request_path(self.request),
        }
        return render(self.request, "sync/solvency/ask.html", context, status=status)


class SolvencyCollectView(SolvencyView):
    """See whether what was ordered is there."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = self.company()
        row = open_order(company)
        if row is None:
            return self.back(company)
        try:
            self.tell(collect_solvency(user=request.user, row=row))
        except ProviderError as error:
            toast(request, f"Coface – {words_of(error)}", level="error")
        return self.back(company)


def request_path(request: HttpRequest) -> str:
    return request.get_full_path()
