"""Addresses of sales: `/sales/`."""

from django.urls import path

from sales.views import (
    bank_account,
    bank_decision,
    contract,
    contract_figures,
    contract_verbs,
    lease,
    offer,
    payment_record,
    performance,
    pipeline,
    quote,
    quote_send,
    quote_verbs,
    received_invoice,
    received_verbs,
    subscription,
    tracking,
)

app_name = "sales"

CONTRACT = "contracts/<int:pk>/"
SUBSCRIPTION = "subscriptions/<int:pk>/"
QUOTE = "quotes/<int:pk>/"
ACCOUNT = "bank-accounts/<int:pk>/"
RECEIVED = "received/<int:pk>/"

urlpatterns = [
    path("performances/", performance.PerformancesView.as_view(), name="performances"),
    path("pipeline/", pipeline.PipelineView.as_view(), name="pipeline"),
    path("tracking/", tracking.TrackingView.as_view(), name="tracking"),
    path("contracts/", contract.ContractListView.as_view(), name="contract_list"),
    path("contracts/figures/", contract_figures.ContractFiguresView.as_view(), name="contract_figures"),
    path("contracts/new/", contract.ContractCreateView.as_view(), name="contract_new"),
    path("contracts/bulk/", contract.ContractBulkView.as_view(), name="contract_bulk"),
    path("contracts/lookup/", contract.ContractLookupView.as_view(), name="contract_lookup"),
    path("contracts/totals/", contract_verbs.ContractTotalsView.as_view(), name="contract_totals"),
    path(CONTRACT, contract.ContractDetailView.as_view(), name="contract_detail"),
    path(f"{CONTRACT}edit/", contract.ContractEditView.as_view(), name="contract_edit"),
    path(f"{CONTRACT}delete/", contract.ContractDeleteView.as_view(), name="contract_delete"),
    path(f"{CONTRACT}sign/", contract_verbs.ContractSignView.as_view(), name="contract_sign"),
    path(f"{CONTRACT}validate/", contract_verbs.ContractValidateView.as_view(), name="contract_validate"),
    path(f"{CONTRACT}renewal/", contract_verbs.ContractRenewalView.as_view(), name="contract_renewal"),
    path(f"{CONTRACT}terminate/", contract_verbs.ContractTerminateView.as_view(), name="contract_terminate"),
    path("offers/", offer.OfferListView.as_view(), name="offer_list"),
    path("offers/new/", offer.OfferCreateView.as_view(), name="offer_new"),
    path("offers/<int:pk>/", offer.OfferDetailView.as_view(), name="offer_detail"),
    path("offers/<int:pk>/edit/", offer.OfferEditView.as_view(), name="offer_edit"),
    path("offers/<int:pk>/delete/", offer.OfferDeleteView.as_view(), name="offer_delete"),
    path("subscriptions/", subscription.SubscriptionListView.as_view(), name="subscription_list"),
    path("subscriptions/new/", subscription.SubscriptionCreateView.as_view(), name="subscription_new"),
    path("subscriptions/bulk/", subscription.SubscriptionBulkView.as_view(), name="subscription_bulk"),
    path(SUBSCRIPTION, subscription.SubscriptionDetailView.as_view(), name="subscription_detail"),
    path(f"{SUBSCRIPTION}edit/", subscription.SubscriptionEditView.as_view(), name="subscription_edit"),
    path(f"{SUBSCRIPTION}delete/", subscription.SubscriptionDeleteView.as_view(), name="subscription_delete"),
    path(f"{SUBSCRIPTION}pause/", subscription.SubscriptionPauseView.as_view(), name="subscription_pause"),
    path(f"{SUBSCRIPTION}resume/", subscription.SubscriptionResumeView.as_view(), name="subscription_resume"),
    path(f"{SUBSCRIPTION}end/", subscription.SubscriptionEndView.as_view(), name="subscription_end"),
    path("payments/", payment_record.PaymentRecordListView.as_view(), name="payment_record_list"),
    path(
        "payments/<int:pk>/", payment_record.PaymentRecordDetailView.as_view(), name="payment_record_detail"
    ),
    path("quotes/", quote.QuoteListView.as_view(), name="quote_list"),
    path("quotes/new/", quote.QuoteCreateView.as_view(), name="quote_new"),
    path("quotes/bulk/", quote.QuoteBulkView.as_view(), name="quote_bulk"),
    path("quotes/lookup/", quote.QuoteLookupView.as_view(), name="quote_lookup"),
    path("quotes/totals/", quote_verbs.QuoteTotalsView.as_view(), name="quote_totals"),
    path(QUOTE, quote.QuoteDetailView.as_view(), name="quote_detail"),
    path(f"{QUOTE}edit/", quote.QuoteEditView.as_view(), name="quote_edit"),
    path(f"{QUOTE}delete/", quote.QuoteDeleteView.as_view(), name="quote_delete"),
    path(f"{QUOTE}duplicate/", quote_verbs.QuoteDuplicateView.as_view(), name="quote_duplicate"),
    path(f"{QUOTE}version/", quote_verbs.QuoteVersionView.as_view(), name="quote_version"),
    path(f"{QUOTE}compare/", quote_verbs.QuoteCompareView.as_view(), name="quote_compare"),
    path(f"{QUOTE}pdf/", quote_send.QuotePdfView.as_view(), name="quote_pdf"),
    path(f"{QUOTE}send/", quote_send.QuoteSendView.as_view(), name="quote_send"),
    path(f"{QUOTE}hand-over/", quote_send.QuoteHandOverView.as_view(), name="quote_hand_over"),
    path(f"{QUOTE}link/", quote_send.QuoteLinkView.as_view(), name="quote_link"),
    path(f"{QUOTE}accept/", quote_send.QuoteAcceptView.as_view(), name="quote_accept"),
    path(f"{QUOTE}refuse/", quote_send.QuoteRefuseView.as_view(), name="quote_refuse"),
    path(f"{QUOTE}lease/", lease.LeaseView.as_view(), name="quote_lease"),
    path(f"{QUOTE}lease/step/", lease.LeaseStepView.as_view(), name="quote_lease_step"),
    path("leasing/", lease.LeaseTermsView.as_view(), name="lease_terms"),
    path("bank-accounts/", bank_account.BankAccountListView.as_view(), name="bank_account_list"),
    path("bank-accounts/new/", bank_account.BankAccountCreateView.as_view(), name="bank_account_new"),
    path("bank-accounts/bulk/", bank_account.BankAccountBulkView.as_view(), name="bank_account_bulk"),
    path(ACCOUNT, bank_account.BankAccountDetailView.as_view(), name="bank_account_detail"),
    path(f"{ACCOUNT}approve/", bank_decision.BankAccountApproveView.as_view(), name="bank_account_approve"),
    path(f"{ACCOUNT}refuse/", bank_decision.BankAccountRefuseView.as_view(), name="bank_account_refuse"),
    path(f"{ACCOUNT}reveal/", bank_account.BankAccountRevealView.as_view(), name="bank_account_reveal"),
    path("received/", received_invoice.ReceivedInvoiceListView.as_view(), name="received_invoice_list"),
    path("received/new/", received_verbs.ReceivedInvoiceCreateView.as_view(), name="received_invoice_new"),
    path("received/inbox/", received_verbs.ReceivedInvoiceInboxView.as_view(), name="received_invoice_inbox"),
    path("received/bulk/", received_invoice.ReceivedInvoiceBulkView.as_view(), name="received_invoice_bulk"),
    path(
        RECEIVED,
        received_invoice.ReceivedInvoiceDetailView.as_view(),
        name="received_invoice_detail",
    ),
    path(
        f"{RECEIVED}edit/",
        received_invoice.ReceivedInvoiceEditView.as_view(),
        name="received_invoice_edit",
    ),
    path(
        f"{RECEIVED}delete/",
        received_invoice.ReceivedInvoiceDeleteView.as_view(),
        name="received_invoice_delete",
    ),
    path(
        f"{RECEIVED}file/",
        received_invoice.ReceivedInvoiceFileView.as_view(),
        name="received_invoice_file",
    ),
    path(
        f"{RECEIVED}view/",
        received_invoice.ReceivedInvoiceShowView.as_view(),
        name="received_invoice_show",
    ),
    path(
        f"{RECEIVED}approve/",
        received_verbs.ReceivedInvoiceApproveView.as_view(),
        name="received_invoice_approve",
    ),
    path(
        f"{RECEIVED}refuse/",
        received_verbs.ReceivedInvoiceRefuseView.as_view(),
        name="received_invoice_refuse",
    ),
    path(
        f"{RECEIVED}pay/",
        received_verbs.ReceivedInvoicePayView.as_view(),
        name="received_invoice_pay",
    ),
    path(
        f"{RECEIVED}reopen/",
        received_verbs.ReceivedInvoiceReopenView.as_view(),
        name="received_invoice_reopen",
    ),
    path(
        f"{RECEIVED}check/",
        received_verbs.ReceivedInvoiceCheckView.as_view(),
        name="received_invoice_check",
    ),
]
