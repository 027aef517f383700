"""Bank details in the API: masked like everywhere, whole by an action of its own."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.errors import ProblemError
from digiweb.api.examples import answered
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, asked
from digiweb.api.views import RecordViewSet
from sales.filters.bank_account import BankAccountFilterSet
from sales.forms.bank_account import TYPED, BankAccountForm
from sales.models import BankAccount
from sales.services.bank_account import TooManyReveals, add_account, approve_account, refuse_account, reveal
from sales.services.bank_account_words import Proof
from sales.views.bank_account import BankAccountListView


class BankAccountSerializer(RecordSerializer):
    """Bank details of a client; the number is shown as country and last digits."""

    client_name = LabelField(source="client")
    asked_by_name = LabelField(source="asked_by")
    decided_by_name = LabelField(source="decided_by")
    number = serializers.CharField(source="masked", read_only=True, help_text=_("The masked number."))
    iban = serializers.CharField(
        write_only=True, max_length=TYPED, help_text=_("Taken, and never given back: see “reveal”.")
    )
    bic = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=TYPED)

    class Meta:
        model = BankAccount
        form = BankAccountForm
        fields = [
            "id", "version", "client", "client_name", "holder", "iban", "bic", "number", "country", "status",
            "source", "asked_by", "asked_by_name", "decided_by", "decided_by_name", "decided_at",
            "called", "called_number", "called_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "country", "status", "source", "asked_by", "decided_by", "decided_at",
            "called", "called_number", "called_at",
        ]  # fmt: skip
        example = {
            "client": 42,
            "holder": "SARL Boulangerie Martin",
            "iban": "FR14 2004 1010 0505 0001 3M02 606",
            "bic": "PSSTFRPPPAR",
        }
        example_read = {
            "id": 7, "version": 1, "client_name": "Boulangerie Martin", "number": "FR\u00a0••••\u00a02606",
            "country": "FR", "status": "waiting", "source": "", "asked_by": 3,
            "asked_by_name": "Hugo Lefèvre", "decided_by": None, "decided_by_name": "", "decided_at": None,
            "called": "", "called_number": "", "called_at": None,
            "created_at": "2026-11-21T08:30:00Z", "updated_at": "2026-11-21T08:30:00Z",
        }  # fmt: skip


class ApproveSerializer(AskedSerializer):
    """How the account was checked."""

    proof = serializers.ChoiceField(choices=Proof.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    called = serializers.CharField(
        required=False, max_length=120, help_text=_("Whom you called back; asked for where it is a change.")
    )
    called_number = serializers.CharField(required=False, max_length=40, help_text=_("At which number."))
    called_at = serializers.DateTimeField(required=False, help_text=_("When."))


class RefuseSerializer(AskedSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=200)


class WholeSerializer(serializers.Serializer):
    """The whole number."""

    iban = serializers.CharField()
    bic = serializers.CharField(allow_blank=True)


WHOLE = answered({"iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPPAR"})


class BankAccountViewSet(RecordViewSet):
    """Bank details within one's sight."""

    module = "sales.bankaccount"
    model = BankAccount
    http_method_names = ["get", "head", "post"]
    serializer_class = BankAccountSerializer
    filterset_class = BankAccountFilterSet
    sorts = BankAccountListView.sorts
    rights = {**RecordViewSet.rights, "approve": "change", "refuse": "change", "reveal": "view"}
    bodiless_actions = ("reveal",)
    labels = {
        "client": (),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "asked_by": ("first_name", "last_name", "email"),
        "decided_by": ("first_name", "last_name", "email"),
    }
    reads = ("country", "last_digits")
    title = _("Bank details")
    about = _(
        "Accounts of clients. Numbers are masked; they are never changed: a new account takes the place of "
        "the one in use. With four eyes (the default) it waits until somebody else approves it. Adding a "
        "number that a client has already gives the account that there is."
    )
    summaries = {
        "approve": _("Approve an account"),
        "refuse": _("Refuse an account"),
        "reveal": _("Read the whole number"),
    }
    descriptions = {
        "approve": _(
            "By somebody other than who asked; the account that was in use becomes a former one. Where the "
            "client has or had another account, say whom you called back, at which number and when; the "
            "client is warned by e-mail."
        ),
        "refuse": _("The account in use stays; whoever asked reads the reason."),
        "reveal": _(
            "Takes the grant “Whole bank numbers”. Each time is written in the audit log; beyond a number "
            "of reveals an hour the answer is 429."
        ),
    }

    def shown(self, queryset: QuerySet) -> QuerySet:
        return super().shown(queryset).defer("iban", "bic")

    def create_record(self, form: Any) -> BankAccount:
        return add_account(user=self.request.user, **form.values())

    @extend_schema(request=ApproveSerializer, responses=BankAccountSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def approve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        said = asked(ApproveSerializer, request)
        return self.answer(self.fresh(approve_account(user=request.user, account=account, **said)))

    @extend_schema(request=RefuseSerializer, responses=BankAccountSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def refuse(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        said = asked(RefuseSerializer, request)
        return self.answer(self.fresh(refuse_account(user=request.user, account=account, **said)))

    # Not once by an Idempotency-Key: its answer would be kept.
    @extend_schema(request=None, responses=WholeSerializer, examples=[WHOLE])
    @action(detail=True, methods=["post"])
    def reveal(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        try:
            whole = reveal(user=request.user, account=account)
        except TooManyReveals:
            text = _("You have read %(count)s numbers within an hour: go on a little later.")
            told = str(text) % {"count": settings.BANK_REVEALS_AN_HOUR}
            raise ProblemError(429, told, {"Retry-After": "600"}) from None
        return Response({"iban": whole.iban, "bic": whole.bic})
