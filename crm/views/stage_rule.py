"""Settings → Stages of deals: after how many days without activity a deal is stale."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.forms.stage_rule import StageRulesForm
from crm.services.deal_step import rules_of_stages, set_stale_days
from digiweb.models import StaleVersion
from digiweb.toasts import toast
from digiweb.views.base import GuardedView

MODULE = "crm.stagerule"


class StageRulesView(GuardedView):
    """One number for each open stage, changed together."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(StageRulesForm(rules=rules_of_stages()))

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.can(MODULE, "change"):
            raise PermissionDenied
        form = StageRulesForm(request.POST, rules=rules_of_stages())
        if not form.is_valid():
            return self.answer(form, status=422)
        try:
            set_stale_days(user=user, days=form.days(), version=form.cleaned_data["version"])
        except StaleVersion:
            return self.answer(StageRulesForm(rules=rules_of_stages()), status=409, stale=True)
        toast(request, _("The rules of the stages are saved."))
        return HttpResponseRedirect(reverse("crm:stage_rules"))

    def answer(self, form: StageRulesForm, status: int = 200, **more: Any) -> HttpResponse:
        user: Any = self.request.user
        context = {
            "form": form,
            "may_change": user.can(MODULE, "change"),
            "page_title": _("Stages of deals"),
            "breadcrumbs": self.get_breadcrumbs(),
            **more,
        }
        return render(self.request, "crm/stage_rule/edit.html", context, status=status)
