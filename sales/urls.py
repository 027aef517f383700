"""Addresses of sales: `/sales/`."""

from django.urls import path

from sales.views import contract, contract_verbs

app_name = "sales"

CONTRACT = "contracts/<int:pk>/"

urlpatterns = [
    path("contracts/", contract.ContractListView.as_view(), name="contract_list"),
    path("contracts/new/", contract.ContractCreateView.as_view(), name="contract_new"),
    path("contracts/bulk/", contract.ContractBulkView.as_view(), name="contract_bulk"),
    path("contracts/lookup/", contract.ContractLookupView.as_view(), name="contract_lookup"),
    path("contracts/totals/", contract_verbs.ContractTotalsView.as_view(), name="contract_totals"),
    path(CONTRACT, contract.ContractDetailView.as_view(), name="contract_detail"),
    path(f"{CONTRACT}edit/", contract.ContractEditView.as_view(), name="contract_edit"),
    path(f"{CONTRACT}delete/", contract.ContractDeleteView.as_view(), name="contract_delete"),
    path(f"{CONTRACT}sign/", contract_verbs.ContractSignView.as_view(), name="contract_sign"),
    path(f"{CONTRACT}validate/", contract_verbs.ContractValidateView.as_view(), name="contract_validate"),
    path(f"{CONTRACT}terminate/", contract_verbs.ContractTerminateView.as_view(), name="contract_terminate"),
]
