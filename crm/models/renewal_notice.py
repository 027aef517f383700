"""What was told of a client's renewal: each of 90, 60 and 30 days before it once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.client import Client


class RenewalNotice(models.Model):
    """That a renewal on this day was told so many days before; another day is told anew."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="renewal_notices")
    renewal_on = models.DateField(_("renewal date"))
    days = models.PositiveSmallIntegerField(_("days before"))
    told_at = models.DateTimeField(_("told on"), auto_now_add=True)

    class Meta:
        verbose_name = _("renewal notice")
        verbose_name_plural = _("renewal notices")
        constraints = [
            models.UniqueConstraint(fields=["client", "renewal_on", "days"], name="one_renewal_notice"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.renewal_on} − {self.days}"
