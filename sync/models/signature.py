"""Quotes sent for an electronic signature, and how far that is."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sales.models import Quote


class SignatureRequest(models.Model):
    """A quote at the signature service. Its numbers there are kept step by step, so that a job may go on."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("signature", "On its way")
        ONGOING = "ongoing", pgettext_lazy("signature", "Waits for the client")
        DONE = "done", pgettext_lazy("signature", "Signed")
        DECLINED = "declined", pgettext_lazy("signature", "Declined")
        EXPIRED = "expired", pgettext_lazy("signature", "Expired")
        CANCELED = "canceled", pgettext_lazy("signature", "Cancelled")
        FAILED = "failed", pgettext_lazy("signature", "Failed")

    LIVE = (State.WAITING, State.ONGOING)

    quote = models.ForeignKey(Quote, models.CASCADE, verbose_name=_("quote"), related_name="signatures")
    name = models.CharField(_("signer"), max_length=160)
    email = models.EmailField(_("e-mail"))
    # The options that the signer ticked, by their numbers; and the document that they sign.
    chosen = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    request_id = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001
    document_id = models.CharField(max_length=80, blank=True)
    signer_id = models.CharField(max_length=80, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    # The signed PDF and the audit trail are documents of the quote from this moment on.
    kept_at = models.DateTimeField(_("papers kept on"), null=True)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended on"), null=True)

    class Meta:
        verbose_name = _("signature request")
        verbose_name_plural = _("signature requests")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.quote} · {self.get_state_display()}"

    @property
    def external_id(self) -> str:
        """Our number, by which the service's messages find it too."""
        return f"signature-{self.pk}"
