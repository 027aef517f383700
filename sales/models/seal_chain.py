"""The end of an agency's chain of seals."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SealChain(models.Model):
    """How long the chain of an agency is, and its last seal.

    Whoever issues holds this row: no two seals follow the same one. Should the last rows of the chain be
    missing one day, it tells.
    """

    agency = models.OneToOneField("sales.Agency", models.PROTECT, related_name="+")
    length = models.PositiveIntegerField(default=0)
    last_seal = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("chain of seals")
        verbose_name_plural = _("chains of seals")

    def __str__(self) -> str:
        return f"{self.length} {self.last_seal[:12]}"
