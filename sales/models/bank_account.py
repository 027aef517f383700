"""Bank details of clients: encrypted at rest, masked to most, changed by two people where asked."""

from typing import Any, Self, cast

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.crypto import EncryptedTextField, blind_index
from digiweb.fields import DerivedCharField
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet, people_in, reach_of
from digiweb.scopes import OwnerScope

# The grant to read whole numbers, apart from that to see that there is an account.
IBAN = "sales.iban"


class BankAccountQuerySet(ScopedQuerySet):
    """Accounts, and whose whole numbers one may read."""

    def revealed_to(self, user: Any) -> Self:
        """Those in sight whose whole number `user` may read."""
        reach = reach_of(user, IBAN, "view")
        if reach is None:
            return self.none()
        seen = self.visible_to(user)
        if reach == "all":
            return seen
        return cast(Self, BankAccount.ownership.restrict(seen, people_in(user, reach)))

    def without_numbers(self) -> Self:
        """For whatever shows masked numbers: the whole ones are not even decrypted."""
        return self.defer("iban", "bic")


class BankAccount(Record):
    """An account of a client. The number is found by its blind index and shown as its last digits.

    With BANK_FOUR_EYES a new one waits until somebody else approves it; the one in use is in force
    until then. Numbers are never changed: a new account takes the old one's place, which stays.
    """

    module = "sales.bankaccount"
    ownership = OwnerScope("client__owner", unowned=True)

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("bank account", "To be approved")
        ACTIVE = "active", pgettext_lazy("bank account", "In use")
        FORMER = "former", pgettext_lazy("bank account", "Former")
        REFUSED = "refused", pgettext_lazy("bank account", "Refused")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name=_("client"), related_name="bank_accounts")
    holder = models.CharField(_("account holder"), max_length=160, blank=True)
    iban = EncryptedTextField(_("IBAN"))
    iban_index = DerivedCharField(max_length=64, source="derive_iban_index")
    # Enough to recognise it, too little to use it.
    country = DerivedCharField(max_length=2, source="derive_country")
    last_digits = DerivedCharField(max_length=4, source="derive_last_digits")
    bic = EncryptedTextField(_("BIC"), blank=True)
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.ACTIVE)
    # The name of the system that brought it; empty where a person typed it.
    source = models.CharField(_("source"), max_length=40, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    # Whom the second person called before the account took the place of another, where and when (SPEC N8).
    called = models.CharField(_("person called back"), max_length=120, blank=True, editable=False)
    called_number = models.CharField(_("number called"), max_length=20, blank=True, editable=False)
    called_at = models.DateTimeField(_("called on"), null=True, blank=True, editable=False)
    # Hashes of the addresses that were warned of the change: each once.
    warned: Any = models.JSONField(default=list, editable=False)
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True, editable=False)

    objects = BankAccountQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(fields=["client", "iban_index"], name="one_account_a_client"),
        ]
        indexes = [
            models.Index(fields=["iban_index"], name="sales_bank_account_iban"),
            models.Index(fields=["status", "id"], name="sales_bank_account_status"),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """« FR •••• 0189 »: what everybody who sees the client may read."""
        return f"{self.country}\u00a0••••\u00a0{self.last_digits}"

    def get_absolute_url(self) -> str:
        return record_address("sales:bank_account_detail", self.pk)

    @property
    def initials(self) -> str:
        return self.country

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    # --- What follows from the columns

    def _compact(self) -> str:
        return "".join(str(self.iban or "").split()).upper()

    def derive_iban_index(self) -> Any:
        return blind_index(self._compact())

    def derive_country(self) -> str:
        return self._compact()[:2]

    def derive_last_digits(self) -> str:
        return self._compact()[-4:]
