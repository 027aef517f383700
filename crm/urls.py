"""Addresses of the CRM."""

from django.urls import path

from crm.views import company, contact, contact_import, contact_import_report, duplicate, tag

app_name = "crm"

urlpatterns = [
    path("contacts/", contact.ContactListView.as_view(), name="contact_list"),
    path("contacts/new/", contact.ContactCreateView.as_view(), name="contact_new"),
    path("contacts/bulk/", contact.ContactBulkView.as_view(), name="contact_bulk"),
    path("contacts/move/", contact.ContactMoveView.as_view(), name="contact_move"),
    path("contacts/import/", contact_import.ContactImportNewView.as_view(), name="contact_import_new"),
    path(
        "contacts/import/sample/",
        contact_import.ContactImportTemplateView.as_view(),
        name="contact_import_template",
    ),
    path("imports/", contact_import.ContactImportListView.as_view(), name="contact_import_list"),
    path(
        "imports/<int:pk>/",
        contact_import_report.ContactImportDetailView.as_view(),
        name="contact_import_detail",
    ),
    path(
        "imports/<int:pk>/setup/",
        contact_import.ContactImportSetupView.as_view(),
        name="contact_import_setup",
    ),
    path(
        "imports/<int:pk>/refused/",
        contact_import_report.ContactImportRefusedView.as_view(),
        name="contact_import_refused",
    ),
    path(
        "imports/<int:pk>/cancel/",
        contact_import_report.ContactImportCancelView.as_view(),
        name="contact_import_cancel",
    ),
    path(
        "imports/<int:pk>/resume/",
        contact_import_report.ContactImportResumeView.as_view(),
        name="contact_import_resume",
    ),
    path(
        "imports/<int:pk>/undo/",
        contact_import_report.ContactImportUndoView.as_view(),
        name="contact_import_undo",
    ),
    path("contacts/<int:pk>/", contact.ContactDetailView.as_view(), name="contact_detail"),
    path("contacts/<int:pk>/edit/", contact.ContactEditView.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/delete/", contact.ContactDeleteView.as_view(), name="contact_delete"),
    path("companies/", company.CompanyListView.as_view(), name="company_list"),
    path("companies/new/", company.CompanyCreateView.as_view(), name="company_new"),
    path("contacts/lookup/", contact.ContactLookupView.as_view(), name="contact_lookup"),
    path("contacts/twins/", duplicate.ContactTwinsView.as_view(), name="contact_twins"),
    path("contacts/merge/", duplicate.ContactMergeView.as_view(), name="contact_merge"),
    path("companies/twins/", duplicate.CompanyTwinsView.as_view(), name="company_twins"),
    path("companies/merge/", duplicate.CompanyMergeView.as_view(), name="company_merge"),
    path("merges/<int:pk>/undo/", duplicate.MergeUndoView.as_view(), name="merge_undo"),
    path("duplicates/", duplicate.DuplicateListView.as_view(), name="duplicate_list"),
    path("duplicates/bulk/", duplicate.DuplicateBulkView.as_view(), name="duplicate_bulk"),
    path("duplicates/search/", duplicate.DuplicateSearchView.as_view(), name="duplicate_search"),
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
