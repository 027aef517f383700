"""Pages of the import's conflicts: the list, and saying who a prospect is."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.paging import Sort
from digiweb.phones import format_phone
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.list import ListView
from sync.colleague.lines import may_see_people
from sync.filters.colleague_run import ColleagueConflictFilterSet
from sync.forms.colleague_conflict import SettleForm
from sync.models import ColleagueConflict
from sync.services.colleague_conflict import candidates_of, settle_conflict
from sync.tables.colleague_conflict import STATE_COLOURS, ColleagueConflictTable, phone_text
from sync.views.colleague_run import CRUMB, MODULE

HERE = (gettext_lazy("Conflicts"), "/sync/conflicts/")


class ConflictListView(ListView):
    """What waits for a person, and what was settled. Prospects are people: for who sees all contacts."""

    module = MODULE
    model = ColleagueConflict
    urls = "sync:conflict"
    title = gettext_lazy("Conflicts of the import")
    filterset_class = ColleagueConflictFilterSet
    table = ColleagueConflictTable
    breadcrumbs = (CRUMB,)
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy("Nothing to settle: every prospect was matched with one contact, or is new.")

    def is_allowed(self) -> bool:
        return super().is_allowed() and may_see_people(self.request.user)


class ConflictDetailView(RecordMixin):
    """A prospect, the contacts that answer to it, and the choice."""

    module = MODULE
    action = "view"
    model = ColleagueConflict
    select_related = ("contact", "settled_by")
    breadcrumbs = (CRUMB, HERE)

    def is_allowed(self) -> bool:
        return super().is_allowed() and may_see_people(self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        conflict = self.get_object()
        return self.answer(conflict, self.form(conflict))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        conflict = self.get_object()
        user: Any = request.user
        if not user.can(MODULE, "change", conflict):
            raise PermissionDenied
        form = self.form(conflict, request.POST)
        if not form.is_valid():
            return self.answer(conflict, form, status=422)
        try:
            job = settle_conflict(user=user, conflict=conflict, contact=form.contact)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(conflict, form, status=422)
        text = (
            _("“%(prospect)s” is settled and is being imported.")
            if job is not None
            else _("“%(prospect)s” is settled: the next run imports it.")
        )
        toast(request, text % {"prospect": conflict})
        return HttpResponseRedirect(f"{reverse('sync:conflict_list')}?state=open")

    def form(self, conflict: ColleagueConflict, data: Any = None) -> SettleForm:
        seen = candidates_of(conflict).visible_to(self.request.user).select_related("company", "owner")
        initial = {"choice": str(conflict.contact_id)} if conflict.contact_id else {}
        return SettleForm(data, contacts=list(seen), initial=initial)

    def answer(self, conflict: ColleagueConflict, form: SettleForm, *, status: int = 200) -> HttpResponse:
        user: Any = self.request.user
        context = {
            "conflict": conflict,
            "form": form,
            "badge": {"label": conflict.get_state_display(), "colour": STATE_COLOURS[conflict.state]},
            "can_settle": user.can(MODULE, "change", conflict)
            and conflict.state != ColleagueConflict.State.GONE,
            "phone": phone_text(conflict),
            "candidates": [
                {
                    "contact": each,
                    "phone": format_phone(each.phone or each.mobile) if each.phone or each.mobile else "",
                }
                for each in form.contacts.values()
            ],
            "cancel_url": reverse("sync:conflict_list"),
            "page_title": str(conflict),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "sync/conflict/detail.html", context, status=status)
