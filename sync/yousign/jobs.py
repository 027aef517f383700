"""Background work with Yousign."""

from sync.services import signature


def start_signature(*, signature_id: int) -> None:
    """Send a quote for a signature."""
    signature.start(signature_id)


def fetch_signed(*, signature_id: int) -> None:
    """The signed PDF and the audit trail."""
    signature.fetch_signed(signature_id)
