"""Unknown calls: numbers that nobody has said who they are, and the three things one does with them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from crm.forms.contact import ContactForm
from crm.models import Contact
from crm.services.contact import create_contact
from digiweb.bulk import BulkAction
from digiweb.paging import Page, Sort
from digiweb.templatetags.digiweb import icon
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin, came_from
from digiweb.views.bulk import BulkView
from digiweb.views.edit import CreateView
from digiweb.views.list import ListView
from sync.call_lines import call_lines
from sync.filters.caller import CallerFilterSet
from sync.forms.caller import AttachForm
from sync.models import Caller, PhoneCall
from sync.services.identify import heed_numbers, ignore_numbers, keep_number, say_who
from sync.tables.caller import STATE_COLOURS, CallerTable

MODULE = "sync.phonecall"
CRUMB = (gettext_lazy("Unknown calls"), "/sync/unknown-calls/")
# Calls of a number that its page shows.
SHOWN = 50


def ignore(*, user: Any, pks: Any, data: Any) -> None:
    ignore_numbers(user=user, pks=pks)


def heed(*, user: Any, pks: Any, data: Any) -> None:
    heed_numbers(user=user, pks=pks)


def saved(request: HttpRequest, url: str) -> HttpResponse:
    """The list below a drawer or a button is read again; a page goes on to `url`."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Trigger": "dw:saved"})
    return HttpResponseRedirect(url)


class CallerListView(ListView):
    """The numbers to identify."""

    module = MODULE
    model = Caller
    urls = "sync:caller"
    title = gettext_lazy("Unknown calls")
    template_name = "sync/call/list.html"
    filterset_class = CallerFilterSet
    table = CallerTable
    sorts = (
        Sort("-last", gettext_lazy("Latest call first"), ("last_call_at", "id"), descending=True),
        Sort("last", gettext_lazy("Earliest call first"), ("last_call_at", "id")),
        Sort("-calls", gettext_lazy("Most calls first"), ("waiting", "id"), descending=True),
        Sort("calls", gettext_lazy("Fewest calls first"), ("waiting", "id")),
    )
    empty_text = gettext_lazy("No unknown number: every call stands on somebody’s time line.")
    bulk_actions = (
        BulkAction(
            "ignore",
            gettext_lazy("Ignore"),
            "eye-off",
            "change",
            ignore,
            done_label=ngettext_lazy("%(count)s number ignored.", "%(count)s numbers ignored.", "count"),
        ),
        BulkAction(
            "heed",
            gettext_lazy("List again"),
            "eye",
            "change",
            heed,
            done_label=ngettext_lazy(
                "%(count)s number is listed again.", "%(count)s numbers are listed again.", "count"
            ),
        ),
    )

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        if self.may_identify:
            header = {"name": "who", "label": _("Who is it?"), "align": "start"}
            described["columns"].append({**header, "sort_url": "", "direction": ""})
        return described

    @property
    def may_identify(self) -> bool:
        user: Any = self.request.user
        return bool(user.can(MODULE, "change"))

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        rows = super()._rows(page)
        if self.may_identify:
            user: Any = self.request.user
            creates = user.can("crm.contact", "create")
            for row in rows:
                html = who_cell(row["record"], creates=creates)
                row["cells"].append({"html": html, "align": "start", "name": "who"})
        return rows


def who_cell(caller: Caller, *, creates: bool) -> SafeString:
    """What one does with a number, in its line: one click each."""
    number = {"number": caller}
    attach = reverse("sync:caller_attach", args=[caller.pk])
    parts = [drawer_button(attach, "link", _("Attach"), _("Attach %(number)s to a contact") % number)]
    if creates:
        create = reverse("sync:caller_contact", args=[caller.pk])
        label = _("Create a contact for %(number)s") % number
        parts.insert(0, drawer_button(create, "user-plus", _("Create a contact"), label))
    if caller.state == Caller.State.IGNORED:
        heed = reverse("sync:caller_heed", args=[caller.pk])
        parts.append(post_button(heed, "eye", _("List again"), _("List %(number)s again") % number))
    else:
        url = reverse("sync:caller_ignore", args=[caller.pk])
        parts.append(post_button(url, "eye-off", _("Ignore"), _("Ignore %(number)s") % number))
    return format_html('<span class="dw-row-buttons">{}</span>', SafeString("".join(parts)))


def drawer_button(url: str, picture: str, text: str, label: str) -> SafeString:
    """What the button says stands in its label too: who speaks to the screen says what they read."""
    return format_html(
        '<a class="btn btn-sm" href="{}" data-drawer title="{}">{}<span>{}</span></a>',
        url,
        label,
        icon(picture),
        text,
    )


def post_button(url: str, picture: str, text: str, label: str) -> SafeString:
    return format_html(
        '<button class="btn btn-sm" type="button" hx-post="{}" hx-swap="none" hx-push-url="false"'
        ' title="{}">{}<span>{}</span></button>',
        url,
        label,
        icon(picture),
        text,
    )


class CallerBulkView(BulkView):
    """Many numbers at once."""

    list_view = CallerListView
    breadcrumbs = (CRUMB,)


class CallerMixin(RecordMixin):
    """A number within sight."""

    module = MODULE
    model = Caller
    breadcrumbs = (CRUMB,)


class CallerDetailView(CallerMixin):
    """A number and its calls."""

    action = "view"
    select_related = ("contact", "last_person")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        caller = self.get_object()
        user: Any = request.user
        calls = PhoneCall.objects.visible_to(user).filter(caller=caller).select_related("person", "activity")
        changes = user.can(MODULE, "change", caller)
        context = {
            "caller": caller,
            "calls": call_lines(calls.order_by("-started_at", "-pk")[:SHOWN]),
            "colour": STATE_COLOURS[caller.state],
            "contact": Contact.objects.visible_to(user).filter(pk=caller.contact_id).first(),
            "can_change": changes,
            "can_create": changes and user.can("crm.contact", "create"),
            "page_title": str(caller),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(request, "sync/call/detail.html", context)


class CallerContactView(CallerMixin, CreateView):  # type: ignore[misc]
    """A contact out of a number; what waits of it becomes theirs."""

    action = "change"
    form_class = ContactForm
    title = gettext_lazy("New contact")
    submit_label = gettext_lazy("Create the contact")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and user.can("crm.contact", "create")

    def get_instance(self) -> Any:
        return Contact()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.caller: Caller = self.get_object()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.caller = self.get_object()
        return super().post(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        name = "mobile" if self.caller.is_mobile else "phone"
        return {"source": _("Phone call"), name: self.caller.number, **super().get_initial()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "twins_url": reverse("crm:contact_twins")}

    def save(self, form: Any) -> Contact:
        user = self.request.user
        contact = create_contact(user=user, contact=form.instance, tags=form.cleaned_data["tags"])
        self.adopted = say_who(user=user, caller=self.caller, contact=contact)
        return contact

    def check_still_in_sight(self, record: Any) -> None:
        user: Any = self.request.user
        if not user.can("crm.contact", "create", record):
            raise ValidationError(_("You may not give this record to somebody outside your team."))

    def get_success_text(self, record: Any) -> str:
        return adopted_text(record, self.adopted)

    def get_cancel_url(self) -> str:
        return self.caller.get_absolute_url()


def adopted_text(contact: Contact, calls: int) -> str:
    """The toast: who it is, and how many calls went there."""
    text = ngettext(
        "%(count)s call is now on the time line of “%(contact)s”.",
        "%(count)s calls are now on the time line of “%(contact)s”.",
        calls,
    )
    return text % {"count": calls, "contact": contact}


class CallerAttachView(CallerMixin):
    """A number given to a contact who exists."""

    action = "change"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.answer(self.get_object(), AttachForm(user=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        caller = self.get_object()
        user: Any = request.user
        form = AttachForm(request.POST, user=user)
        if not form.is_valid():
            return self.answer(caller, form, status=422)
        contact = form.cleaned_data["contact"]
        try:
            with transaction.atomic():
                adopted = say_who(user=user, caller=caller, contact=contact)
                if form.cleaned_data["keep"] and user.can("crm.contact", "change", contact):
                    keep_number(user=user, caller=caller, contact=contact)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(caller, form, status=422)
        toast(request, adopted_text(contact, adopted))
        return saved(request, contact.get_absolute_url())

    def answer(self, caller: Caller, form: AttachForm, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "page_title": _("Who is %(number)s?") % {"number": caller},
            "submit_label": _("Attach"),
            "action_url": self.request.path,
            "cancel_url": caller.get_absolute_url(),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "sync/call/attach.html", context, status=status)


class CallerIgnoreView(CallerMixin):
    """A number listed no more; the toast takes it back."""

    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        caller = self.get_object()
        ignore_numbers(user=request.user, pks=[caller.pk])
        undo = reverse("sync:caller_heed", args=[caller.pk])
        toast(request, _("%(number)s is ignored.") % {"number": caller}, undo_url=undo)
        return saved(request, reverse("sync:caller_list"))


class CallerHeedView(CallerMixin):
    """An ignored number listed again."""

    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        caller = self.get_object()
        heed_numbers(user=request.user, pks=[caller.pk])
        toast(request, _("%(number)s is listed again.") % {"number": caller})
        return saved(request, came_from(request, caller.get_absolute_url()))
