"""The page that removes a member (SPEC T9)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from people.forms.removal import RemovalForm
from people.models import User
from people.services.hand_over import belongings
from people.services.removal import remove_member


class UserRemoveView(RecordMixin):
    """What is theirs, who takes it over, and what becomes of the account."""

    module = "people.user"
    action = "delete"
    model = User
    select_related = ("role", "manager")
    template_name = "people/user/remove.html"
    breadcrumbs = ((gettext_lazy("Team"), "/settings/team/"),)

    def build_form(self, person: User, data: QueryDict | None = None) -> RemovalForm:
        return RemovalForm(data, user=self.request.user, person=person, left=belongings(person))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.get_object()
        return self.answer(person, self.build_form(person))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.get_object()
        form = self.build_form(person, request.POST)
        if not form.is_valid():
            return self.answer(person, form, status=422)
        try:
            run = remove_member(
                user=request.user, person=person, successors=form.successors(), for_good=form.for_good
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(person, form, status=422)
        toast(request, _("%(person)s has no access any more.") % {"person": person})
        return HttpResponseRedirect(reverse("job_run", args=[run.pk]))

    def answer(self, person: User, form: RemovalForm, *, status: int = 200) -> HttpResponse:
        context = {
            "person": person,
            "form": form,
            "reports": User.objects.visible_to(self.request.user).active().filter(manager=person).count(),
            "page_title": _("Remove %(person)s") % {"person": person},
            "breadcrumbs": [*self.get_breadcrumbs(), (str(person), person.get_absolute_url())],
            "cancel_url": person.get_absolute_url(),
        }
        return render(self.request, self.template_name, context, status=status)
