"""Quotes: what was offered, in which version, and what the client said to it."""

from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.addresses import record_address
from digiweb.fields import DerivedDateField
from digiweb.fulltext import FullTextIndex
from digiweb.scopes import OwnerScope
from sales.models.contract import Contract
from sales.models.document import NO_DAY, Document, DocumentLine

# Name of an index → the columns of its order.
SORTS: dict[str, list[str]] = {
    "new": [],
    "day": ["quoted_key"],
    "until": ["valid_until"],
    "net": ["net"],
    "name": ["sort_name"],
}
FILTERED = ("status", "agency", "quoted_key", "valid_until")


class Quote(Document):
    """A quote. A draft changes freely; one that was sent is a document of record: a new version follows."""

    module = "sales.quote"
    ownership = OwnerScope("owner")

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("quote", "Draft")
        SENT = "sent", pgettext_lazy("quote", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("quote", "Accepted")
        REFUSED = "refused", pgettext_lazy("quote", "Refused")
        EXPIRED = "expired", pgettext_lazy("quote", "Expired")
        # A later version took its place.
        REPLACED = "replaced", pgettext_lazy("quote", "Replaced")

    # Those to which the client can still say yes or no.
    AWAITED = (Status.SENT,)

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    # « DE-DF-2026-00042 », and from the second version on « …-v2 »: all versions have the same root.
    root = models.CharField(_("number without version"), max_length=30, editable=False, db_index=True)
    revision = models.PositiveSmallIntegerField(_("version of the quote"), default=1, editable=False)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        related_name="replaced_by",
        editable=False,
    )
    quoted_on = models.DateField(_("date"), default=timezone.localdate)
    valid_until = models.DateField(_("valid until"))
    # What is asked at acceptance: a draft of a deposit invoice is made of it.
    deposit_percent = models.DecimalField(_("deposit (%)"), max_digits=5, decimal_places=2, default=0)
    # Of `net`, `vat`, `gross` this is what is due once; by the month and by the year besides.
    monthly_net = models.DecimalField(
        _("by the month, before tax (€)"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    yearly_net = models.DecimalField(
        _("by the year, before tax (€)"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    # Who said yes or no, from where, to which bytes.
    answer_name = models.CharField(_("answered by"), max_length=160, blank=True, editable=False)
    answer_email = models.EmailField(_("e-mail of the answer"), blank=True, editable=False)
    answer_ip = models.GenericIPAddressField(_("IP address of the answer"), null=True, editable=False)
    refusal_reason = models.CharField(_("reason of the refusal"), max_length=500, blank=True, editable=False)
    # A keyed hash: the address of the public page is in no table.
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    # Counted up for each new link: the address follows from it and a secret (sales/services/quote_link.py).
    link_serial = models.PositiveSmallIntegerField(default=0, editable=False)
    # What the acceptance made of it.
    contract = models.ForeignKey(
        Contract,
        models.SET_NULL,
        verbose_name=_("contract"),
        null=True,
        blank=True,
        related_name="quotes",
        editable=False,
    )
    pdf = models.FileField(upload_to="quotes/%Y/%m", max_length=120, blank=True, editable=False)
    pdf_sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64, blank=True, editable=False)
    quoted_key = DerivedDateField(source="derive_quoted_key", default=NO_DAY)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("quoted_on")), name="sales_quote_valid_after"
            ),
            models.CheckConstraint(
                condition=models.Q(deposit_percent__gte=0, deposit_percent__lte=100),
                name="sales_quote_deposit",
            ),
            models.UniqueConstraint(fields=["root", "revision"], name="one_quote_a_version"),
        ]
        # Walked, whatever the filter: each sort alone and of an owner, with the columns of the filters; a
        # status has an index with each sort by time (sales/models/invoice.py says why).
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *(name for name in FILTERED if name not in sort)],
                    name=f"sales_quote{prefix}_{label}",
                )
                for prefix, lead in (("", []), ("_o", ["owner"]))
                for label, sort in SORTS.items()
                if lead or sort
            ),
            *(
                models.Index(fields=[*lead, *SORTS[label], "id"], name=f"sales_quote{prefix}_{label}")
                for prefix, lead, labels in (
                    ("_s", ["status"], ("new", "day", "until")),
                    ("_os", ["owner", "status"], ("new", "day", "until")),
                    ("_c", ["client"], ("new", "day", "until", "net")),
                )
                for label in labels
            ),
            models.Index(fields=["owner", "agency", "id"], name="sales_quote_o_agency"),
            FullTextIndex(fields=["search_text"], name="sales_quote_words"),
        ]

    def __str__(self) -> str:
        return self.number or ""

    def get_absolute_url(self) -> str:
        return record_address("sales:quote_detail", self.pk)

    def derive_quoted_key(self) -> date:
        return self.quoted_on or NO_DAY

    @property
    def is_open(self) -> bool:
        """The client may still answer: sent, and its last day has not passed."""
        return self.status in self.AWAITED and not self.has_expired(timezone.localdate())

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    def has_expired(self, today: date) -> bool:
        """Sent, unanswered, and its last day has passed; the nightly entry then says so."""
        return self.status == self.Status.SENT and self.valid_until < today

    @property
    def status_label(self) -> Any:
        if self.has_expired(timezone.localdate()):
            return self.Status.EXPIRED.label
        return self.get_status_display()


class QuoteLine(DocumentLine):
    """A line of a quote: due once, or by month or year; an optional one counts when chosen."""

    class Period(models.TextChoices):
        ONCE = "once", _("Once")
        MONTH = "month", _("A month")
        YEAR = "year", _("A year")

    quote = models.ForeignKey(Quote, models.CASCADE, verbose_name=_("quote"), related_name="lines")
    period = models.CharField(_("period"), max_length=5, choices=Period, default=Period.ONCE)
    is_optional = models.BooleanField(_("optional"), default=False)
    # Of an optional line: the client took it.
    is_chosen = models.BooleanField(_("chosen"), default=False, editable=False)

    class Meta(DocumentLine.Meta):
        verbose_name = _("line of a quote")
        verbose_name_plural = _("lines of quotes")

    @property
    def counts(self) -> bool:
        return self.is_item and (self.is_chosen or not self.is_optional)
