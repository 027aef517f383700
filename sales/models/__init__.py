"""The tables of sales."""

from sales.models.account import Account, BookTerms
from sales.models.agency import Agency, Mention
from sales.models.award import Award
from sales.models.bank_account import BankAccount
from sales.models.billing_plan import BillingPlan, SubscriptionPause, SubscriptionPrice
from sales.models.book import BookEntry, BookExport, BookLine
from sales.models.closing import Closing
from sales.models.commission import CommissionLine, CommissionRate, CommissionStatement, CommissionTerms
from sales.models.contract import Contract, ContractLine
from sales.models.contract_total import ContractClientTotal, ContractTotal
from sales.models.debit import Debit, DebitBatch
from sales.models.invoice import Invoice, InvoiceLine, InvoiceRate, InvoiceSeal
from sales.models.invoice_message import InvoiceMessage
from sales.models.lease import Lease, LeaseTerms
from sales.models.mandate import Mandate
from sales.models.money_total import MoneyTotal
from sales.models.offer import Offer
from sales.models.payment import Letter, LetterSeries, Payment, PaymentMatch, WriteOff
from sales.models.payment_record import PaymentRecord
from sales.models.quote import Quote, QuoteLine
from sales.models.quote_message import QuoteMessage
from sales.models.received_invoice import ReceivedFile, ReceivedInvoice, ReceivedInvoiceRate
from sales.models.reminder import Reminder, ReminderPause, ReminderPlan
from sales.models.reminder_stage import PenaltyRate, ReminderStage
from sales.models.seal_chain import SealChain
from sales.models.series import Series
from sales.models.statement import BankLine, BankStatement
from sales.models.subscription import Subscription

__all__ = [
    "Account",
    "Agency",
    "Award",
    "BankAccount",
    "BankLine",
    "BankStatement",
    "BillingPlan",
    "BookEntry",
    "BookExport",
    "BookLine",
    "BookTerms",
    "Closing",
    "CommissionLine",
    "CommissionRate",
    "CommissionStatement",
    "CommissionTerms",
    "Contract",
    "ContractClientTotal",
    "ContractLine",
    "ContractTotal",
    "Debit",
    "DebitBatch",
    "Invoice",
    "InvoiceLine",
    "InvoiceMessage",
    "InvoiceRate",
    "InvoiceSeal",
    "Lease",
    "LeaseTerms",
    "Letter",
    "LetterSeries",
    "Mandate",
    "Mention",
    "MoneyTotal",
    "Offer",
    "Payment",
    "PaymentMatch",
    "PaymentRecord",
    "PenaltyRate",
    "Quote",
    "QuoteLine",
    "QuoteMessage",
    "ReceivedFile",
    "ReceivedInvoice",
    "ReceivedInvoiceRate",
    "Reminder",
    "ReminderPause",
    "ReminderPlan",
    "ReminderStage",
    "SealChain",
    "Series",
    "Subscription",
    "SubscriptionPause",
    "SubscriptionPrice",
    "WriteOff",
]
