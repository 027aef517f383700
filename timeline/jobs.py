"""Background work of the timeline."""

from timeline.services import bin as bin_service


def purge_bin() -> None:
    """Empty the bin of what is older than thirty days."""
    bin_service.purge_bin()
