"""The page of a person's monthly targets."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import StaleVersion
from digiweb.numbers import whole_number
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from people.forms.target import LABELS, TargetsForm, copied_down
from people.models import User
from people.services.target import FIELDS, set_targets, targets_of
from people.services.team import check_may_manage

FIRST_YEAR, LAST_YEAR = 2000, 2100


def this_year(request: HttpRequest) -> int:
    """The year in the address, or the present one."""
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else timezone.localdate().year


class TargetsView(RecordMixin):
    """Twelve months of a person, changed together."""

    module = "people.user"
    action = "change"
    model = User
    breadcrumbs = ((gettext_lazy("Team"), "/settings/team/"),)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, year = self.get_object(), this_year(request)
        return self.answer(person, year, TargetsForm(targets=targets_of(person, year)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, year = self.get_object(), this_year(request)
        check_may_manage(request.user, person)
        month = whole_number(request.POST.get("copy", ""))
        if month is not None and 1 <= month <= 11:
            filled = TargetsForm(copied_down(request.POST, month), targets=targets_of(person, year))
            return self.answer(person, year, filled, copied=date(year, month, 1))
        form = TargetsForm(request.POST, targets=targets_of(person, year))
        if not form.is_valid():
            return self.answer(person, year, form, status=422)
        try:
            set_targets(
                user=request.user,
                person=person,
                year=year,
                values=form.values(),
                version=form.cleaned_data["version"],
            )
        except StaleVersion:
            fresh = TargetsForm(targets=targets_of(person, year))
            return self.answer(person, year, fresh, status=409, stale=True)
        toast(
            request, _("The targets of %(person)s for %(year)s are saved.") % {"person": person, "year": year}
        )
        return HttpResponseRedirect(f"{person.get_absolute_url()}?tab=targets&year={year}")

    def answer(
        self, person: User, year: int, form: TargetsForm, status: int = 200, **more: Any
    ) -> HttpResponse:
        title = _("Targets of %(person)s, %(year)s") % {"person": person, "year": year}
        context = {
            "form": form,
            "object": person,
            "year": year,
            "labels": [LABELS[name] for name in FIELDS],
            "page_title": title,
            "cancel_url": f"{person.get_absolute_url()}?tab=targets&year={year}",
            "breadcrumbs": [*self.breadcrumbs, (str(person), person.get_absolute_url()), (_("Targets"), "")],
            **more,
        }
        return render(self.request, "people/user/targets_edit.html", context, status=status)
