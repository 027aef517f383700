"""Background work of the timeline."""

from timeline.services import bin as bin_service
from timeline.services import merge as merge_service


def purge_bin() -> None:
    """Empty the bin of what is older than thirty days, and what merges of that age kept."""
    bin_service.purge_bin()
    merge_service.purge_merges()
