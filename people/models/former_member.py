"""People who left for good."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.crypto import EncryptedTextField


class FormerMember(models.Model):
    """The personal data of a removed member, encrypted, for administrators (SPEC T9).

    The account stays as a row with a name and nothing else, so that what it did keeps its author.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("account"), related_name="former"
    )
    removed_at = models.DateTimeField(_("removed on"), default=timezone.now)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("removed by"),
        null=True,
        related_name="removals",
    )
    # JSON: {name of the field: what it was}
    data = EncryptedTextField(_("personal data"))

    class Meta:
        verbose_name = _("former member")
        verbose_name_plural = _("former members")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.user)
