"""Bulk actions: say how many and which, ask, then run the entity's service on all of them."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digiweb.bulk import BulkAction, find_action
from digiweb.bulk_undo import keep_for_undo, take_back, values_before
from digiweb.changes import BATCH
from digiweb.forms import style_fields
from digiweb.paging import capped_count
from digiweb.templatetags.digiweb import number
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, came_from
from digiweb.views.list import WITHIN, ListView
from timeline.models import JobRun
from timeline.services.bulk_change import change_to_undo

SAMPLE = 5
MAX_ROWS = 10_000


class BulkView(GuardedView):
    """The bulk actions of a list: `list_view` names their model, filters and declared actions.

    Rows are taken within the scope of the action itself (who may see all may not delete all).
    """

    list_view: type[ListView]
    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        return self.bulk_action() is not None and super().is_allowed()

    @property
    def action(self) -> str:  # type: ignore[override]
        action = self.bulk_action()
        return action.action if action else ""

    @property
    def module(self) -> str:  # type: ignore[override]
        return self.list_view.module

    def bulk_action(self) -> BulkAction | None:
        return find_action(self.list_view.bulk_actions, self.request.POST.get("action", ""))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        action = self.bulk_action()
        if action is None:
            raise BadRequest(_("This action does not exist."))
        chosen = self.chosen()
        form = self.build_form(action)
        if "confirm" not in request.POST:
            return self.ask(action, chosen, self.build_form(action, bound=False))
        if form is not None and not form.is_valid():
            return self.ask(action, chosen, form, status=422)
        return self.run(action, chosen, form)

    def chosen(self) -> QuerySet:
        """The rows asked for: those ticked, or all that match the list's filters."""
        visible = self.list_view.model.objects.visible_to(self.request.user, self.action)
        if self.request.POST.get("all") == "1":
            filters = QueryDict(self.request.POST.get("query", ""))
            filterset = self.list_view.filterset_class(filters, queryset=visible, request=self.request)
            if not filterset.is_valid():
                raise BadRequest(_("The filters of the list are not valid."))
            matching: QuerySet = filterset.qs
            return matching
        try:
            pks = [int(pk) for pk in self.request.POST.getlist("pk")]
        except ValueError:
            raise BadRequest(_("These are not record numbers.")) from None
        return visible.filter(pk__in=[pk for pk in pks if 0 < pk < 2**63])

    def build_form(self, action: BulkAction, *, bound: bool = True) -> Any:
        if action.form_class is None:
            return None
        form_class: Any = action.form_class
        form: forms.Form = form_class(self.request.POST if bound else None, user=self.request.user)
        style_fields(form)
        return form

    def ask(self, action: BulkAction, chosen: QuerySet, form: Any, *, status: int = 200) -> HttpResponse:
        count, capped = capped_count(chosen)
        label = action.button_text(count)
        bulk = {
            "name": action.name,
            "label": label,
            "danger": action.danger,
            "count": count,
            "count_text": f"{number(count)}+" if capped else number(count),
            "too_many": count > MAX_ROWS or capped,
            "max_text": number(MAX_ROWS),
            "form": form,
            "sample": [self.name_of(record) for record in chosen.order_by("pk")[:SAMPLE]],
            "pks": self.request.POST.getlist("pk"),
            "all": self.request.POST.get("all") == "1",
            "query": self.request.POST.get("query", ""),
            "url": self.request.path,
            "cancel_url": self.list_url(),
        }
        context = {"bulk": bulk, "page_title": label, "breadcrumbs": self.get_breadcrumbs()}
        return render(self.request, "generic/bulk_confirm.html", context, status=status)

    def name_of(self, record: Any) -> str:
        """What a record is called in the question, where its own name does not tell it from others."""
        return str(record)

    def run(self, action: BulkAction, chosen: QuerySet, form: Any) -> HttpResponse:
        pks = list(chosen.order_by("pk").values_list("pk", flat=True)[: MAX_ROWS + 1])
        if len(pks) > MAX_ROWS:
            raise BadRequest(_("At most 10,000 records at once: narrow the filters."))
        data = form.cleaned_data if form is not None else {}
        batch, undo_url = None, ""
        model = self.list_view.model
        try:
            with transaction.atomic():
                before = values_before(model, pks, action) if action.put_back else {}
                for start in range(0, len(pks), BATCH):
                    part = pks[start : start + BATCH]
                    batch = action.run(user=self.request.user, pks=part, data={**data, "batch": batch})
                self.check_still_in_sight(action, pks)
                if before:
                    change = keep_for_undo(
                        user=self.request.user,
                        view=self.list_view,
                        model=model,
                        action=action,
                        before=before,
                    )
                    undo_url = reverse("bulk_undo", args=[change.pk])
        except ValidationError as error:
            if form is None:
                raise BadRequest(" ".join(error.messages)) from error
            form.add_error(None, error)
            return self.ask(action, chosen, form, status=422)
        if action.action == "delete" and batch:
            undo_url = reverse("bin_restore", args=[batch])
        toast(self.request, action.done_text(len(pks)), undo_url=undo_url)
        if isinstance(batch, JobRun):  # its page tells how far it is and what came of it
            return self.answer_with(batch.get_absolute_url())
        if self.request.htmx:  # type: ignore[attr-defined]
            target = self.list_url()
            if WITHIN in QueryDict(self.request.POST.get("query", "")):  # back to the page with the tab
                target = came_from(self.request, target)
            return self.answer_with(target)
        return HttpResponseRedirect(self.list_url())

    def answer_with(self, target: str) -> HttpResponse:
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)

    def check_still_in_sight(self, action: BulkAction, pks: list[int]) -> None:
        """Nothing may be given to somebody outside what the person may change."""
        if action.action != "change":
            return
        if not self.request.user.is_authenticated:
            raise PermissionDenied
        visible = self.list_view.model.objects.visible_to(self.request.user, action.action)
        if visible.filter(pk__in=pks).count() != len(pks):
            raise ValidationError(_("You may not give these records to somebody outside your team."))

    def list_url(self) -> str:
        query = self.request.POST.get("query", "")
        url = reverse(f"{self.list_view.urls}_list")
        # It goes into a header: nothing of it may end a line there.
        return iri_to_uri(f"{url}?{query}") if query else f"{url}?all=1"


class BulkUndoView(GuardedView):
    """Take one's own bulk action back, from its toast: what changed since stays, and is counted."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        change = change_to_undo(request.user, pk)
        if change is None:
            raise Http404
        view: type[ListView] = import_string(change.view)
        action = find_action(view.bulk_actions, change.action)
        user: Any = request.user
        if action is None or action.put_back is None or not user.can(view.module, action.action):
            raise PermissionDenied
        restored, left = take_back(user=user, change=change, model=view.model, action=action)
        text = ngettext(
            "%(count)s record is as it was before.", "%(count)s records are as they were before.", restored
        )
        toast(request, text % {"count": number(restored)})
        if left:
            text = ngettext(
                "%(count)s record stays: it has changed since.",
                "%(count)s records stay: they have changed since.",
                left,
            )
            toast(request, text % {"count": number(left)}, level="warning")
        target = came_from(request, f"{reverse(f'{view.urls}_list')}?all=1")
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)
