"""The chart of accounts of an agency, and how its books are kept."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.changes import change_record, create_record
from digiweb.inserts import insert_once
from digiweb.jobs import enqueue, function_at
from sales.models import Account, Agency, BookLine, BookTerms
from timeline.services.bin import move_to_bin

D = Decimal
# What an agency begins with: number, label, role, VAT rate. Its accountant changes it.
USUAL: tuple[tuple[str, str, str, Decimal | None], ...] = (
    ("120000", "Résultat de l’exercice (bénéfice)", "profit", None),
    ("129000", "Résultat de l’exercice (perte)", "deficit", None),
    ("411000", "Clients", "client", None),
    ("419100", "Clients – avances et acomptes reçus", "deposit", None),
    ("445710", "TVA collectée", "vat", None),
    ("445711", "TVA collectée 20 %", "vat", D(20)),
    ("445712", "TVA collectée 10 %", "vat", D(10)),
    ("445713", "TVA collectée 5,5 %", "vat", D("5.5")),
    ("445740", "TVA collectée en attente d’encaissement", "pending", None),
    ("471000", "Comptes d’attente – encaissements à affecter", "suspense", None),
    ("512000", "Banque", "bank", None),
    ("654000", "Pertes sur créances irrécouvrables", "loss", None),
    ("658000", "Charges diverses de gestion courante – écarts de règlement", "rounding", None),
    ("665000", "Escomptes et gestes commerciaux accordés", "gesture", None),
    ("706000", "Prestations de services", "sales", None),
    ("706900", "Prestations de services sans TVA", "sales", D(0)),
)
LABEL = gettext_lazy("Entries of the open period")


class Chart:
    """Which account serves a role, a rate and a category."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._found: dict[tuple[str, Decimal | None, str], tuple[str, str]] = {
            (each.role, each.vat_rate, each.category): (each.number, each.label) for each in accounts
        }

    def account(self, role: str, rate: Decimal | None = None, category: str = "") -> tuple[str, str]:
        """(number, label); the nearest: by rate and category, by category, by rate, the one for all."""
        for wanted in ((role, rate, category), (role, None, category), (role, rate, ""), (role, None, "")):
            if wanted in self._found:
                return self._found[wanted]
        raise ValidationError(
            _("The chart of accounts lacks an account for “%(role)s”.") % {"role": Account.Role(role).label}
        )


def ensure_books(agency: Agency) -> None:
    """Give an agency the usual accounts and journals, unless it has some."""
    insert_once(BookTerms(agency=agency), "agency")
    if not Account.objects.filter(agency=agency).exists():
        Account.objects.bulk_create(
            (
                Account(agency=agency, number=number, label=label, role=role, vat_rate=rate)
                for number, label, role, rate in USUAL
            ),
            ignore_conflicts=True,
        )


def chart_of(agency: Agency) -> Chart:
    return Chart(list(Account.objects.filter(agency=agency)))


@transaction.atomic
def create_account(*, user: Any, account: Account) -> Account:
    """Save a new account.

    Raises ValidationError where the number is taken or in the wrong place of the « plan comptable général »,
    or another account serves the same.
    """
    account.clean()
    made = create_record(user=user, obj=account)
    _rebook(user, account.agency_id)
    return made


@transaction.atomic
def change_account(
    *, user: Any, account: Account, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change an account: entries of the open period follow, closed ones keep theirs.

    Raises StaleVersion, ValidationError as `create_account`, and where a role would have no account left.
    """
    before = Account.objects.get(pk=account.pk)
    for name, value in values.items():
        setattr(account, name, value)
    account.clean()
    if account.agency_id != before.agency_id:
        raise ValidationError({"agency": _("An account stays with its agency.")})
    if before.serves_all and (account.role, account.serves_all) != (before.role, True):
        raise ValidationError({"role": _needed(before)})
    changes = change_record(user=user, obj=account, values=values, version=version)
    if changes:
        _rebook(user, account.agency_id)
    return changes


@transaction.atomic
def delete_accounts(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move accounts to the bin. Raises ValidationError for one that entries bear, or that its role needs."""
    accounts = list(Account.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    for account in accounts:
        if account.serves_all:
            raise ValidationError(_needed(account))
        if BookLine.objects.filter(agency_id=account.agency_id, account=account.number).exists():
            raise ValidationError(
                _("Entries bear the account %(number)s: it stays.") % {"number": account.number}
            )
    return move_to_bin(user=user, objs=accounts, batch=batch)


def _needed(account: Account) -> str:
    return _("Entries for “%(role)s” need this account: change its number instead.") % {
        "role": account.get_role_display()
    }


@transaction.atomic
def change_book_terms(
    *, user: Any, terms: BookTerms, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change the journals, or when VAT is told to fall due; entries of the open period follow.

    Raises StaleVersion, and ValidationError for two journals of one code.
    """
    for name, value in values.items():
        setattr(terms, name, value)
    terms.clean()
    changes = change_record(user=user, obj=terms, values=values, version=version)
    if changes:
        _rebook(user, terms.agency_id)
    return changes


def _rebook(user: Any, agency_id: int) -> None:
    """Have the entries of the open period written anew."""
    enqueue(
        function_at("sales.jobs.refresh_books"),
        user=user,
        label=str(LABEL),
        key=f"books-{agency_id}",
        agency_id=agency_id,
    )
