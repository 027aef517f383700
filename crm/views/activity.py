"""Pages of activities: list, record, forms, done and what next. My day is in crm/views/activity_day.py."""

import re
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from crm.client_page import ClientTabMixin
from crm.filters.activity import ActivityFilterSet
from crm.forms.activity import ActivityAssignForm, ActivityForm, DoneForm, MomentForm, next_round_hour
from crm.models import Activity, Contact, Deal
from crm.services.activity import (
    change_activities,
    change_activity,
    create_activity,
    delete_activities,
    finish_activity,
    hold_subjects,
    move_to_day,
    take_back_completion,
)
from crm.tables import activity as columns
from crm.tables.activity import STATUS_COLOURS, ActivityTable, moment_text
from digiweb.bulk import BulkAction
from digiweb.forms import style_fields
from digiweb.models import Record, StaleVersion
from digiweb.numbers import whole_number
from digiweb.paging import Sort
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin, came_from
from digiweb.views.bulk import BulkView
from digiweb.views.detail import DetailView
from digiweb.views.edit import CreateView, DeleteView, EditView, FormView
from digiweb.views.list import ListView

MODULE = "crm.activity"
CRUMB = (gettext_lazy("Activities"), "/crm/activities/")
UNDO_SALT, UNDO_SECONDS = "crm.activity.done", 24 * 3600


def done(*, user: Any, pks: Any, data: Any) -> None:
    change_activities(user=user, pks=pks, values={"status": Activity.Status.DONE})


def cancel(*, user: Any, pks: Any, data: Any) -> None:
    change_activities(user=user, pks=pks, values={"status": Activity.Status.CANCELLED})


def assign(*, user: Any, pks: Any, data: Any) -> None:
    change_activities(user=user, pks=pks, values={"owner": data["owner"]})


def move(*, user: Any, pks: Any, data: Any) -> None:
    move_to_day(user=user, pks=pks, day=data["day"])


def put_moment_back(*, user: Any, pks: Any, values: Any) -> None:
    for activity in Activity.objects.visible_to(user, "change").filter(pk__in=pks).order_by("pk"):
        change_activity(user=user, activity=activity, values=values)


def delete(*, user: Any, pks: Any, data: Any) -> Any:
    return delete_activities(user=user, pks=pks, batch=data["batch"])


def saved(request: HttpRequest, activity: Activity) -> HttpResponse:
    """What the page below shows is read again; a button of the toast comes back to its page."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Trigger": "dw:saved"})
    return HttpResponseRedirect(came_from(request, activity.get_absolute_url()))


class ActivityListView(ClientTabMixin, ListView):
    """All activities within sight."""

    module = MODULE
    model = Activity
    urls = "crm:activity"
    title = gettext_lazy("Activities")
    filterset_class = ActivityFilterSet
    table = ActivityTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
        Sort("-date", gettext_lazy("Latest date first"), ("starts_at", "id"), descending=True),
        Sort("date", gettext_lazy("Earliest date first"), ("starts_at", "id")),
    )
    create_label = gettext_lazy("Plan an activity")
    drawing = "empty-generic"
    empty_text = gettext_lazy("No activity yet: plan the first call or meeting.")
    bulk_actions = (
        BulkAction(
            "done",
            gettext_lazy("Done"),
            "check",
            "change",
            done,
            done_label=ngettext_lazy("%(count)s activity done.", "%(count)s activities done.", "count"),
            sets=("status",),
            put_back=change_activities,
            hold=hold_subjects,
        ),
        BulkAction(
            "move",
            gettext_lazy("Move to another day"),
            "calendar",
            "change",
            move,
            MomentForm,
            done_label=ngettext_lazy("%(count)s activity moved.", "%(count)s activities moved.", "count"),
            sets=("starts_at",),
            put_back=put_moment_back,
            hold=hold_subjects,
        ),
        BulkAction(
            "assign",
            gettext_lazy("Assign"),
            "user-plus",
            "change",
            assign,
            ActivityAssignForm,
            done_label=ngettext_lazy(
                "%(count)s activity assigned.", "%(count)s activities assigned.", "count"
            ),
            sets=("owner",),
            put_back=change_activities,
            hold=hold_subjects,
        ),
        BulkAction(
            "cancel",
            gettext_lazy("Cancel the activity"),
            "ban",
            "change",
            cancel,
            done_label=ngettext_lazy(
                "%(count)s activity cancelled.", "%(count)s activities cancelled.", "count"
            ),
            sets=("status",),
            put_back=change_activities,
            hold=hold_subjects,
        ),
        BulkAction(
            "delete",
            gettext_lazy("Delete"),
            "trash",
            "delete",
            delete,
            danger=True,
            confirm_label=ngettext_lazy("Delete %(count)s activity", "Delete %(count)s activities", "count"),
            done_label=ngettext_lazy("%(count)s activity deleted.", "%(count)s activities deleted.", "count"),
        ),
    )

    @cached_property
    def sort(self) -> Sort:
        """By the date that the list shows, not by when somebody wrote it down."""
        offered = self.offered_sorts()
        wanted = self.request.GET.get("sort", "") or "-date"
        return next((sort for sort in offered if sort.name == wanted), offered[0])

    def extra_actions(self) -> list[dict[str, Any]]:
        return [
            {"label": _("My day"), "url": reverse("crm:activity_day"), "icon": "sun"},
            {"label": _("Calendar"), "url": reverse("crm:activity_calendar"), "icon": "calendar"},
        ]


class ActivityBulkView(BulkView):
    """Actions on many activities."""

    list_view = ActivityListView
    breadcrumbs = (CRUMB,)


class ActivityDetailView(DetailView):
    """Everything about one activity."""

    module = MODULE
    model = Activity
    urls = "crm:activity"
    breadcrumbs = (CRUMB,)
    select_related = ("contact", "company", "deal", "owner")
    facts = (
        (
            gettext_lazy("Activity"),
            (columns.STARTS, columns.DURATION, columns.PRIORITY, columns.PLACE, columns.DONE),
        ),
        (gettext_lazy("About"), (columns.CONTACT, columns.COMPANY, columns.DEAL)),
        (
            gettext_lazy("Follow-up"),
            (columns.OWNER, columns.REMINDER, columns.RECURRENCE, columns.NOTES),
        ),
    )
    editable = (
        *("starts_at", "duration", "priority", "place", "contact", "company", "deal"),
        *("owner", "reminder", "recurrence", "notes"),
    )

    def subtitle(self, record: Any) -> Any:
        return f"{record.get_kind_display()} · {moment_text(record.starts_at)}"

    def badge(self, record: Any) -> dict[str, Any]:
        return {"label": record.get_status_display(), "colour": STATUS_COLOURS[record.status]}

    def menu(self, record: Any) -> list[dict[str, Any]]:
        url = reverse("crm:activity_file", args=[record.pk])
        return [
            {"label": _("Add to a calendar (.ics)"), "url": url, "icon": "calendar-down"},
            *super().menu(record),
        ]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        if record.status != Activity.Status.PLANNED:
            again = reverse("crm:activity_reopen", args=[record.pk])
            return [
                {"label": _("Plan again"), "url": again, "icon": "arrow-back-up", "post": True},
                *super().actions(record)[:1],
            ]
        url = reverse("crm:activity_done", args=[record.pk])
        first = {"label": _("Mark as done"), "url": url, "icon": "check", "primary": True, "drawer": True}
        return [first, {**super().actions(record)[0], "primary": False}]


class ActivityFormView(FormView):
    """What planning and editing share."""

    module = MODULE
    model: type[Record] = Activity
    form_class = ActivityForm
    urls = "crm:activity"
    breadcrumbs = (CRUMB,)


# What the buttons of time lines promise (crm/activity_panel.py), the form says again.
TITLES = {
    ("call", "done"): gettext_lazy("Log a call"),
    ("email", "done"): gettext_lazy("Log an e-mail"),
    ("meeting", ""): gettext_lazy("Plan a meeting"),
    ("task", ""): gettext_lazy("Plan a task"),
}


class ActivityCreateView(ActivityFormView, CreateView):
    """Something new to do; from the page of a contact or deal it is about them."""

    title = gettext_lazy("New activity")

    def get_title(self) -> Any:
        asked = self.request.GET.get("kind", ""), self.request.GET.get("status", "")
        return TITLES.get(asked, self.title)

    submit_label = gettext_lazy("Save the activity")

    def get_initial(self) -> dict[str, Any]:
        """Of a deal, its contact and company too; of a contact, their company."""
        initial = super().get_initial()
        day = self.request.GET.get("day", "")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day):  # a day of the calendar
            initial["starts_at"] = f"{day}T09:00"
        for name, model in (("deal", Deal), ("contact", Contact)):
            number = whole_number(initial.get(name, ""))
            if number is not None:
                record: Any = model.objects.visible_to(self.request.user).filter(pk=number).first()
                for other in ("contact", "company"):
                    pk = getattr(record, f"{other}_id", None)
                    if pk and not initial.get(other):
                        initial[other] = pk
        return initial

    def save(self, form: Any) -> Activity:
        return create_activity(user=self.request.user, activity=form.instance)

    def get_cancel_url(self) -> str:
        return reverse("crm:activity_list")


class ActivityEditView(ActivityFormView, EditView):
    """An activity changed: whole, or one field in place."""

    select_related = ("contact", "company", "deal", "owner")
    submit_label = gettext_lazy("Save the activity")
    change_actions = ("changed", "done", "replanned", "cancelled")

    def save(self, form: Any) -> Activity:
        activity: Activity = self.get_instance()
        version = form.cleaned_data["version"]
        change_activity(user=self.request.user, activity=activity, values=form.values(), version=version)
        return activity

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        return ActivityDetailView.fact_named(record, name)


class ActivityDeleteView(DeleteView):
    """An activity moved to the bin."""

    module = MODULE
    model = Activity
    list_url_name = "crm:activity_list"
    breadcrumbs = (CRUMB,)

    def delete(self, record: Any) -> Any:
        return delete_activities(user=self.request.user, pks=[record.pk])


class ActivityDoneView(RecordMixin):
    """Done: what came of it, and what next; nothing else to fill in is compulsory."""

    module = MODULE
    action = "change"
    model = Activity
    select_related = ("contact", "company", "deal", "owner")
    template_name = "crm/activity/done.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity = self.get_object()
        initial = {
            "notes": activity.notes,
            "next_subject": _("Follow up: %(subject)s") % {"subject": activity.subject},
            "next_at": next_round_hour() + timedelta(days=7),
        }
        return self.answer(activity, DoneForm(initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity = self.get_object()
        # The tick of a list sends no form: done as it is.
        form = DoneForm(request.POST if "notes" in request.POST else {"notes": activity.notes})
        if not form.is_valid():
            return self.answer(activity, form, status=422)
        data = form.cleaned_data
        version = request.POST.get("version", "")
        try:
            following = finish_activity(
                user=request.user,
                activity=activity,
                notes=data["notes"],
                following=form.following(),
                version=whole_number(version),
            )
        except StaleVersion:
            form.add_error(None, _("Somebody changed this activity meanwhile: look again."))
            return self.answer(self.get_object(), form, status=409)
        text = _("“%(activity)s” is done.") % {"activity": activity}
        if following:
            text += " " + _("Next: %(moment)s.") % {"moment": moment_text(following[-1].starts_at)}
        toast(request, text, undo_url=self.undo_url(activity, following))
        return saved(request, activity)

    def undo_url(self, activity: Activity, following: list[Activity]) -> str:
        """Where a POST takes it back: what was planned with it, signed, for this person only."""
        address = reverse("crm:activity_reopen", args=[activity.pk])
        if not following:
            return address
        planned = {str(one.pk): one.version for one in following}
        token = signing.dumps([self.request.user.pk, activity.pk, planned], salt=UNDO_SALT, compress=True)
        return f"{address}?with={token}"

    def answer(self, activity: Activity, form: DoneForm, *, status: int = 200) -> HttpResponse:
        style_fields(form)
        context = {
            "form": form,
            "activity": activity,
            "page_title": _("“%(activity)s”: done") % {"activity": activity},
            "action_url": self.request.path,
            "cancel_url": activity.get_absolute_url(),
            "breadcrumbs": [CRUMB],
        }
        return render(self.request, self.template_name, context, status=status)


class ActivityReopenView(RecordMixin):
    """Planned again: the undoing of done and cancelled."""

    module = MODULE
    action = "change"
    model = Activity
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity = self.get_object()
        planned: dict[str, int] = {}
        token = request.GET.get("with", "")
        if token:
            try:
                person, done, planned = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
            except signing.BadSignature:
                raise Http404 from None
            if (person, done) != (request.user.pk, activity.pk):
                raise Http404
        following = {int(number): version for number, version in planned.items()}
        take_back_completion(user=request.user, activity=activity, planned=following)
        toast(request, _("“%(activity)s” is planned again.") % {"activity": activity})
        return saved(request, activity)
