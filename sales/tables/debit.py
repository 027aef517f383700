"""Columns of batches of direct debits."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, badge, day, escape, person
from digiweb.templatetags.digiweb import money
from sales.models import DebitBatch

STATUS_COLOURS = {
    "draft": "amber",
    "approved": "blue",
    "sent": "purple",
    "collected": "green",
    "cancelled": "slate",
}
DEBIT_COLOURS = {"planned": "blue", "collected": "green", "returned": "red", "removed": "slate"}
NOTICE_COLOURS = {"none": "amber", "waiting": "blue", "sent": "green", "refused": "red"}


def reference_cell(batch: DebitBatch) -> SafeString:
    return SafeString(f'<a class="dw-name" href="{batch.get_absolute_url()}">{escape(batch.reference)}</a>')


def hash_cell(batch: DebitBatch) -> SafeString:
    """Its beginning, which is enough to compare; the whole one at the pointer."""
    text = escape(batch.file_sha256)
    return SafeString(f'<span class="dw-iban" title="{text}">{text[:16]}…</span>' if text else "")


REFERENCE = Column("reference", _("Reference"), cell=reference_cell, export=lambda b: b.reference)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda b: escape(b.agency),
    export=lambda b: str(b.agency),
    select_related=("agency",),
)
DAY = Column("collect_on", _("Collection day"), sort="day")
SCHEME = Column("scheme", _("Kind"), cell=lambda b: escape(b.get_scheme_display()), export=lambda b: b.scheme)
COUNT = Column("count", _("Collections"), align="end")
TOTAL = Column("total", _("Total"), cell=lambda b: money(b.total), align="end", sort="-total")
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda b: b.get_status_display()
)
APPROVED = Column(
    "approved_by",
    _("Approved by"),
    cell=person("approved_by"),
    export=lambda b: str(b.approved_by or ""),
    select_related=("approved_by",),
)
SENT = Column("sent_at", _("Sent"), cell=day("sent_at"), default=False)
COLLECTED = Column("collected_on", _("Collected on"), default=False)
HASH = Column("file_sha256", _("SHA-256 of the file"), cell=hash_cell, default=False)


class DebitBatchTable(Table):
    """The list of batches."""

    columns = (REFERENCE, AGENCY, DAY, SCHEME, COUNT, TOTAL, STATUS, APPROVED, SENT, COLLECTED)
