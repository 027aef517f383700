"""The tables of the CRM."""

from crm.models.company import Company, CompanyAccess, CompanyTag, Industry
from crm.models.contact import Contact, ContactTag
from crm.models.contact_import import ContactImport, ContactImportCompany, ContactImportRow, ImportTurn
from crm.models.contact_tally import ContactTally, ContactTotal
from crm.models.duplicate import DuplicatePair
from crm.models.tag import Tag

__all__ = [
    "Company",
    "CompanyAccess",
    "CompanyTag",
    "Contact",
    "ContactImport",
    "ContactImportCompany",
    "ContactImportRow",
    "ContactTag",
    "ContactTally",
    "ContactTotal",
    "DuplicatePair",
    "ImportTurn",
    "Industry",
    "Tag",
]
