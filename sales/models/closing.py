"""Periods of the accounts that are closed: nothing is dated within them any more."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sales.models.agency import Agency


class Closing(models.Model):
    """The books of an agency up to a day are final. No row is ever changed or deleted.

    The totals are those of the entries since the closing before, and since the first (« totaux perpétuels »:
    BOI-TVA-DECLA-30-10-30), opening balances left out: they are told already.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="closings")
    closed_until = models.DateField(_("closed until"))
    debit = models.DecimalField(_("debit (€)"), max_digits=16, decimal_places=2, default=0)
    credit = models.DecimalField(_("credit (€)"), max_digits=16, decimal_places=2, default=0)
    perpetual = models.DecimalField(_("perpetual total (€)"), max_digits=18, decimal_places=2, default=0)
    entries = models.PositiveIntegerField(_("entries"), default=0)
    # SHA-256 over that of the closing before and all entries of this one: the nightly check makes it again.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), default=timezone.now)

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        ordering = ["-closed_until"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "closed_until"], name="sales_closing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.closed_until:%Y-%m-%d}"
