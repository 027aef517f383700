"""The series out of which documents take their numbers."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from sales.models.agency import Agency


class Series(models.Model):
    """The last number given to one kind of document of one agency in one year.

    Without a gap (article 242 nonies A, I-7° of annexe II to the CGI): a number is taken under the lock of
    this row, in the transaction that makes the document (sales/services/series.py).
    """

    class Kind(models.TextChoices):
        QUOTE = "quote", _("Quotes")
        INVOICE = "invoice", _("Invoices")
        CREDIT_NOTE = "credit_note", _("Credit notes")

    PREFIXES = {Kind.QUOTE: "DE", Kind.INVOICE: "FA", Kind.CREDIT_NOTE: "AV"}

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="series")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    last_number = models.PositiveIntegerField(_("last number"), default=0)
    # Days never go backwards within a series.
    last_on = models.DateField(_("last day"), default=date(1900, 1, 1))

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "year"], name="one_series_a_year"),
        ]

    def __str__(self) -> str:
        return self.number(self.last_number)

    def number(self, position: int) -> str:
        """« FA-DF-2026-00042 »: at most 35 characters of those that BR-FR-01 and BR-FR-02 allow."""
        prefix = self.PREFIXES[self.Kind(self.kind)]
        return f"{prefix}-{self.agency.code}-{self.year}-{position:05d}"
