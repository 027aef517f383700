"""What is known of somebody as a salesperson (the colleague's *apporteur*)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.scopes import OwnerScope


class Salesperson(Record):
    """The salesperson's profile of a member: their number in the colleague's system, their commission."""

    module = "people.user"
    ownership = OwnerScope("user")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="salesperson"
    )
    # `commercialId` of the colleague's system.
    source_id = models.UUIDField(_("number in the colleague’s system"), null=True, blank=True, unique=True)
    commission_rate = models.DecimalField(
        _("commission on a signature (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    recurring_rate = models.DecimalField(
        _("commission on subscriptions (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("salesperson")
        verbose_name_plural = _("salespeople")

    def __str__(self) -> str:
        return str(self.user)
