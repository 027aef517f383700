"""The tables of the CRM."""

from crm.models.activity import Activity
from crm.models.calendar_feed import CalendarFeed
from crm.models.client import Client
from crm.models.company import Company, CompanyAccess, CompanyTag, Industry
from crm.models.contact import Contact, ContactTag
from crm.models.contact_import import ContactImport, ContactImportCompany, ContactImportRow, ImportTurn
from crm.models.contact_tally import ContactTally, ContactTotal
from crm.models.custom_field import CustomField
from crm.models.custom_value import CompanyValue, ContactValue, DealValue
from crm.models.deal import Deal, DealTag
from crm.models.deal_step import DealStep, StageRule
from crm.models.deal_total import ActivityMonth, DealForecast, DealFunnel, DealMonth, DealTotal
from crm.models.duplicate import DuplicatePair
from crm.models.renewal_notice import RenewalNotice
from crm.models.score_line import ScoreLine
from crm.models.score_rule import ScoreRule
from crm.models.tag import Tag

__all__ = [
    "Activity",
    "ActivityMonth",
    "CalendarFeed",
    "Client",
    "Company",
    "CompanyAccess",
    "CompanyTag",
    "CompanyValue",
    "Contact",
    "ContactImport",
    "ContactImportCompany",
    "ContactImportRow",
    "ContactTag",
    "ContactTally",
    "ContactTotal",
    "ContactValue",
    "CustomField",
    "Deal",
    "DealForecast",
    "DealFunnel",
    "DealMonth",
    "DealStep",
    "DealTag",
    "DealTotal",
    "DealValue",
    "DuplicatePair",
    "ImportTurn",
    "Industry",
    "RenewalNotice",
    "ScoreLine",
    "ScoreRule",
    "StageRule",
    "Tag",
]
