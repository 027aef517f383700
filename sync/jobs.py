"""Jobs of what comes and goes."""

from digiweb.jobs import Progress
from sync.services import call_upkeep, colleague_work, integration, webhook_work


def purge_calls() -> None:
    """The log of calls keeps thirty days, company data a year."""
    integration.purge_calls()


def work_off_delivery(*, delivery_id: int) -> None:
    """Do what a kept webhook asks for; done already: nothing happens."""
    webhook_work.work_off(delivery_id)


def adopt_calls(*, caller_id: int) -> None:
    """Log what still waits of a number that was told who it is."""
    call_upkeep.adopt_rest(caller_id)


def purge_phone_calls() -> None:
    """Forget deliveries, recordings and calls whose time is over; identify what can be by now."""
    webhook_work.purge_deliveries()
    call_upkeep.forget_recordings()
    call_upkeep.identify_waiting()
    call_upkeep.purge_phone_calls()


def import_from_colleague(*, progress: Progress) -> None:
    """Read the colleague's list and write what is new in it."""
    colleague_work.perform(progress)


def purge_colleague_runs() -> None:
    """Forget runs of the import whose time is over."""
    colleague_work.purge_runs()
