"""Filling a company from legal data: the box in its form, and the firms proposed while one types.

The box stands inside the form and its buttons send the form as it is: nothing typed is lost, and it works
without JavaScript. Nothing is saved here; what differs is shown side by side, and the person ticks.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Company
from crm.services.company_data import Search, differences, look_for, stamp_of, state_of, suggest_firms
from digiweb.pace import within_pace
from digiweb.views.base import GuardedView
from digiweb.views.field import field_asked

SUGGESTIONS_A_MINUTE, LOOKS_A_MINUTE = 60, 20
# The buttons of the box.
LOOK, FILL, APPLY = "look", "fill", "apply"


def too_fast() -> Search:
    return Search(notices=[_("That is many questions at once: wait a minute.")], state="too_fast")


def in_crm(user: Any, search: Search) -> list[dict[str, Any]]:
    """The firms of a search, each with the company of ours that it is already."""
    sirens = [firm.siren for firm in search.firms]
    ours: dict[str, Company] = {}
    if sirens:
        rows = Company.objects.visible_to(user).filter(siren__in=sirens).only("id", "name", "siren")
        ours = {company.siren: company for company in rows}
    return [{"firm": firm, "company": ours.get(firm.siren)} for firm in search.firms]


class CompanySuggestView(GuardedView):
    """Firms proposed while one types: lines under the box."""

    module = "crm.company"
    action = "create"

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return bool(user.can(self.module, "create") or user.can(self.module, "change"))

    def get(self, request: HttpRequest) -> HttpResponse:
        user, text = request.user, request.GET.get("find", "")[:100]
        digits = "".join(text.split())
        if digits.isdigit():  # a number is looked for when it is whole, by the button
            return render(request, "crm/company_data/found.html", {"fill": {}})
        search = (
            suggest_firms(user=user, text=text)
            if within_pace(user, "suggest", SUGGESTIONS_A_MINUTE)
            else too_fast()
        )
        fill = describe(user, search, text)
        return render(request, "crm/company_data/found.html", {"fill": fill})


def describe(user: Any, search: Search, text: str) -> dict[str, Any]:
    """What the box shows of a search."""
    keys = search.state in ("no_source", "no_key", "wrong_key") and user.can("sync.connection", "view")
    return {
        "find": text,
        "firms": in_crm(user, search),
        "notices": search.notices,
        "state": search.state,
        "settings_url": reverse("sync:integration_list") if keys else "",
        "nothing": search.state == "ok" and not search.firms and search.answer is None and len(text) > 2,
    }


class FillMixin:
    """Of the views that create or change a company: the box, and what its buttons do."""

    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: Any = self
        if field_asked(request) or not self.asks(request.POST) or view.one_field():
            answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
            return answer
        return self.fill(request.POST)

    def asks(self, data: QueryDict) -> bool:
        """A button of the box was pressed, or Enter in its text without JavaScript."""
        typed = "enter" in data and data.get("find", "").strip() not in ("", data.get("found", ""))
        return typed or any(name in data for name in (LOOK, FILL, APPLY))

    def one_field(self) -> bool:
        return bool(getattr(self, "field_name", ""))

    def fill(self, data: QueryDict) -> HttpResponse:
        view: Any = self
        user: Any = self.request.user
        typed = self.typed(data)
        text = data.get(APPLY) or data.get(FILL) or data.get("find", "")[:100]
        search = (
            look_for(user=user, text=text, fresh="fresh" in data)
            if within_pace(user, "company-data", LOOKS_A_MINUTE)
            else too_fast()
        )
        fill = describe(user, search, data.get("find", "")[:100])
        fill["filled"] = data.get("filled", "")
        if search.answer is not None:
            fill |= self.compare(search, typed, data)
        form = view.build_form()
        form.initial.update(typed)
        return view.answer(form, fill=fill)  # type: ignore[no-any-return]

    def compare(self, search: Search, typed: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        """The firm beside what is in the form; takes over into `typed` what is ticked or fills a gap."""
        assert search.answer is not None  # noqa: S101 (the caller asked)
        firm = search.answer.firm
        found = [each for each in differences(firm, typed) if each.name in typed]
        if APPLY in data:
            taken = [each for each in found if f"take_{each.name}" in data]
        else:
            taken = [] if self.is_there() else [each for each in found if each.fills]
        for each in taken:
            typed[each.name] = each.value
        left = [] if APPLY in data else [each for each in found if each not in taken]
        text = ngettext("%(n)s field is filled in.", "%(n)s fields are filled in.", len(taken))
        return {
            "answer": search.answer,
            "warnings": state_of(firm),
            "rows": left,
            "taken": text % {"n": len(taken)} if taken else "",
            "same": not found,
            "filled": firm.siren if taken else data.get("filled", ""),
        }

    def is_there(self) -> bool:
        view: Any = self
        return bool(view.get_instance().pk)

    def typed(self, data: QueryDict) -> dict[str, Any]:
        """The form as it was sent, not yet judged; the record itself where only a button was sent."""
        view: Any = self
        form = view.build_form()
        if "name" not in data:
            return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        return {
            name: field.widget.value_from_datadict(data, self.request.FILES, name)
            for name, field in form.fields.items()
        }

    def filled_with(self, form: Any) -> dict[str, Any] | None:
        """For the event: whose data the form was filled with, if it was."""
        siren = self.request.POST.get("filled", "")
        if not siren or siren != form.cleaned_data.get("siren"):
            return None
        return stamp_of(siren) or None

    def fill_context(self) -> dict[str, Any]:
        """The box as it stands before anything was asked."""
        return {"filled": self.request.POST.get("filled", "")}
