"""The tables of sales in the admin site; their writes go by the services."""

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin
from sales.admin import books, commissions, contracts, debits, documents, money, reminders  # noqa: F401
from sales.models import (
    Award,
    BookExport,
    BookTerms,
    ContractClientTotal,
    ContractTotal,
    InvoiceRate,
    ReceivedFile,
    ReceivedInvoiceRate,
    ReminderPause,
    ReminderPlan,
    SealChain,
)

for model in (
    Award,
    BookExport,
    BookTerms,
    ContractClientTotal,
    ContractTotal,
    InvoiceRate,
    ReceivedFile,
    ReceivedInvoiceRate,
    ReminderPause,
    ReminderPlan,
    SealChain,
):
    admin.site.register(model, ReadOnlyAdmin)
