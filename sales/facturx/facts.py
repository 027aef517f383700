"""An invoice as the European norm sees it (EN 16931): what is written into the XML and read out of it.

Nothing is computed here: whoever makes these has the sums (BT-… numbers are those of the norm). Amounts are
Decimal, in the invoice's currency, with two decimals; quantities have up to four, unit prices up to six. All
of a credit note is positive: its type code says that it takes away.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class TypeCode(StrEnum):
    """BT-3, the types that we issue; others that we receive stay plain text."""

    INVOICE = "380"
    CREDIT_NOTE = "381"
    CORRECTED = "384"
    DEPOSIT = "386"


# What takes away from what is owed (UNTDID 1001), among the types that France accepts.
CREDIT_NOTES = frozenset({"261", "262", "381", "396", "502", "503"})


class Process(StrEnum):
    """BT-23: what is invoiced (B goods, S services, M both) and at what point (XP Z12-012)."""

    GOODS = "B1"
    SERVICES = "S1"
    MIXED = "M1"
    GOODS_PAID = "B2"
    SERVICES_PAID = "S2"
    MIXED_PAID = "M2"
    # The final invoice, after deposits.
    GOODS_FINAL = "B4"
    SERVICES_FINAL = "S4"
    MIXED_FINAL = "M4"


class Category(StrEnum):
    """VAT categories that France knows (UNTDID 5305)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"


class Reason(StrEnum):
    """BT-121, why there is no VAT (CEF VATEX list)."""

    FRANCHISE = "VATEX-FR-FRANCHISE"
    REVERSE_CHARGE = "VATEX-EU-AE"
    INTRA_COMMUNITY = "VATEX-EU-IC"
    EXPORT = "VATEX-EU-G"
    OUTSIDE = "VATEX-EU-O"


class Means(StrEnum):
    """BT-81, how it is paid (UNTDID 4461)."""

    CASH = "10"
    CHEQUE = "20"
    TRANSFER = "30"
    CARD = "48"
    SEPA_TRANSFER = "58"
    SEPA_DIRECT_DEBIT = "59"


class Subject(StrEnum):
    """BT-21, what a note is about; the first three are compulsory in France (BR-FR-05)."""

    RECOVERY_COSTS = "PMT"
    LATE_PENALTIES = "PMD"
    EARLY_PAYMENT = "AAB"
    TREATMENT = "BAR"
    LEGAL = "REG"
    GENERAL = "AAI"
    TAX = "TXD"


class Treatment(StrEnum):
    """The note BAR: how the reform of 2026 treats the invoice."""

    B2B = "B2B"
    B2B_ABROAD = "B2BINT"
    B2C = "B2C"


class VatPoint(StrEnum):
    """BT-8, when the VAT falls due; « invoice » is the option for debits."""

    INVOICE = "invoice"
    DELIVERY = "delivery"
    PAYMENT = "payment"


@dataclass(frozen=True)
class Address:
    """`country` is ISO 3166-1, two letters."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str = "FR"


@dataclass(frozen=True)
class Party:
    """A seller, a buyer (BG-4, BG-7) or who receives (BG-13)."""

    name: str
    address: Address = field(default_factory=Address)
    # BT-30, BT-47: of nine digits in France; elsewhere whatever the register gives, in `register_number`.
    siren: str = ""
    siret: str = ""
    register_number: str = ""
    vat_number: str = ""
    # BT-33: legal form, capital, register.
    legal_notice: str = ""
    trading_name: str = ""
    # BT-34, BT-49: where invoices are sent to; made of the SIREN or the e-mail address where empty.
    electronic_address: str = ""
    electronic_scheme: str = ""
    contact_name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Vat:
    """A category with its rate in per cent; 0 wherever the category is not S."""

    category: str = Category.STANDARD
    rate: Decimal = Decimal(20)


@dataclass(frozen=True)
class Discount:
    """Taken off a line or off the whole (then with its VAT). `percent` of `base`, where it is one."""

    amount: Decimal
    reason: str = ""
    percent: Decimal | None = None
    base: Decimal | None = None
    vat: Vat | None = None
    # A charge adds instead: freight, packing. We issue none and receive some.
    is_charge: bool = False


@dataclass(frozen=True)
class Line:
    """BG-25. `amount` is quantity × price, less its discounts; `unit` is UN/ECE 20 (C62: piece)."""

    number: str
    name: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    vat: Vat = field(default_factory=Vat)
    unit: str = "C62"
    description: str = ""
    discounts: tuple[Discount, ...] = ()
    start: date | None = None
    end: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class VatAmount:
    """BG-23: one category at one rate, over the whole invoice."""

    vat: Vat
    base: Decimal
    amount: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True)
class Totals:
    """BG-22. `due` = gross − prepaid + rounding."""

    lines: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    due: Decimal
    discounts: Decimal = NOTHING
    charges: Decimal = NOTHING
    prepaid: Decimal = NOTHING
    rounding: Decimal = NOTHING


@dataclass(frozen=True)
class Payment:
    """How it is paid. A direct debit has `mandate` (RUM), `creditor_id` (ICS) and the IBAN debited."""

    means: str = Means.SEPA_TRANSFER
    iban: str = ""
    bic: str = ""
    account_name: str = ""
    reference: str = ""
    mandate: str = ""
    creditor_id: str = ""
    debited_iban: str = ""


@dataclass(frozen=True)
class Note:
    """BG-1."""

    text: str
    subject: str = ""


@dataclass(frozen=True)
class Preceding:
    """BG-3: the invoice that this one corrects, or whose deposit it takes off."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True)
class Delivery:
    """BG-13, BT-72: where to, when not to the buyer, and when."""

    party: Party | None = None
    on: date | None = None


@dataclass(frozen=True)
class Invoice:
    """The whole. `treatment` and `process` are France's; what we read from elsewhere may have neither."""

    number: str
    issued_on: date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat: tuple[VatAmount, ...]
    totals: Totals
    type_code: str = TypeCode.INVOICE
    currency: str = "EUR"
    process: str = Process.SERVICES
    treatment: str = ""
    due_on: date | None = None
    vat_point: str = ""
    terms: str = ""
    payment: Payment | None = None
    notes: tuple[Note, ...] = ()
    discounts: tuple[Discount, ...] = ()
    preceding: tuple[Preceding, ...] = ()
    delivery: Delivery | None = None
    start: date | None = None
    end: date | None = None
    order_number: str = ""
    contract_number: str = ""
    buyer_reference: str = ""

    @property
    def is_credit_note(self) -> bool:
        return self.type_code in CREDIT_NOTES
