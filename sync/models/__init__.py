"""The tables of what comes and goes between the house and services outside."""

from sync.models.connection import Connection

__all__ = ["Connection"]
