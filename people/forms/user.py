"""Forms of members of the staff."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from digiweb.forms import PhoneField, RecordForm
from digiweb.pictures import PictureField
from people.forms.fields import DepartmentField
from people.models import User
from people.services.team import assignable_roles, may_change_address


class UserForm(RecordForm):
    """A member of the staff, as an administrator sees them."""

    phone = PhoneField(label=_("Phone"), required=False)
    department = DepartmentField(
        label=_("Department"), required=False, help_text=_("A name that is new creates the department.")
    )
    photo = PictureField(
        label=_("Photo"), square=True, required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB.")
    )

    layout = (
        (_("Identity"), ["first_name", "last_name", "email", "phone", "photo"]),
        (_("Place in the company"), ["job_title", "role", "department", "manager", "start_date"]),
    )

    class Meta:
        model = User
        fields = [
            "first_name",
            "last_name",
            "email",
            "phone",
            "photo",
            "job_title",
            "role",
            "department",
            "manager",
            "start_date",
        ]
        error_messages = {"email": {"unique": _("Somebody in the team has this address already.")}}
        widgets = {
            "email": forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "off"}),
            "start_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].required = not self.instance.is_superuser
        if not self.instance.pk:
            self.fields["email"].help_text = _("The invitation is sent there.")
        elif not may_change_address(self.user, self.instance):
            self.fields["email"].disabled = True

    def choices_of(self, name: str, model: Any) -> Any:
        chosen = getattr(self.instance, f"{name}_id", None)
        if name == "role":
            return assignable_roles(self.user, besides=chosen)
        people = model.objects.visible_to(self.user)
        below = self.instance.team_ids if self.instance.pk else []
        offered = Q(is_active=True) & ~Q(pk__in=below) | Q(pk=chosen)
        return people.filter(offered).order_by("sort_name", "id")


class ProfileForm(RecordForm):
    """What a person changes of themselves."""

    phone = PhoneField(label=_("Phone"), required=False)
    photo = PictureField(
        label=_("Photo"), square=True, required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB.")
    )

    layout = (
        (_("Identity"), ["first_name", "last_name", "phone", "photo"]),
        (_("Display"), ["language", "theme"]),
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "photo", "language", "theme"]
