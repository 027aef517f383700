"""What the colleague's system sends, once it is read: plain values that hold, nothing of the database.

`None` and "" mean that the source says there is nothing. What it did not say at all, or said so that it could
not be understood, stands in `unknown`: such a field tells nothing, and what is stored must stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sync.colleague.faults import Fault


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prospect; names in `unknown` are those of its own fields."""

    # When the source changed it last: its own `updatedAt`, or that of the piece around it.
    updated_at: datetime | None = None
    unknown: frozenset[str] = frozenset()

    def says(self, name: str) -> bool:
        """Whether the source said something of a field, be it that it is empty."""
        return name not in self.unknown


@dataclass(frozen=True, slots=True)
class Salesperson(Piece):
    """The `commercial` of a prospect; one without an e-mail cannot be matched to a member."""

    source_id: UUID | None = None
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    commission_rate: Decimal | None = None
    recurring_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BankDetails(Piece):
    """An account; `iban` is always valid, and never shown in a `repr`, which logs may keep."""

    iban: str = field(default="", repr=False)
    bic: str = field(default="", repr=False)
    holder: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Offer(Piece):
    """What was bought; always has a name."""

    name: str = ""
    description: str = ""
    price: Decimal | None = None
    monthly_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payment(Piece):
    """Money that came, or should have; `reference` tells it from the client's others."""

    reference: str = ""
    paid_on: date | None = None
    amount: Decimal | None = None
    method: str = ""
    # A value of PaymentRecord.Status, "unknown" where only `status_text` tells.
    status: str = ""
    status_text: str = ""


@dataclass(frozen=True, slots=True)
class Contract(Piece):
    """Always has a reference (`titre`)."""

    reference: str = ""
    description: str = ""
    # A value of Contract.Status, "unknown" where only `status_text` (the source's own word) tells.
    status: str = ""
    status_text: str = ""
    signed_on: date | None = None
    validated_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    amount: Decimal | None = None
    supplier: str = ""
    kind: str = ""
    # A value of Contract.PaymentMethod; "" where it is not said.
    payment_method: str = ""
    withdrawal_day: int | None = None
    document_path: str = ""
    audit_trail_path: str = ""
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription(Piece):
    """An offer that was taken, with its contracts."""

    offer: Offer | None = None
    # A value of Subscription.Status, "" where it is not said.
    status: str = ""
    status_text: str = ""
    monthly_amount: Decimal | None = None
    started_on: date | None = None
    ended_on: date | None = None
    contracts: tuple[Contract, ...] = ()
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Prospect(Piece):
    """Somebody with contracts; always has an e-mail or a phone, by which a client is matched."""

    number: int | None = None
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    # E.164.
    phone: str = ""
    # `commercialId`; the same as `salesperson.source_id` where both are there.
    salesperson_id: UUID | None = None
    salesperson: Salesperson | None = None
    identity_card: Mapping[str, Any] | None = field(default=None, repr=False)
    bank_details: tuple[BankDetails, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """Of all its subscriptions; references are unique within a prospect."""
        return tuple(each for subscription in self.subscriptions for each in subscription.contracts)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of an element of the list: a prospect, unless it was refused whole, and what was wrong."""

    prospect: Prospect | None
    # Its `idProspect` where that could be read, for a refused one too.
    number: int | None = None
    # What was wrong, the first hundred of it.
    faults: tuple[Fault, ...] = ()
    # What was taken as it is, but should be looked at: unknown statuses.
    notices: tuple[Fault, ...] = ()
    # How many faults and notices there were beyond those told here.
    untold: int = 0
    # Keys that nobody asked for, as paths without numbers; each once.
    ignored: frozenset[str] = frozenset()
    # Whether all its contracts could be told: if not, one that is missing here is not gone from the source.
    complete: bool = True
