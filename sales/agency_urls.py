"""Addresses of the agencies and their mentions: `/settings/`."""

from django.urls import path

from digiweb.views.picture import PictureView
from sales.views import account, agency, mention

app_name = "agencies"

urlpatterns = [
    path("settings/agencies/", agency.AgencyListView.as_view(), name="agency_list"),
    path("settings/agencies/new/", agency.AgencyCreateView.as_view(), name="agency_new"),
    path("settings/agencies/<int:pk>/", agency.AgencyDetailView.as_view(), name="agency_detail"),
    path("settings/agencies/<int:pk>/edit/", agency.AgencyEditView.as_view(), name="agency_edit"),
    path("settings/agencies/<int:pk>/delete/", agency.AgencyDeleteView.as_view(), name="agency_delete"),
    path("settings/mentions/", mention.MentionListView.as_view(), name="mention_list"),
    path("settings/mentions/new/", mention.MentionCreateView.as_view(), name="mention_new"),
    path("settings/mentions/<int:pk>/", mention.MentionDetailView.as_view(), name="mention_detail"),
    path("settings/mentions/<int:pk>/edit/", mention.MentionEditView.as_view(), name="mention_edit"),
    path("settings/mentions/<int:pk>/delete/", mention.MentionDeleteView.as_view(), name="mention_delete"),
    path("settings/accounts/", account.AccountListView.as_view(), name="account_list"),
    path("settings/accounts/new/", account.AccountCreateView.as_view(), name="account_new"),
    path("settings/accounts/<int:pk>/", account.AccountDetailView.as_view(), name="account_detail"),
    path("settings/accounts/<int:pk>/edit/", account.AccountEditView.as_view(), name="account_edit"),
    path("settings/accounts/<int:pk>/delete/", account.AccountDeleteView.as_view(), name="account_delete"),
    path("settings/accounts/journals/<int:pk>/", account.BookTermsEditView.as_view(), name="book_terms_edit"),
    path("files/agencies/<str:name>", PictureView.as_view(folder="agencies"), name="agency_logo"),
]
