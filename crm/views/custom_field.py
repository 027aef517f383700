"""Settings: the custom fields of each kind of record, in their order."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.forms.custom_field import CustomFieldForm, ForgetFieldForm
from crm.models import CustomField
from crm.models.custom_field import MOST_FIELDS
from crm.services.custom_field import change_field, create_field, delete_field, order_fields, set_archived
from crm.services.custom_value import count_values
from digiweb.forms import RecordForm
from digiweb.models import Record
from digiweb.numbers import whole_number
from digiweb.templatetags.digiweb import number
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.edit import UNPROCESSABLE, CreateView, EditView, FormView

MODULE = "crm.customfield"
CRUMB = (gettext_lazy("Custom fields"), "/crm/custom-fields/")
SUBJECT_ICONS = {"crm.contact": "users", "crm.company": "building", "crm.deal": "briefcase"}
KIND_ICONS = {
    "text": "letter-t",
    "number": "hash",
    "date": "calendar",
    "choice": "list-details",
    "yes_no": "toggle-left",
}
# So many choices are named on the page of all fields.
CHOICES_SHOWN = 6


def list_url() -> str:
    return reverse("crm:custom_field_list")


class CustomFieldListView(GuardedView):
    """All fields, a block a kind of record, ordered by dragging or with two arrows."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        fields = list(CustomField.objects.visible_to(user).order_by("position", "pk"))
        counts = count_values(fields)
        context = {
            "page_title": _("Custom fields"),
            "groups": [
                self.describe_group(subject, label, [one for one in fields if one.subject == subject], counts)
                for subject, label in CustomField.Subject.choices
            ],
            "may_create": user.can(MODULE, "create"),
            "may_change": user.can(MODULE, "change"),
            "may_delete": user.can(MODULE, "delete"),
        }
        return render(request, "crm/custom_field/list.html", context)

    def describe_group(
        self, subject: str, label: Any, fields: list[CustomField], counts: dict[int, int]
    ) -> dict[str, Any]:
        return {
            "subject": subject,
            "label": label,
            "icon": SUBJECT_ICONS[subject],
            "new_url": f"{reverse('crm:custom_field_new')}?subject={subject}",
            "full": len(fields) >= MOST_FIELDS,
            "lines": [describe_line(field, counts.get(field.pk, 0)) for field in fields],
        }


def describe_line(field: CustomField, count: int) -> dict[str, Any]:
    """A field on the page of all."""
    labels = list(field.offered().values())
    more = len(labels) - CHOICES_SHOWN
    shown = ", ".join(labels[:CHOICES_SHOWN])
    used = ngettext("filled in on %(n)s record", "filled in on %(n)s records", count) % {"n": number(count)}
    return {
        "field": field,
        "icon": KIND_ICONS[field.kind],
        "about": f"{shown} + {more}" if more > 0 else shown,
        "used": used if count else _("not filled in yet"),
    }


class CustomFieldFormView(FormView):
    """What defining and changing a field share."""

    module = MODULE
    model: type[Record] = CustomField
    form_class = CustomFieldForm
    breadcrumbs = (CRUMB,)
    template_name = "crm/custom_field/edit.html"

    def get_success_url(self, record: Any) -> str:
        return list_url()

    def get_cancel_url(self) -> str:
        return list_url()


class CustomFieldCreateView(CustomFieldFormView, CreateView):
    """A new field."""

    title = gettext_lazy("New custom field")
    submit_label = gettext_lazy("Create the field")

    def save(self, form: Any) -> CustomField:
        return create_field(user=self.request.user, field=form.instance)


class CustomFieldEditView(CustomFieldFormView, EditView):
    """A field changed: all but what it is for and what it holds."""

    submit_label = gettext_lazy("Save the field")

    def build_form(self, data: QueryDict | None = None) -> RecordForm:
        form = super().build_form(data)
        for name in ("subject", "kind"):
            form.fields.pop(name, None)
        if self.get_instance().kind != CustomField.Kind.CHOICE:
            form.fields.pop("choices", None)
        return form

    def save(self, form: Any) -> CustomField:
        field: CustomField = self.get_instance()
        change_field(
            user=self.request.user,
            field=field,
            values=form.values(),
            version=form.cleaned_data["version"],
        )
        return field


class CustomFieldOrderView(GuardedView):
    """The order of the fields of one kind of record: all of them, or one a step up or down."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        subject = request.POST.get("subject", "")
        fields = CustomField.objects.visible_to(request.user, "change").filter(subject=subject)
        present = list(fields.order_by("position", "pk").values_list("pk", flat=True))
        given = [whole_number(pk) for pk in request.POST.getlist("field")]
        wanted = [pk for pk in given if pk in present] or present
        for name, step in (("up", -1), ("down", 1)):
            moved = whole_number(request.POST.get(name, ""))
            if moved in wanted:
                place = wanted.index(moved)
                wanted.insert(max(place + step, 0), wanted.pop(place))
        order_fields(user=request.user, subject=subject, pks=wanted)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204)
        return HttpResponseRedirect(list_url())


class CustomFieldArchiveView(RecordMixin):
    """A field taken out of use, or back into it; its values stay."""

    module = MODULE
    action = "change"
    model = CustomField
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        field: CustomField = self.get_object()
        archived = field.is_active
        set_archived(user=request.user, field=field, archived=archived)
        text = (
            _("“%(field)s” is archived: its values are kept.")
            if archived
            else _("“%(field)s” is back in use.")
        )
        toast(request, text % {"field": field})
        return HttpResponseRedirect(list_url())


class CustomFieldDeleteView(RecordMixin):
    """A field and its values, for good: asks for its label first."""

    module = MODULE
    action = "delete"
    model = CustomField
    breadcrumbs = (CRUMB,)

    def get_object(self) -> Any:
        field = super().get_object()
        if not self.request.user.can(MODULE, "delete", field):  # type: ignore[union-attr]
            raise PermissionDenied
        return field

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        field: CustomField = self.get_object()
        return self.ask(field, ForgetFieldForm(field=field))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        field: CustomField = self.get_object()
        form = ForgetFieldForm(request.POST, field=field)
        if not form.is_valid():
            return self.ask(field, form, status=UNPROCESSABLE)
        delete_field(user=request.user, field=field)
        toast(request, _("“%(field)s” is deleted, with its values.") % {"field": field})
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": list_url()})
        return HttpResponseRedirect(list_url())

    def ask(self, field: CustomField, form: ForgetFieldForm, *, status: int = 200) -> HttpResponse:
        count = count_values([field]).get(field.pk, 0)
        lost = ngettext("%(n)s record loses its value.", "%(n)s records lose their value.", count)
        context = {
            "object": field,
            "form": form,
            "page_title": _("Delete the field “%(field)s”?") % {"field": field},
            "consequences": [
                lost % {"n": number(count)} if count else _("No record has a value of it."),
                _("It cannot be taken back. To keep the values, archive the field instead."),
            ],
            "submit_label": _("Delete the field and its values"),
            "cancel_url": list_url(),
            "action_url": self.request.get_full_path(),
            "undo_text": "",
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "generic/delete.html", context, status=status)
