"""What providers said of firms: kept with its date, so that the same is not asked (and paid) twice."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FRESH = timedelta(days=30)


class CompanyLookup(models.Model):
    """The last answer of a provider about one firm, in our shape (`crm.company_data.Firm`)."""

    provider = models.CharField(_("service"), max_length=40)
    # SIREN, or SIRET where an establishment was asked for.
    key = models.CharField(_("number"), max_length=14)
    payload = models.JSONField(_("answer"), default=dict)
    fetched_at = models.DateTimeField(_("asked on"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("asked by"), null=True, related_name="+"
    )
    demo = models.BooleanField(_("invented (demo)"), default=False)

    class Meta:
        verbose_name = _("company data")
        verbose_name_plural = _("company data")
        constraints = [models.UniqueConstraint(fields=["key", "provider"], name="one_lookup_a_number")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.key}"

    @property
    def is_fresh(self) -> bool:
        return timezone.now() - self.fetched_at < FRESH
