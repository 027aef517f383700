"""What the shell and other records' pages show of payments and bank details, and the health of clients of
sales; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.tabs import Tab, register_tab
from timeline.notification_kinds import register_kind


def show_accounts() -> None:
    """Menu, tabs, resources of the API, kinds of notifications, rules of health."""
    from crm.services.client_health import HealthRule, register_health
    from sales.services.bank_account_words import DECIDED_KIND, WAITING_KIND
    from sales.services.contract_health import absent_words, contract_words, judge_absent, judge_contracts
    from sales.services.payment_record import judge_payments, payment_words

    api.register("payments", "sales.api.payment_record.PaymentRecordViewSet")
    api.register("bank-accounts", "sales.api.bank_account.BankAccountViewSet")
    payments = ("sales:payment_record_list", "sales.paymentrecord", "receipt-euro", _("Payments"))
    accounts = ("sales:bank_account_list", "sales.bankaccount", "building-bank", _("Bank details"))
    for order, (url, module, picture, label) in enumerate((payments, accounts), start=24):
        navigation.register(Item(_("Invoicing"), label, url, picture, module, order=order + 11))
        name = module.rpartition(".")[2]
        register_tab(Tab("crm.client", name, label, url, "client", module, icon=picture, order=order))
    register_job("sales.jobs.warn_former_contact", _("Warning of a change of bank details"), quiet=True)
    register_kind(WAITING_KIND, _("Bank details to approve"), "building-bank")
    register_kind(DECIDED_KIND, _("Decision on bank details"), "shield-check")
    register_health(HealthRule("contracts", judge_contracts, contract_words, order=45))
    register_health(HealthRule("absent", judge_absent, absent_words, order=46))
    register_health(HealthRule("payments", judge_payments, payment_words, order=60))


def follow_merges() -> None:
    """What becomes of sales when two clients become one."""
    from crm.models import Client
    from sales.models import BankAccount, PaymentRecord
    from sales.services.client_merge import clients_merged, settle_accounts, settle_payments
    from timeline.services.merge import register_merge, register_settler

    register_merge(Client, clients_merged)
    register_settler(Client, BankAccount, settle_accounts)
    register_settler(Client, PaymentRecord, settle_payments)
