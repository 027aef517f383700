"""Pages of roles: list, new, the matrix, delete."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.paging import Sort
from digiweb.permissions import ACTION_LABELS, ACTIONS
from digiweb.views.edit import CreateView, EditView
from digiweb.views.list import ListView
from people.filters.role import RoleFilterSet
from people.forms.role import RoleCreateForm, RoleForm
from people.models import Role
from people.services.role import change_role, create_role, delete_role
from people.tables.role import RoleTable
from people.views.confirm import ConfirmView
from people.views.role_merge import merge_role

MODULE = "people.role"
CRUMB = (gettext_lazy("Roles"), "/settings/roles/")


class RoleListView(ListView):
    """All roles, with how many people have them."""

    module = MODULE
    model = Role
    urls = "people:role"
    title = gettext_lazy("Roles")
    filterset_class = RoleFilterSet
    table = RoleTable
    sorts = (
        Sort("name", gettext_lazy("Name, A to Z"), ("name", "id")),
        Sort("-name", gettext_lazy("Name, Z to A"), ("name", "id"), descending=True),
    )
    create_label = gettext_lazy("Create a role")
    empty_text = gettext_lazy("No role yet: create the first one.")

    def rows_queryset(self) -> QuerySet:
        rows: Any = super().rows_queryset()
        return rows.with_people_count()  # type: ignore[no-any-return]

    def export_queryset(self) -> QuerySet:
        rows: Any = super().export_queryset()
        return rows.with_people_count()  # type: ignore[no-any-return]


class RoleCreateView(CreateView):
    """A new role; its matrix comes next."""

    module = MODULE
    model = Role
    form_class = RoleCreateForm
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("New role")
    submit_label = gettext_lazy("Create the role")

    def save(self, form: Any) -> Role:
        source = form.cleaned_data["copy_from"]
        return create_role(user=self.request.user, role=form.instance, source=source)

    def saved(self, record: Any) -> HttpResponse:
        response = super().saved(record)
        if self.in_drawer():  # the matrix needs the whole page
            del response["HX-Trigger"]
            response["HX-Redirect"] = record.get_absolute_url()
        return response

    def get_cancel_url(self) -> str:
        return reverse("people:role_list")


class RoleEditView(EditView):
    """A role and its matrix, saved together.

    When another administrator saved meanwhile, what they changed is put into the page beside what
    this one changed; the cells that both changed are named, and nothing is saved yet.
    """

    module = MODULE
    model = Role
    form_class = RoleForm
    breadcrumbs = (CRUMB,)
    template_name = "people/role/edit.html"
    submit_label = gettext_lazy("Save the role")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        if self.request.method in ("GET", "HEAD"):
            return bool(user.can(MODULE, "view"))
        return super().is_allowed()

    def get_object(self) -> Any:
        if self.request.method in ("GET", "HEAD"):
            self.action = "view"  # who may only look sees the matrix without a button
        return super().get_object()

    def in_drawer(self) -> bool:
        return False

    def get_title(self) -> Any:
        return str(self.get_instance())

    def save(self, form: Any) -> Role:
        role: Role = self.get_instance()
        change_role(
            user=self.request.user,
            role=role,
            values=form.values(),
            matrix=form.matrix(),
            version=form.cleaned_data["version"],
        )
        return role

    def answer(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        role = self.get_instance()
        may: Any = self.request.user
        more = {
            "object": role,
            "actions": [(action, ACTION_LABELS[action]) for action in ACTIONS],
            "people_count": role.people.filter(is_active=True).count(),
            "people_url": f"{reverse('people:user_list')}?role={role.pk}&all=1",
            "delete_url": reverse("people:role_delete", args=[role.pk])
            if not role.shipped and may.can(MODULE, "delete", role)
            else "",
            "can_change": may.can(MODULE, "change", role) and (may.is_admin or not role.is_admin),
        }
        return super().answer(form, status=status, **more, **context)

    def answer_conflict(self, current: Any) -> HttpResponse:
        mine: Any = self.build_form(self.request.POST)
        merged, context = merge_role(current, mine, self.request.POST)
        self._instance = current
        form = self.build_form(merged)
        form.is_valid()
        return self.answer(form, status=409, merge=context)

    def get_success_url(self, record: Any) -> str:
        return reverse("people:role_list")

    def get_cancel_url(self) -> str:
        return reverse("people:role_list")


class RoleDeleteView(ConfirmView):
    """A role of one's own making, while nobody has it; there is no way back."""

    module = MODULE
    action = "delete"
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Delete the role")
    danger = True

    @property
    def role(self) -> Role:
        if not hasattr(self, "_role"):
            found = Role.objects.visible_to(self.request.user, "delete").filter(pk=self.kwargs["pk"]).first()
            if found is None:
                raise Http404
            self._role: Role = found
        return self._role

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.role.shipped or self.role.people.exists():
            reason = (
                _("This role ships with the product: it can be changed, not deleted.")
                if self.role.shipped
                else _("Somebody has this role: give them another one first.")
            )
            context = {"page_title": self.get_title(), "reason": reason, "cancel_url": self.get_cancel_url()}
            return render(
                request, "people/role/kept.html", {**context, "breadcrumbs": self.get_breadcrumbs()}
            )
        return super().get(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Delete the role “%(role)s”?") % {"role": self.role}

    def consequences(self) -> list[str]:
        return [_("It cannot be taken back. The audit log keeps what it was.")]

    def run(self) -> str:
        name = str(self.role)
        delete_role(user=self.request.user, role=self.role)
        return _("The role “%(role)s” is deleted.") % {"role": name}

    def get_success_url(self) -> str:
        return reverse("people:role_list")

    def get_cancel_url(self) -> str:
        return self.role.get_absolute_url()
