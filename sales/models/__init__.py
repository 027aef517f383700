"""The tables of sales."""

from sales.models.bank_account import BankAccount
from sales.models.contract import Contract, ContractLine
from sales.models.contract_total import ContractClientTotal, ContractTotal
from sales.models.offer import Offer
from sales.models.payment_record import PaymentRecord
from sales.models.subscription import Subscription

__all__ = [
    "BankAccount",
    "Contract",
    "ContractClientTotal",
    "ContractLine",
    "ContractTotal",
    "Offer",
    "PaymentRecord",
    "Subscription",
]
