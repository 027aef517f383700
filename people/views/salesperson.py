"""The salesperson's profile of a member, edited by administrators."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import Record
from digiweb.views.edit import EditView
from people.forms.salesperson import SalespersonForm
from people.models import Salesperson, User
from people.services.salesperson import change_salesperson


class SalespersonEditView(EditView):
    """A profile is there as soon as somebody writes it."""

    module = "people.user"
    model: type[Record] = User
    form_class = SalespersonForm
    breadcrumbs = ((gettext_lazy("Team"), "/settings/team/"),)
    submit_label = gettext_lazy("Save the profile")

    def is_allowed(self) -> bool:
        user: Any = self.request.user
        return super().is_allowed() and bool(user.is_admin)

    @property
    def person(self) -> User:
        if not hasattr(self, "_person"):
            self._person: User = self.get_object()
        return self._person

    def get_instance(self) -> Any:
        if not hasattr(self, "_instance"):
            found = Salesperson.objects.visible_to(self.request.user).filter(user=self.person).first()
            self._instance = found or Salesperson(user=self.person)
            self._named = str(self.person)
        return self._instance

    def get_title(self) -> Any:
        return _("%(person)s as a salesperson") % {"person": self.person}

    def save(self, form: Any) -> Salesperson:
        version = form.cleaned_data.get("version")
        values = form.values()
        change_salesperson(user=self.request.user, person=self.person, values=values, version=version)
        return Salesperson.objects.visible_to(self.request.user).get(user=self.person)

    def get_success_text(self, record: Any) -> str:
        return _("The profile of %(person)s is saved.") % {"person": self.person}

    def get_success_url(self, record: Any) -> str:
        return self.person.get_absolute_url()

    def get_cancel_url(self) -> str:
        return self.person.get_absolute_url()
