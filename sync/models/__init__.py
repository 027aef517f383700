"""The tables of what comes and goes between the house and services outside."""

from sync.models.call import Call
from sync.models.company_lookup import CompanyLookup
from sync.models.connection import Connection
from sync.models.solvency import Solvency

__all__ = ["Call", "CompanyLookup", "Connection", "Solvency"]
