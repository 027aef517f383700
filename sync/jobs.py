"""Jobs of what comes and goes."""

from sync.services import integration


def purge_calls() -> None:
    """The log of calls keeps thirty days, company data a year."""
    integration.purge_calls()
