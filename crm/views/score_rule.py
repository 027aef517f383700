"""Settings → Rules of the score: the list, and a rule that is changed once its effect was seen."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.filters.score_rule import ScoreRuleFilterSet
from crm.forms.score_rule import ScoreRuleForm
from crm.models import Contact, ScoreRule
from crm.models.score_rule import FAIR, GOOD, TOP
from crm.services.score import unapplied_rules
from crm.services.score_rule import Preview, change_rule, preview_rule
from crm.tables.score_rule import ScoreRuleTable
from digiweb.paging import Sort
from digiweb.views.edit import EditView
from digiweb.views.field import field_asked
from digiweb.views.list import ListView

MODULE = "crm.scorerule"
CRUMB = (gettext_lazy("Rules of the score"), "/crm/score-rules/")
BANDS = (
    (GOOD, TOP, gettext_lazy("Good")),
    (FAIR, GOOD - 1, gettext_lazy("Fair")),
    (0, FAIR - 1, pgettext_lazy("score", "Low")),
)


class ScoreRuleListView(ListView):
    """All rules, in the order in which a contact's page shows them."""

    module = MODULE
    model = ScoreRule
    urls = "crm:score_rule"
    title = gettext_lazy("Rules of the score")
    filterset_class = ScoreRuleFilterSet
    table = ScoreRuleTable
    sorts = (Sort("order", gettext_lazy("As on a contact's page"), ("position", "id")),)

    def notice(self) -> Any:
        if unapplied_rules().exists():
            return _("The scores are being worked out by the new rules.")
        return super().notice()


class ScoreRuleEditView(EditView):
    """A rule: sent once, it shows what would change; sent again, it is saved."""

    module = MODULE
    model = ScoreRule
    form_class = ScoreRuleForm
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("See the effect")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not field_asked(request) and "confirmed" not in request.POST:
            form = self.build_form(request.POST)
            if "back" in request.POST:
                return self.answer(form)
            if form.is_valid():
                return self.answer_preview(form)
        return super().post(request, *args, **kwargs)

    def answer_preview(self, form: Any) -> HttpResponse:
        rule = self.get_instance()
        found = preview_rule(ScoreRule.objects.visible_to(self.request.user).get(pk=rule.pk), form.values())
        context = {
            "page_title": str(rule),
            "breadcrumbs": self.get_breadcrumbs(),
            "form": form,
            "preview": found,
            "bands": describe_bands(found),
            "most": self.describe_most(found),
            "action_url": self.request.get_full_path(),
        }
        return render(self.request, "crm/score_rule/preview.html", context)

    def describe_most(self, found: Preview) -> list[dict[str, Any]]:
        """The contacts that change most; those out of sight without a name."""
        seen = Contact.objects.visible_to(self.request.user).in_bulk([one.contact for one in found.most])
        return [
            {"contact": seen.get(one.contact), "before": one.before, "after": one.after} for one in found.most
        ]

    def save(self, form: Any) -> ScoreRule:
        rule: ScoreRule = self.get_instance()
        self._run = change_rule(
            user=self.request.user, rule=rule, values=form.values(), version=form.cleaned_data["version"]
        )
        return rule

    def saved(self, record: Any) -> HttpResponse:
        response = super().saved(record)
        if self._run is not None:
            return HttpResponseRedirect(reverse("job_run", args=[self._run.pk]))
        return response

    def in_drawer(self) -> bool:
        return False

    def get_title(self) -> Any:
        return str(self.get_instance())

    def get_success_url(self, record: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("crm:score_rule_list")


def describe_bands(found: Preview) -> list[dict[str, Any]]:
    """How many contacts are in each band before and after."""
    return [
        {
            "label": label,
            "range": f"{first}–{last}",
            "before": found.before[first],
            "after": found.after[first],
            "more": found.after[first] - found.before[first],
        }
        for first, last, label in BANDS
    ]
