"""Jobs of what comes and goes."""

from django.utils.translation import ngettext_lazy

from digiweb.job_log import log_count
from digiweb.jobs import Progress
from sync.services import call_upkeep, colleague_replay_work, colleague_work, integration, webhook_work

REQUESTS = ngettext_lazy(
    "%(count)s request to a service forgotten.", "%(count)s requests to services forgotten.", "count"
)
DELIVERIES = ngettext_lazy("%(count)s webhook forgotten.", "%(count)s webhooks forgotten.", "count")
RECORDINGS = ngettext_lazy("%(count)s recording forgotten.", "%(count)s recordings forgotten.", "count")
LOGGED = ngettext_lazy("%(count)s waiting call logged.", "%(count)s waiting calls logged.", "count")
RUNS = ngettext_lazy("%(count)s run forgotten.", "%(count)s runs forgotten.", "count")
CALLS = ngettext_lazy("%(count)s call forgotten.", "%(count)s calls forgotten.", "count")


def purge_calls(*, progress: Progress | None = None) -> None:
    """The log of calls keeps thirty days, company data a year."""
    log_count(progress, integration.purge_calls(), REQUESTS)


def work_off_delivery(*, delivery_id: int) -> None:
    """Do what a kept webhook asks for; done already: nothing happens."""
    webhook_work.work_off(delivery_id)


def adopt_calls(*, caller_id: int) -> None:
    """Log what still waits of a number that was told who it is."""
    call_upkeep.adopt_rest(caller_id)


def purge_phone_calls(*, progress: Progress | None = None) -> None:
    """Forget deliveries, recordings and calls whose time is over; identify what can be by now."""
    log_count(progress, webhook_work.purge_deliveries(), DELIVERIES)
    log_count(progress, call_upkeep.forget_recordings(), RECORDINGS)
    log_count(progress, call_upkeep.identify_waiting(), LOGGED)
    log_count(progress, call_upkeep.purge_phone_calls(), CALLS)


def import_from_colleague(*, progress: Progress) -> None:
    """Read the colleague's list and write what is new in it."""
    colleague_work.perform(progress)


def replay_piece(*, piece_id: int, progress: Progress) -> None:
    """Read one prospect of a run again, from what was kept of it."""
    colleague_replay_work.perform(piece_id, progress)


def purge_colleague_runs(*, progress: Progress | None = None) -> None:
    """Forget runs of the import whose time is over."""
    log_count(progress, colleague_work.purge_runs(), RUNS)
