"""Likely duplicates: the list, the hints as one types, the page that merges two, and its undoing."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from crm import jobs
from crm.filters.duplicate import DuplicateFilterSet
from crm.forms.custom_value import known_fields
from crm.forms.duplicate import ChooseForm
from crm.models import Client, Company, Contact, DuplicatePair
from crm.models.duplicate import attach_records
from crm.services.client_merge import attached_to, clients_of_both, may_merge_clients
from crm.services.duplicate import dismiss_pairs, twins_of_company, twins_of_contact
from crm.services.merge import (
    FIELDS,
    best_choice,
    fields_between,
    merge_records,
    merge_to_undo,
    undo_merge,
)
from crm.tables.custom_value import cell
from crm.tables.duplicate import DuplicateTable
from digiweb.bulk import BulkAction
from digiweb.custom import is_custom, value_of
from digiweb.jobs import enqueue, runs_for
from digiweb.models import StaleVersion
from digiweb.numbers import whole_number
from digiweb.paging import Page, Sort, fetch_in_order
from digiweb.phones import format_phone
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from digiweb.views.bulk import BulkView
from digiweb.views.list import ListView
from timeline.words import field_label, value_text

MODULE = "crm.duplicate"
CRUMB = (gettext_lazy("Duplicates"), "/crm/duplicates/")


def dismiss(*, user: Any, pks: Any, data: Any) -> None:
    dismiss_pairs(pks=pks)


def search_now(user: Any) -> Any:
    """Have all records compared in the background; one search runs at a time."""
    return enqueue(
        jobs.find_duplicates,
        user=user,
        label=_("Search for duplicates"),
        key="duplicates",
        url=reverse("crm:duplicate_list"),
    )


def merge_action(user: Any, record: Any) -> list[dict[str, Any]]:
    """The line of a record's menu that leads to merging, for those who may."""
    if not (user.can(record.module, "change") and user.can(record.module, "delete")):
        return []
    url = f"{reverse(f'crm:{record._meta.model_name}_merge')}?one={record.pk}"
    return [{"label": _("Merge with another"), "url": url, "icon": "git-merge"}]


def twins_url(view: Any) -> str:
    """Where the form of a new record, or of one that is there, asks what looks like it."""
    url = reverse(f"crm:{view.model._meta.model_name}_twins")
    pk = view.kwargs.get("pk")
    return f"{url}?besides={pk}" if pk else url


class DuplicateListView(ListView):
    """Pairs of which the person sees both records."""

    module = MODULE
    model = DuplicatePair
    urls = "crm:duplicate"
    title = gettext_lazy("Duplicates")
    filterset_class = DuplicateFilterSet
    table = DuplicateTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy("No duplicate in sight: the search runs every night.")
    bulk_actions = (
        BulkAction(
            "dismiss",
            gettext_lazy("Not the same"),
            "equal-not",
            "change",
            dismiss,
            done_label=ngettext_lazy("%(count)s pair put aside.", "%(count)s pairs put aside.", "count"),
        ),
    )

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        pairs = fetch_in_order(self.rows_queryset(), page.ids)
        attach_records(pairs)
        return [self.describe_row(pair) for pair in pairs]

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not user.can(MODULE, "change"):
            return []
        url = reverse("crm:duplicate_search")
        return [{"label": _("Search now"), "url": url, "icon": "refresh", "post": True}]


class DuplicateBulkView(BulkView):
    """Putting pairs aside."""

    list_view = DuplicateListView


class DuplicateSearchView(GuardedView):
    """Look for pairs now, in the background."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        run = search_now(request.user)
        if runs_for(request.user).filter(pk=run.pk).exists():
            return HttpResponseRedirect(reverse("job_run", args=[run.pk]))
        toast(request, _("A colleague's search is running: what it finds will stand here."))
        return HttpResponseRedirect(reverse("crm:duplicate_list"))


class TwinsView(GuardedView):
    """What looks like the record being typed: a fragment under its form."""

    action = "view"
    model: type[Any]

    def get(self, request: HttpRequest) -> HttpResponse:
        find: Any = twins_of_contact if self.model is Contact else twins_of_company
        besides = whole_number(request.GET.get("besides", ""))
        found = find(request.user, request.GET, besides=besides or 0)
        return render(request, "crm/duplicate/twins.html", {"twins": found})


class ContactTwinsView(TwinsView):
    module = "crm.contact"
    model = Contact


class CompanyTwinsView(TwinsView):
    module = "crm.company"
    model = Company


class MergeView(GuardedView):
    """Two records side by side: which one stays, and which value of each field."""

    action = "change"
    model: type[Any]
    template_name = "crm/duplicate/merge.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        about: dict[str, Any] = {"user": request.user, "model": self.model, "one": request.GET.get("one", "")}
        if "two" not in request.GET and "two_text" not in request.GET:
            return self.ask(ChooseForm(**about))
        form = ChooseForm(request.GET, **about)
        if not form.is_valid():
            return self.ask(form, status=422)
        kept, lost = self.find({"one": request.GET.get("one", ""), "two": str(form.cleaned_data["two"].pk)})
        return self.answer(kept, lost, take=best_choice(kept, lost))

    def ask(self, form: ChooseForm, *, status: int = 200) -> HttpResponse:
        """Which record is the same as the one whose page one comes from."""
        one = whole_number(self.request.GET.get("one", ""))
        user: Any = self.request.user
        record = self.model.objects.visible_to(user).filter(pk=one).first()
        if record is None:
            raise Http404
        context = {
            "form": form,
            "one": record,
            "page_title": _("Merge “%(record)s” with…") % {"record": record},
            "cancel_url": record.get_absolute_url(),
        }
        return render(self.request, "crm/duplicate/choose.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        kept, lost = self.find(request.POST)
        names = fields_between(kept, lost)
        take = {name for name in names if request.POST.get(f"take_{name}") == str(lost.pk)}
        versions = {
            record.pk: version
            for record in (kept, lost)
            if (version := whole_number(request.POST.get(f"version_{record.pk}", ""))) is not None
        }
        try:
            merge = merge_records(user=request.user, kept=kept, lost=lost, take=take, versions=versions)
        except StaleVersion as stale:
            text = _("“%(record)s” was changed meanwhile: look at the values again.") % {
                "record": stale.current
            }
            kept, lost = self.find(request.POST)
            return self.answer(kept, lost, take=take, error=text, status=409)
        except ValidationError as error:
            return self.answer(kept, lost, take=take, error=" ".join(error.messages), status=422)
        toast(
            request,
            _("“%(lost)s” is merged into “%(kept)s”.") % {"lost": merge.lost_label, "kept": merge.kept_label},
            undo_url=reverse("crm:merge_undo", args=[merge.pk]),
        )
        return HttpResponseRedirect(kept.get_absolute_url())

    def find(self, data: Any) -> list[Any]:
        """The two records of the address, both to be seen, changed and deleted."""
        numbers = [whole_number(data.get(name, "")) for name in ("one", "two")]
        if None in numbers:
            raise Http404
        user: Any = self.request.user
        rows = self.model.objects.visible_to(user).filter(pk__in=numbers)
        found = {record.pk: record for record in rows.select_related(*self.linked())}
        pair = [found.get(number) for number in numbers]
        if None in pair or pair[0] is pair[1]:
            raise Http404
        for record in pair:
            if not (user.can(self.module, "change", record) and user.can(self.module, "delete", record)):
                raise PermissionDenied
        return pair

    def linked(self) -> Sequence[str]:
        return [name for name in FIELDS[self.model] if self.model._meta.get_field(name).remote_field]

    def answer(
        self, kept: Any, lost: Any, *, take: set[str], error: str = "", status: int = 200
    ) -> HttpResponse:
        label = self.model._meta.label_lower
        rows = []
        custom = {field.name: field for field in known_fields(self.request.user, self.model).values()}
        for name in fields_between(kept, lost):
            mine, theirs = value_of(kept, name), value_of(lost, name)
            field = custom.get(name)
            if (mine in (None, "") and theirs in (None, "")) or (is_custom(name) and field is None):
                continue
            rows.append(
                {
                    "name": name,
                    "label": field.label if field else field_label(label, name),
                    "kept": cell(field, mine) if field else shown(label, name, mine),
                    "lost": cell(field, theirs) if field else shown(label, name, theirs),
                    "same": mine == theirs,
                    "take": name in take,
                }
            )
        context = {
            "kept": kept,
            "lost": lost,
            "clients": told_of_clients(self.request.user, kept, lost),
            "rows": rows,
            "error": error,
            "swap_url": f"{self.request.path}?one={lost.pk}&two={kept.pk}",
            "page_title": _("Merge two records"),
            "breadcrumbs": [CRUMB] if self.request.user.can(MODULE, "view") else [],  # type: ignore[union-attr]
            "cancel_url": kept.get_absolute_url(),
        }
        return render(self.request, self.template_name, context, status=status)


def told_of_clients(user: Any, kept: Any, lost: Any) -> dict[str, Any] | None:
    """Where both are clients: which one stays, what goes over to it, and whether this person may do it."""
    clients = clients_of_both(kept, lost)
    if clients is None:
        return None
    shown = all(user.can(Client.module, "view", client) for client in clients)
    return {
        "kept": clients[0],
        "url": clients[0].get_absolute_url() if shown else "",
        "attached": attached_to(clients[1]) if shown else [],
        "allowed": may_merge_clients(user, *clients),
    }


def shown(label: str, name: str, value: Any) -> str:
    """A value as the record's own page writes it."""
    text = "" if value is None else str(value)
    return format_phone(text) if name in ("phone", "mobile") and text else value_text(label, name, text)


class ContactMergeView(MergeView):
    module = "crm.contact"
    model = Contact


class CompanyMergeView(MergeView):
    module = "crm.company"
    model = Company


class MergeUndoView(GuardedView):
    """Part two merged records: from the toast, or from the time line of the kept one."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        merge = merge_to_undo(user, pk)
        if merge is None:
            raise Http404
        model: Any = apps.get_model(merge.subject_type)
        kept = model.objects.visible_to(user, "change").filter(pk=merge.kept_id).first()
        if kept is None:
            raise PermissionDenied
        try:
            told = undo_merge(user=user, merge=merge)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(
                request,
                _("“%(one)s” and “%(two)s” are two records again.")
                % {"one": merge.kept_label, "two": merge.lost_label},
            )
            if told:
                toast(request, " ".join(told[:5]), level="warning")
        url = kept.get_absolute_url()
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
