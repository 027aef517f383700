"""Deciding on bank details: approving them, with a call-back where they are a change, or refusing them."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from digiweb.toasts import toast
from digiweb.views.field import answer_field, field_asked
from sales.forms.bank_account import ApproveForm, CallBackForm, RefuseForm
from sales.models import BankAccount
from sales.services.bank_account import approve_account, namesakes, refuse_account
from sales.services.bank_change import is_change, known_numbers
from sales.views.bank_account import AccountMixin, number_for


class DecisionView(AccountMixin):
    """What both decisions share: a page or drawer that asks, then the service."""

    action = "change"
    template_name = "sales/bank_account/decide.html"
    form_class: Any
    submit_label: Any = ""
    danger = False

    def decide(self, account: BankAccount, values: dict[str, Any]) -> BankAccount:
        raise NotImplementedError

    def make_form(self, account: BankAccount, data: Any = None) -> Any:
        return self.form_class(data)

    def get_title(self, account: BankAccount) -> str:
        raise NotImplementedError

    def get_done_text(self, account: BankAccount) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        account = self.get_object()
        return self.answer(account, self.make_form(account))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        account = self.get_object()
        form = self.make_form(account, request.POST)
        if name := field_asked(request):
            return answer_field(request, form, name)
        if not form.is_valid():
            return self.answer(account, form, status=422)
        try:
            decided = self.decide(account, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer(account, form, status=422)
        toast(request, self.get_done_text(decided))
        url = account.get_absolute_url()
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def answer(self, account: BankAccount, form: Any, *, status: int = 200) -> HttpResponse:
        style_fields(form)
        used = BankAccount.objects.visible_to(self.request.user).filter(
            client=account.client_id, status=BankAccount.Status.ACTIVE
        )
        context = {
            "account": account,
            "number": number_for(self.request.user, account),
            "in_use": used.without_numbers().first(),
            "namesakes": self.namesakes(account),
            "numbers": self.numbers(account),
            "form": form,
            "page_title": self.get_title(account),
            "submit_label": self.submit_label,
            "danger": self.danger,
            "action_url": self.request.path,
            "cancel_url": account.get_absolute_url(),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, self.template_name, context, status=status)

    def numbers(self, account: BankAccount) -> list[dict[str, Any]]:
        """Where the client can be called, where a call is asked for."""
        return []

    def namesakes(self, account: BankAccount) -> list[tuple[BankAccount, bool]]:
        """The same number of other clients, and whether the person may know of whom."""
        found = namesakes(account)
        mine = BankAccount.objects.visible_to(self.request.user).filter(pk__in=[each.pk for each in found])
        seen = set(mine.values_list("pk", flat=True)) if found else set()
        return [(each, each.pk in seen) for each in found]


class BankAccountApproveView(DecisionView):
    """The account is put into use in the place of the old one."""

    submit_label = gettext_lazy("Approve")

    def make_form(self, account: BankAccount, data: Any = None) -> Any:
        """Where another account is or was in use, whom one called; otherwise how it was checked."""
        if settings.BANK_FOUR_EYES and is_change(account):
            return CallBackForm(data)
        return ApproveForm(data)

    def numbers(self, account: BankAccount) -> list[dict[str, Any]]:
        return known_numbers(account.client)

    def decide(self, account: BankAccount, values: dict[str, Any]) -> BankAccount:
        return approve_account(user=self.request.user, account=account, **values)

    def get_title(self, account: BankAccount) -> str:
        return _("Approve %(account)s of %(client)s?") % {"account": account, "client": account.client}

    def get_done_text(self, account: BankAccount) -> str:
        return _("%(account)s is in use for %(client)s.") % {"account": account, "client": account.client}


class BankAccountRefuseView(DecisionView):
    """The account is not put into use; the old one stays."""

    form_class = RefuseForm
    submit_label = gettext_lazy("Refuse")
    danger = True

    def decide(self, account: BankAccount, values: dict[str, Any]) -> BankAccount:
        return refuse_account(user=self.request.user, account=account, **values)

    def get_title(self, account: BankAccount) -> str:
        return _("Refuse %(account)s of %(client)s?") % {"account": account, "client": account.client}

    def get_done_text(self, account: BankAccount) -> str:
        return _("%(account)s is refused.") % {"account": account}
