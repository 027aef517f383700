"""The tables of what comes and goes between the house and services outside."""

from sync.models.call import Call
from sync.models.caller import Caller
from sync.models.colleague_conflict import ColleagueConflict
from sync.models.colleague_piece import ColleaguePiece
from sync.models.colleague_run import ColleagueRun, ColleagueRunLine, ColleagueTurn
from sync.models.company_lookup import CompanyLookup
from sync.models.connection import Connection
from sync.models.imported_record import ImportedRecord
from sync.models.phone_call import PhoneCall
from sync.models.signature import SignatureRequest
from sync.models.solvency import Solvency
from sync.models.webhook_delivery import WebhookDelivery

__all__ = [
    "Call",
    "Caller",
    "ColleagueConflict",
    "ColleaguePiece",
    "ColleagueRun",
    "ColleagueRunLine",
    "ColleagueTurn",
    "CompanyLookup",
    "Connection",
    "ImportedRecord",
    "PhoneCall",
    "SignatureRequest",
    "Solvency",
    "WebhookDelivery",
]
