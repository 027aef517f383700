"""The tables of sales."""

from sales.models.bank_account import BankAccount
from sales.models.contract import Contract, ContractLine
from sales.models.offer import Offer
from sales.models.payment_record import PaymentRecord
from sales.models.subscription import Subscription

__all__ = ["BankAccount", "Contract", "ContractLine", "Offer", "PaymentRecord", "Subscription"]
