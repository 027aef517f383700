"""Monthly targets of a person."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.scopes import OwnerScope


class Target(Record):
    """What a person is to reach in a month; `month` is its first day."""

    module = "people.user"
    ownership = OwnerScope("user")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="targets")
    month = models.DateField(_("month"))
    revenue = models.DecimalField(
        _("revenue (€, net)"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    deals_won = models.PositiveIntegerField(_("deals won"), default=0)
    new_contacts = models.PositiveIntegerField(_("new contacts"), default=0)
    activities = models.PositiveIntegerField(_("activities done"), default=0)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["user", "month"], name="one_target_a_month")]

    def __str__(self) -> str:
        return f"{self.user} {self.month:%m/%Y}"
