"""Addresses of the CRM."""

from django.urls import path

from crm.views import company, contact, tag

app_name = "crm"

urlpatterns = [
    path("contacts/", contact.ContactListView.as_view(), name="contact_list"),
    path("contacts/new/", contact.ContactCreateView.as_view(), name="contact_new"),
    path("contacts/bulk/", contact.ContactBulkView.as_view(), name="contact_bulk"),
    path("contacts/move/", contact.ContactMoveView.as_view(), name="contact_move"),
    path("contacts/<int:pk>/", contact.ContactDetailView.as_view(), name="contact_detail"),
    path("contacts/<int:pk>/edit/", contact.ContactEditView.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/delete/", contact.ContactDeleteView.as_view(), name="contact_delete"),
    path("companies/", company.CompanyListView.as_view(), name="company_list"),
    path("companies/new/", company.CompanyCreateView.as_view(), name="company_new"),
    path("companies/lookup/", company.CompanyLookupView.as_view(), name="company_lookup"),
    path("companies/bulk/", company.CompanyBulkView.as_view(), name="company_bulk"),
    path("companies/<int:pk>/", company.CompanyDetailView.as_view(), name="company_detail"),
    path("companies/<int:pk>/edit/", company.CompanyEditView.as_view(), name="company_edit"),
    path("companies/<int:pk>/delete/", company.CompanyDeleteView.as_view(), name="company_delete"),
    path("tags/", tag.TagListView.as_view(), name="tag_list"),
    path("tags/new/", tag.TagCreateView.as_view(), name="tag_new"),
    path("tags/<int:pk>/edit/", tag.TagEditView.as_view(), name="tag_edit"),
    path("tags/<int:pk>/delete/", tag.TagDeleteView.as_view(), name="tag_delete"),
]
