"""Creating and editing: full page, drawer and one field in place are the same view and form.

Two people who edit the same record meet here: the second is shown what the first changed and
chooses field by field; what the first did not touch is simply saved.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.custom import is_custom, value_of
from digiweb.forms import RecordForm
from digiweb.models import Record, StaleVersion
from digiweb.tables import text_of
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.field import answer_field, field_asked
from timeline.models import Event

UNPROCESSABLE, CONFLICT = 422, 409


class FormView(GuardedView):
    """What creating and editing share."""

    model: type[Record]
    form_class: type[RecordForm]
    template_name = "generic/edit.html"
    title: Any = ""
    submit_label: Any = ""

    def get_instance(self) -> Any:
        raise NotImplementedError

    def save(self, form: Any) -> Any:
        """Call the service; returns the record. May raise ValidationError or StaleVersion."""
        raise NotImplementedError

    def form_kwargs(self) -> dict[str, Any]:
        return {}

    def build_form(self, data: QueryDict | None = None) -> RecordForm:
        kwargs: dict[str, Any] = {
            "instance": self.get_instance(),
            "user": self.request.user,
            **self.form_kwargs(),
        }
        if data is not None:
            return self.form_class(data, self.request.FILES, **kwargs)
        return self.form_class(initial=self.get_initial(), **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Values that the address proposes: `?company=12&status=client`."""
        fields = self.form_class.base_fields
        return {name: value for name, value in self.request.GET.items() if name in fields}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.answer(self.build_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.build_form(request.POST)
        if name := field_asked(request):
            return answer_field(request, form, name)
        if not form.is_valid():
            return self.answer(form, status=UNPROCESSABLE)
        try:
            with transaction.atomic():
                record = self.save(form)
                self.check_still_in_sight(record)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(form, status=UNPROCESSABLE)
        return self.saved(record)

    def check_still_in_sight(self, record: Record) -> None:
        """A record may not be moved out of, or made outside, what the person may do (DESIGN §2)."""
        user: Any = self.request.user
        if record.module == self.module and not user.can(self.module, self.action, record):
            raise ValidationError(_("You may not give this record to somebody outside your team."))

    def in_drawer(self) -> bool:
        htmx: Any = self.request.htmx  # type: ignore[attr-defined]
        return bool(htmx) and htmx.target == "drawer-body"

    def answer(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        values = {
            "form": form,
            "page_title": self.get_title(),
            "submit_label": self.submit_label,
            "action_url": self.request.get_full_path(),
            "cancel_url": self.get_cancel_url(),
            **self.get_context_data(**context),
        }
        template = "components/drawer.html" if self.in_drawer() else self.template_name
        return render(self.request, template, values, status=status)

    def saved(self, record: Record) -> HttpResponse:
        toast(self.request, self.get_success_text(record))
        if self.in_drawer():
            response = HttpResponse(status=204)
            response["HX-Trigger"] = "dw:saved"
            return response
        return HttpResponseRedirect(self.get_success_url(record))

    def get_title(self) -> Any:
        return self.title

    def get_success_text(self, record: Any) -> str:
        return _("“%(record)s” is saved.") % {"record": record}

    def get_success_url(self, record: Any) -> str:
        url: str = record.get_absolute_url()
        return url

    def get_cancel_url(self) -> str:
        return ""


class CreateView(FormView):
    """A new record."""

    action = "create"

    def get_instance(self) -> Any:
        return self.model()


class EditView(RecordMixin, FormView):
    """An existing record: whole, or one field of it (`?field=city`, from the record's page)."""

    action = "change"
    # The events that tell a change of a field; a record with telling verbs has more of them.
    change_actions: tuple[str, ...] = ("changed",)

    def get_instance(self) -> Any:
        if not hasattr(self, "_instance"):
            self._instance = self.get_object()
            self._named = str(self._instance)  # a form that was refused leaves its values on the instance
        return self._instance

    @property
    def field_name(self) -> str:
        return self.request.GET.get("field", "")

    def get_title(self) -> Any:
        self.get_instance()
        return self.title or _("Edit “%(record)s”") % {"record": self._named}

    def get_cancel_url(self) -> str:
        url: str = self.get_instance().get_absolute_url()
        return url

    def build_form(self, data: QueryDict | None = None) -> RecordForm:
        if data is not None and not self.field_name:
            data = self.resolve_conflict(data)
        form = super().build_form(data)
        if self.field_name:
            if self.field_name not in form.fields:
                raise Http404
            for name in list(form.fields):
                if name not in (self.field_name, "version"):
                    del form.fields[name]
        return form

    def answer(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        if self.field_name and self.request.htmx:  # type: ignore[attr-defined]
            values = {"form": form, "field": form[self.field_name], "edit_url": self.request.get_full_path()}
            values["record"] = self.get_instance()
            values["fact_url"] = self.request.get_full_path()
            return render(self.request, "components/fact_edit.html", {**values, **context}, status=status)
        return super().answer(form, status=status, **context)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.field_name and "shown" in request.GET:
            return self.answer_fact()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except StaleVersion as stale:
            return self.answer_conflict(stale.current)

    def saved(self, record: Record) -> HttpResponse:
        if self.field_name and self.request.htmx:  # type: ignore[attr-defined]
            return self.answer_fact(saved=True)
        return super().saved(record)

    # --- One field in place

    def describe_fact(self, record: Any, name: str) -> dict[str, Any] | None:
        """How the record's page shows the field; the entity's edit view asks its detail view."""
        return None

    def answer_fact(self, *, saved: bool = False) -> HttpResponse:
        record = self.get_queryset().get(pk=self.kwargs[self.pk_url_kwarg])
        fact = self.describe_fact(record, self.field_name)
        if fact is None:
            raise Http404
        return render(self.request, "components/fact.html", {"fact": fact, "saved": saved, "record": record})

    # --- Two people at once

    def answer_conflict(self, current: Any) -> HttpResponse:
        """Show what somebody else changed meanwhile beside what this person typed."""
        bound = self.build_form(self.request.POST)
        bound.is_valid()
        known = bound.cleaned_data.get("version") or 0
        events = list(
            Event.objects.filter(
                subject_type=current._meta.label_lower,
                subject_id=current.pk,
                action__in=self.change_actions,
            ).order_by("-id")[: max(current.version - known, 1)]
        )
        theirs: dict[str, list[Any]] = {}
        for event in reversed(events):
            for name, (before, after) in event.changes.items():
                theirs[name] = [theirs[name][0] if name in theirs else before, after]
        rows = []
        for name, (before, _after) in theirs.items():
            if name not in bound.fields:
                continue
            now, mine = _comparable(value_of(current, name)), _comparable(bound.cleaned_data.get(name))
            if now != mine:
                rows.append(
                    {
                        "name": name,
                        "label": bound.fields[name].label,
                        "before": shown(bound.fields[name], _label_of(before)),
                        "theirs": shown(bound.fields[name], now),
                        "mine": shown(bound.fields[name], mine),
                    }
                )
        last = events[0] if events else None
        conflict = {
            "who": last.actor_name if last else "",
            "when": last.at if last else current.updated_at,
            "rows": rows,
            "version": current.version,
        }
        data = self.request.POST.copy()
        data["version"] = str(current.version)
        self._instance, self._named = current, str(current)
        form = FormView.build_form(self, data)
        form.is_valid()
        if self.field_name and self.request.htmx:  # type: ignore[attr-defined]
            for name in list(form.fields):
                if name not in (self.field_name, "version"):
                    del form.fields[name]
        return self.answer(form, status=CONFLICT, conflict=conflict)

    def resolve_conflict(self, data: QueryDict) -> QueryDict:
        """Where the person chose the other's value, it replaces the one that was typed."""
        kept = [name[5:] for name, value in data.items() if name.startswith("keep_") and value == "theirs"]
        if not kept:
            return data
        resolved = data.copy()
        instance = self.get_instance()
        current = forms.models.model_to_dict(instance)
        for name in kept:
            if name in self.form_class.base_fields and name not in current:
                self._take_saved(resolved, name)
            elif is_custom(name) or (name in self.form_class.base_fields and name in current):
                value = value_of(instance, name) if is_custom(name) else current[name]
                if isinstance(value, list):  # a many-to-many field
                    resolved.setlist(name, [str(other.pk) for other in value])
                    continue
                resolved[name] = "" if value is None else str(getattr(value, "pk", value))
        return resolved

    def _take_saved(self, data: QueryDict, name: str) -> None:
        """Of a field that is no column (the lines of a contract): what the form of the saved record holds."""
        saved = super().build_form()[name]
        for part in [key for key in data if key.startswith(f"{name}_")]:
            del data[part]
        hidden: Any = saved.field.hidden_widget()
        data[name] = hidden.format_value(saved.value()) or ""


def shown(field: forms.Field, value: Any) -> Any:
    """A value of a form field as a person reads it."""
    readable = getattr(field, "readable", None)
    if readable is not None:
        return readable(value)
    choices = getattr(field, "choices", None)
    if choices is not None and not isinstance(field, forms.ModelChoiceField):
        return dict(choices).get(value, value) or "–"
    return "–" if value in (None, "") else text_of(value)


def _comparable(value: Any) -> Any:
    """A many-to-many value as the log writes it: the names in order."""
    if hasattr(value, "all"):
        value = value.all()
    if isinstance(value, QuerySet):
        return ", ".join(sorted(map(str, value)))
    return value


def _label_of(value: Any) -> Any:
    return value.get("label") if isinstance(value, dict) else value


class DeleteView(RecordMixin):
    """Deleting a record: asks first, moves it to the bin, offers to take it back."""

    action = "delete"
    template_name = "generic/delete.html"
    list_url_name = ""

    def delete(self, record: Any) -> Any:
        """Call the service; returns the batch of the bin, or None when it is gone for good."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        context = {
            "object": record,
            "page_title": _("Delete “%(record)s”?") % {"record": record},
            "consequences": self.consequences(record),
            "cancel_url": record.get_absolute_url(),
            "action_url": request.get_full_path(),
        }
        return render(request, self.template_name, {**context, "breadcrumbs": self.get_breadcrumbs()})

    def consequences(self, record: Any) -> list[str]:
        """What else changes, in sentences."""
        return []

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        label = str(record)
        try:
            batch = self.delete(record)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(record.get_absolute_url())
        undo_url = reverse("bin_restore", args=[batch]) if batch else ""
        toast(request, _("“%(record)s” is deleted.") % {"record": label}, undo_url=undo_url)
        url = reverse(self.list_url_name)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
