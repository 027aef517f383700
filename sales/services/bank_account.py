"""Bank details of clients: asked for by one person, approved by another, shown whole to few.

Numbers are never changed in place: a new account takes the place of the one in use, which stays as a
former one. The log knows accounts by their masked number only, and so does everything that is shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Client
from digiweb.audit import Change, record, record_many
from digiweb.changes import change_record
from digiweb.crypto import DecryptionError, blind_index
from digiweb.identifiers import bank_of, clean_bic, clean_iban
from digiweb.saving import insert_objects
from people.models import User
from sales.models import BankAccount
from sales.services.bank_account_words import Proof, tell_approvers, tell_asker
from sales.services.bank_change import (
    USED,
    Call,
    changed_for,
    checked_call,
    is_change,
    warn_former_contact,
)
from timeline.models import Event

REVEALED = "number_revealed"
PACE_HOURS = 1
# What may be an IBAN in a text that somebody typed.
_IBAN_LIKE = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?:[ \u00a0\u202f.-]?[A-Za-z0-9]){11,30}")
Status = BankAccount.Status


class TooManyReveals(Exception):
    """This person has read as many numbers as one may in an hour."""


class Wanted(NamedTuple):
    """An account as it was given: by a form, or by another system."""

    client_id: int
    iban: str
    bic: str = ""
    holder: str = ""


class Checked(Wanted):
    """One whose numbers are clean: they are not looked at again."""


class Whole(NamedTuple):
    """What is behind the mask."""

    iban: str
    bic: str

    @property
    def spaced(self) -> str:
        """As it stands on paper."""
        return " ".join(self.iban[place : place + 4] for place in range(0, len(self.iban), 4))

    @property
    def bank(self) -> str:
        """The name of the bank, where the register of its country tells."""
        return bank_of(self.iban)[0]


# --- Asking for an account


def add_account(
    *, user: Any, client: Client, iban: str, bic: str = "", holder: str = "", source: str = ""
) -> BankAccount:
    """The account of this number of a client; made where there is none. Raises ValidationError.

    With BANK_FOUR_EYES it waits for the approval of somebody else; otherwise it is in use from now on.
    `source` names the system that brings it, without a person: what is former or was refused then stays
    so, whereas a person asks for it again. Approvers are told of what a person asks; for a system, call
    `bank_account_words.tell_of_imported` when it is through.
    """
    wanted = Wanted(client.pk, iban, bic, holder)
    (account,) = add_accounts(user=user, wanted=[wanted], source=source)
    return account


@transaction.atomic
def add_accounts(*, user: Any, wanted: Sequence[Wanted], source: str = "") -> list[BankAccount]:
    """The accounts of `wanted`, in its order; those that are missing are made, in a few statements."""
    clean = [checked(one) for one in wanted]
    # All that adds or decides waits here: an account is made once, however many ask at once.
    clients = _hold({one.client_id for one in clean})
    keys = [(one.client_id, blind_index(one.iban)) for one in clean]
    found = {
        (account.client_id, account.iban_index): account
        for account in BankAccount.objects.filter(
            client__in=clients, iban_index__in={index for _client, index in keys}
        ).without_numbers()
    }
    new: dict[tuple[int, str], BankAccount] = {}
    for key, one in zip(keys, clean, strict=True):
        if key not in found and key not in new:
            new[key] = BankAccount(
                client=clients[one.client_id],
                iban=one.iban,
                bic=one.bic,
                holder=one.holder,
                status=Status.WAITING if settings.BANK_FOUR_EYES else Status.ACTIVE,
                source=source,
                asked_by=user,
            )
    _insert(user, new, source)
    asked = list(new.values())
    if not source:
        again = [
            found[key] for key in dict.fromkeys(keys) if key in found and found[key].status not in IN_HAND
        ]
        for account in again:
            _ask_again(user, account)
        asked += again
        for account in asked:
            if account.is_waiting:
                tell_approvers(user, account)
    both = {**found, **new}
    return [both[key] for key in keys]


# Nothing is to be done about these.
IN_HAND = (Status.WAITING, Status.ACTIVE)


def checked(one: Wanted) -> Checked:
    """The same with clean numbers; raises ValidationError, by field, that does not repeat them."""
    if isinstance(one, Checked):
        return one
    try:
        iban = clean_iban(one.iban)
    except ValidationError as error:
        raise ValidationError({"iban": error}) from None
    try:
        bic = clean_bic(one.bic, iban) if one.bic.strip() else ""
    except ValidationError as error:
        raise ValidationError({"bic": error}) from None
    return Checked(one.client_id, iban, bic, " ".join(one.holder.split())[:160])


def _hold(pks: Iterable[int]) -> dict[int, Client]:
    """Lock clients; read apart, so that the lock holds nothing else."""
    held = list(Client.objects.select_for_update().filter(pk__in=set(pks)).order_by("pk"))
    prefetch_related_objects(held, "company", "contact")  # events name them
    return {client.pk: client for client in held}


def _insert(user: Any, new: dict[tuple[int, str], BankAccount], source: str) -> None:
    if not new:
        return
    owners = {client for client, _index in new}
    had = BankAccount.objects.filter(client__in=owners, status__in=USED)
    before = set(had.values_list("client_id", flat=True))
    insert_objects(list(new.values()))
    data = {"source": source} if source else {}
    events = [
        Change("created", account, _first_values(account), data, also=(account.client,))
        for account in new.values()
    ]
    record_many(user=user, changes=events)
    _replace_others(user, [account for account in new.values() if account.status == Status.ACTIVE])
    for account in changed_for(list(new.values()), before):
        warn_former_contact(user=user, account=account)


def _first_values(account: BankAccount) -> dict[str, list[Any]]:
    """What the log says of a new account: its masked number."""
    values = {"iban": account.masked, "holder": account.holder, "status": account.status}
    client = {"id": account.client_id, "label": str(account.client)}
    return {"client": [None, client], **{name: [None, value] for name, value in values.items() if value}}


def _ask_again(user: Any, account: BankAccount) -> None:
    """A former or refused account is wanted once more."""
    status = Status.WAITING if settings.BANK_FOUR_EYES else Status.ACTIVE
    undecided = {"decided_by": None, "decided_at": None, "called": "", "called_number": "", "called_at": None}
    values = {"status": status, "asked_by": user, "source": "", **undecided}
    change_record(
        user=user,
        obj=account,
        values=values,
        action="account_asked_again",
        also=[account.client],
        unlogged=("asked_by", "source", *undecided),
    )
    if status == Status.ACTIVE:
        _replace_others(user, [account])
        if is_change(account):
            warn_former_contact(user=user, account=account)


def _replace_others(user: Any, accounts: Sequence[BankAccount]) -> None:
    """Those that were in use make way, of several of one client all but the last; the clients are held."""
    by_client = {account.client_id: account for account in accounts}
    others = BankAccount.objects.filter(client__in=by_client, status=Status.ACTIVE).exclude(
        pk__in=[account.pk for account in by_client.values()]
    )
    for other in others.order_by("pk") if by_client else ():
        account = by_client[other.client_id]
        change_record(
            user=user,
            obj=other,
            values={"status": Status.FORMER},
            action="account_replaced",
            also=[account.client],
            data={"remark": account.masked},
        )


# --- Deciding


def may_decide(user: Any, account: BankAccount) -> bool:
    """Whether `user`, who may change accounts, may approve this one: not what they asked for themself."""
    return account.is_waiting and not (settings.BANK_FOUR_EYES and account.asked_by_id == user.pk)


@transaction.atomic
def approve_account(
    *,
    user: Any,
    account: BankAccount,
    proof: str = "",
    note: str = "",
    called: str = "",
    called_number: str = "",
    called_at: datetime | None = None,
) -> BankAccount:
    """Put an account into use in the place of the one that was; raises ValidationError.

    `proof` (of `Proof`) says how it was checked, `note` what else is to be known; both stand in the log.
    Where the client has or had another account, it takes a call-back (`proof` "call"): whom the person
    called, at which number, when; and the client is warned by e-mail (sales/services/bank_change.py).
    """
    current = _held_for_decision(account)
    if not may_decide(user, current):
        raise ValidationError(
            _("You have asked for this account yourself: somebody else approves it."), code="own"
        )
    call = checked_call(current, proof, Call(called, called_number, called_at))
    changes = is_change(current)
    said = {
        name: text
        for name, text in (("proof", Proof.source(proof)), ("remark", without_numbers(note)))
        if text
    }
    _decide(user, current, Status.ACTIVE, "account_approved", {**said, **call.as_data()}, call._asdict())
    _replace_others(user, [current])
    if changes:
        warn_former_contact(user=user, account=current)
    tell_asker(user, current)
    return current


@transaction.atomic
def refuse_account(*, user: Any, account: BankAccount, reason: str = "") -> BankAccount:
    """Say no to an account that waits; the one in use stays. Raises ValidationError."""
    current = _held_for_decision(account)
    said = {"remark": without_numbers(reason)} if reason.strip() else {}
    _decide(user, current, Status.REFUSED, "account_refused", said)
    tell_asker(user, current, reason=said.get("remark", ""))
    return current


def approve_accounts(*, user: Any, pks: Sequence[int]) -> int:
    """Approve those that wait and that this person may approve; returns how many.

    Not those that take the place of another account: each of these takes a call-back of its own.
    """
    approved = 0
    for account in BankAccount.objects.filter(pk__in=pks, status=Status.WAITING).order_by("client_id", "pk"):
        if may_decide(user, account) and not is_change(account):
            approve_account(user=user, account=account)
            approved += 1
    return approved


def _held_for_decision(account: BankAccount) -> BankAccount:
    """The account as it is now, locked with its client; who decides second is told who was first."""
    _hold([account.client_id])
    current = BankAccount.objects.select_for_update().get(pk=account.pk)
    if current.is_waiting:
        return current
    values = {"who": current.decided_by or _("Somebody"), "status": current.get_status_display()}
    raise ValidationError(
        _("%(who)s has decided meanwhile; the account is “%(status)s”."), code="decided", params=values
    )


def _decide(
    user: Any,
    account: BankAccount,
    status: str,
    action: str,
    data: dict[str, str],
    call: Mapping[str, Any] | None = None,
) -> None:
    told = call or {}
    values = {"status": status, "decided_by": user, "decided_at": timezone.now(), **told}
    change_record(
        user=user,
        obj=account,
        values=values,
        action=action,
        also=[account.client],
        unlogged=("decided_by", "decided_at", *told),
        data=data,
    )


def without_numbers(text: str) -> str:
    """A text in which whole IBANs are masked: it goes into the log and into mails."""

    def masked(match: re.Match[str]) -> str:
        number = re.sub(r"[^A-Za-z0-9]", "", match[0])
        return f"{number[:2].upper()} •••• {number[-4:]}"

    return _IBAN_LIKE.sub(masked, " ".join(text.split()))[:200]


# --- Reading a whole number


def reveal(*, user: Any, account: BankAccount) -> Whole:
    """The whole number, for those with the grant; each time is an event of its own.

    Raises PermissionDenied without the grant, TooManyReveals beyond BANK_REVEALS_AN_HOUR. The event is
    written before anything is shown, with whom and from where, and without the number.
    """
    try:
        held = BankAccount.objects.revealed_to(user).select_related("client").filter(pk=account.pk).first()
    except DecryptionError:
        raise ValidationError(_("This number can't be read: the key that encrypted it is missing.")) from None
    if held is None:
        raise PermissionDenied
    with transaction.atomic():
        # Of one person, one at a time: ten requests at once are ten reveals.
        User.objects.select_for_update().get(pk=user.pk)
        if revealed_lately(user) >= settings.BANK_REVEALS_AN_HOUR:
            raise TooManyReveals
        record(user=user, action=REVEALED, obj=held)
    return Whole(held.iban, held.bic or bank_of(held.iban)[1])


def revealed_lately(user: Any) -> int:
    """How many numbers this person has read in the past hour: counted in the log, which nobody can empty."""
    since = timezone.now() - timedelta(hours=PACE_HOURS)
    return Event.objects.filter(actor_id=user.pk, action=REVEALED, at__gte=since).count()


def namesakes(account: BankAccount) -> list[BankAccount]:
    """Accounts of other clients with the same number: a slip, or somebody's trick."""
    index = BankAccount.objects.values("iban_index").filter(pk=account.pk)
    same = BankAccount.objects.filter(iban_index__in=index).exclude(client=account.client_id)
    return list(
        same.without_numbers().select_related("client__company", "client__contact").order_by("pk")[:5]
    )
