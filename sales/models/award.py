"""Badges that people earned: each once a month, or once and for all."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import OwnerScope

# The month of a badge that is earned once and for all: a NULL would not be unique.
FOR_GOOD = date(1, 1, 1)


class Award(models.Model):
    """A badge of sales/badges.py that somebody earned; never taken back (sales/services/award.py)."""

    module = "sales.performance"
    ownership = OwnerScope("user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="awards"
    )
    badge = models.CharField(_("badge"), max_length=40)
    # The first day of the month for which it was earned; FOR_GOOD where it is no monthly one.
    month = models.DateField(_("month"))
    earned_on = models.DateField(_("earned on"))
    # What was reached, as the rule says it.
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2, default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("badge earned")
        verbose_name_plural = _("badges earned")
        constraints = [models.UniqueConstraint(fields=["user", "badge", "month"], name="one_award_a_month")]
        indexes = [models.Index(fields=["earned_on", "id"], name="sales_award_earned")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.badge} {self.month}"
