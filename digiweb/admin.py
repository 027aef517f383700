"""The admin site: for administrators, behind the product's own sign-in, its writes in the audit log."""

from collections.abc import Mapping
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from digiweb.audit import differences, record, snapshot
from digiweb.changes import change_record, derived_fields, initial_values
from digiweb.crypto import EncryptedTextField
from digiweb.models import Record

COUNTED = 10_000
# Columns that nobody reads on a screen: hashes, and words kept for the search.
HIDDEN = ("password", "token_hash", "search_text", "sort_name")

admin.site.site_header = _("DigiWeb ERP: tables")  # type: ignore[assignment]
admin.site.site_title = "DigiWeb ERP"
admin.site.index_title = _("Tables")  # type: ignore[assignment]
# Password, second factor, rate limits: the same door as for everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Rights are those of roles (DESIGN §2): groups would grant nothing.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


class CappedPaginator(Paginator):
    """Counts no further than one leafs through: a table may have millions of rows."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by().values("pk")[:COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


class AdminOnly(admin.ModelAdmin):
    """Only administrators (Django asks `user.is_staff` at the door, we ask again), all rows."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50

    def _is_admin(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_authenticated and user.is_admin)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_admin(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_admin(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_admin(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_admin(request)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        names = {field.name: field for field in self.model._meta.concrete_fields}
        secret = [
            name for name, field in names.items() if name in HIDDEN or isinstance(field, EncryptedTextField)
        ]
        return [*(super().get_exclude(request, obj) or []), *secret]

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self.search_fields or (["pk"] if self._has_words() else [])

    def _has_words(self) -> bool:
        return any(field.name == "search_text" for field in self.model._meta.concrete_fields)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> Any:
        if self._has_words() and search_term:
            return queryset.filter(search_text__words=search_term), False
        return super().get_search_results(request, queryset, search_term)


class ReadOnlyAdmin(AdminOnly):
    """To look at: what happened cannot be changed here either."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RecordedAdmin(AdminOnly):
    """Every write is an event (its channel is « admin », by the address), and counts the version up.

    An entity with verbs says so: `change` and `delete_many` call its services, so that sums and
    whatever else follows are kept here as everywhere.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            self.create(request.user, obj)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        names = [name for name in form.changed_data if name in columns]
        if names:
            self.change(request.user, obj, {name: form.cleaned_data[name] for name in names})

    def create(self, user: Any, obj: Any) -> None:
        """Save a new row and write it down."""
        obj.save(force_insert=True)
        record(user=user, action="created", obj=obj, changes=initial_values(obj))

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        """Save changed columns and write them down."""
        if isinstance(obj, Record):
            change_record(user=user, obj=obj, values=values)
            return
        before = snapshot(type(obj)._base_manager.get(pk=obj.pk), values)
        obj.save(update_fields=[*values, *derived_fields(type(obj))])
        record(user=user, action="changed", obj=obj, changes=differences(before, snapshot(obj, values)))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_many(request.user, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.delete_many(request.user, list(queryset))

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        """Delete rows and write down what they were."""
        for obj in objs:
            record(user=user, action="deleted", obj=obj, changes=former_values(obj))
            obj.delete()


def former_values(obj: Model) -> dict[str, list[Any]]:
    """{field: [value, None]} of a row that goes."""
    values = initial_values(obj)
    return {name: [pair[1], None] for name, pair in values.items() if name not in HIDDEN}
