"""Telling people of bank details: those who approve, and whoever asked."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.models import User
from sales.models import BankAccount
from timeline.services.notification import notify

WAITING_KIND, DECIDED_KIND = "bank_account.waiting", "bank_account.decided"


class Proof(models.TextChoices):
    """How whoever approves an account made sure of it."""

    CALL = "call", gettext_lazy("Called back on a number known before")
    PAPER = "paper", gettext_lazy("Bank details slip (RIB) seen")
    PERSON = "person", gettext_lazy("Given in person")
    OTHER = "other", gettext_lazy("Checked otherwise")

    @classmethod
    def source(cls, value: str) -> str:
        """The sentence as the log keeps it: each reader gets it in their language."""
        with translation.override("en"):
            return str(cls(value).label) if value else ""


def approvers_of(account: BankAccount) -> list[User]:
    """Who may decide on this account; never who asked for it."""
    people = User.objects.active().granted(BankAccount.module, "change").select_related("role")
    others = people.exclude(pk=account.asked_by_id).order_by("pk")
    return [person for person in others if person.can(BankAccount.module, "change", account)]


def tell_approvers(user: Any, account: BankAccount) -> None:
    """An account waits: in the bell and by e-mail, with the masked number."""
    for person in approvers_of(account):
        with translation.override(person.language):
            text = _("Bank details of %(client)s wait for your approval: %(account)s") % {
                "client": account.client,
                "account": account.masked,
            }
            notify(people=[person], kind=WAITING_KIND, text=text, obj=account, actor=user, mail=True)


def tell_asker(user: Any, account: BankAccount, *, reason: str = "") -> None:
    """Whoever asked hears what was decided."""
    person = account.asked_by
    if person is None or person == user:
        return
    with translation.override(person.language):
        values = {"client": account.client, "account": account.masked}
        if account.status == BankAccount.Status.ACTIVE:
            text = _("Bank details of %(client)s approved: %(account)s") % values
        else:
            text = _("Bank details of %(client)s refused: %(account)s") % values
        if reason:
            text = f"{text} · {reason}"
        notify(people=[person], kind=DECIDED_KIND, text=text, obj=account, actor=user)


def tell_of_imported() -> int:
    """Tell approvers, once a day, how many imported accounts wait; returns how many were told.

    An import calls it when it is through, and not account by account: the first one brings hundreds.
    """
    waiting = BankAccount.objects.filter(status=BankAccount.Status.WAITING).exclude(source="")
    told = 0
    for person in User.objects.active().granted(BankAccount.module, "change").select_related("role"):
        count = waiting.visible_to(person, "change").count()
        if not count:
            continue
        with translation.override(person.language):
            text = ngettext(
                "%(count)s imported bank account waits for approval",
                "%(count)s imported bank accounts wait for approval",
                count,
            ) % {"count": count}
            told += notify(
                people=[person],
                kind=WAITING_KIND,
                text=text,
                url=f"{reverse('sales:bank_account_list')}?status=waiting",
                key=f"bank-accounts-{timezone.localdate():%Y%m%d}",
                mail=True,
            )
    return told
