"""Signing, validating and terminating contracts; the sums of lines while one types."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Client
from crm.services.client import change_client
from digiweb.models import Record
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.edit import EditView
from digiweb.views.verb import VerbView
from sales.forms.contract import TerminateForm
from sales.forms.lines import LinesField, LinesWidget
from sales.models import Contract
from sales.services.contract import proposed_renewal, sign_contract, terminate_contract, validate_contract
from sales.services.contract_lines import totals_of
from sales.views.contract import AROUND, CRUMB, MODULE


class ContractVerbView(VerbView):
    """What the buttons of a contract share."""

    module = MODULE
    model = Contract
    select_related = AROUND


class ContractSignView(ContractVerbView):
    """Signed today."""

    verb = staticmethod(sign_contract)
    done = gettext_lazy("“%(contract)s” is signed.")


class ContractValidateView(ContractVerbView):
    """Validated today."""

    verb = staticmethod(validate_contract)
    done = gettext_lazy("“%(contract)s” is validated.")


class ContractTerminateView(EditView):
    """Ended before its time: when and why."""

    module = MODULE
    model: type[Record] = Contract
    form_class = TerminateForm
    select_related = AROUND
    breadcrumbs = (CRUMB,)
    submit_label = gettext_lazy("Terminate the contract")
    change_actions = ("changed", "signed", "validated", "terminated", "ended")

    def get_title(self) -> Any:
        return _("Terminate “%(contract)s”") % {"contract": self.get_instance()}

    def save(self, form: Any) -> Contract:
        contract: Contract = self.get_instance()
        terminate_contract(
            user=self.request.user,
            contract=contract,
            reason=form.cleaned_data["termination_reason"],
            on=form.cleaned_data["ends_on"],
            version=form.cleaned_data["version"],
        )
        return contract

    def get_success_text(self, record: Any) -> str:
        return _("“%(contract)s” is terminated.") % {"contract": record}


class ContractRenewalView(RecordMixin):
    """The proposed day becomes the renewal of the client, where there is none yet."""

    module = MODULE
    model = Contract
    action = "view"
    select_related = AROUND
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        contract = self.get_object()
        client: Client = contract.client
        user: Any = request.user
        if not user.can(Client.module, "change", client):
            raise PermissionDenied
        proposed = proposed_renewal(user, client)
        if client.renewal_on is None and proposed is not None:
            change_client(user=user, client=client, values={"renewal_on": proposed})
            day = date_format(proposed, "SHORT_DATE_FORMAT")
            toast(request, _("“%(client)s” renews on %(day)s.") % {"client": client, "day": day})
        return HttpResponseRedirect(contract.get_absolute_url())


class ContractTotalsView(GuardedView):
    """What the lines of a form come to, as one types: added up here, not in the page."""

    module = MODULE
    action = "view"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        given = LinesWidget().value_from_datadict(request.POST, {}, "lines")
        span = {name: self.day(name) for name in ("starts_on", "ends_on")}
        try:
            lines = LinesField(required=False).to_python(given)
        except ValidationError as error:
            return render(request, "sales/contract/totals.html", {"problems": error.messages})
        return render(
            request, "sales/contract/totals.html", {"totals": totals_of(lines, **span) if lines else None}
        )

    def day(self, name: str) -> Any:
        try:
            return parse_date(self.request.POST.get(name, ""))
        except ValueError:
            return None
