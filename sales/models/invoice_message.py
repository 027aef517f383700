"""Invoices that leave by e-mail."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class InvoiceMessage(models.Model):
    """One message with an invoice: to whom, in which words, and whether the server took it.

    The job that sends it looks at `state` under a lock, so that it leaves once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        SENT = "sent", pgettext_lazy("message", "Sent")
        REFUSED = "refused", pgettext_lazy("message", "Refused by the server")

    invoice = models.ForeignKey(
        "sales.Invoice", models.PROTECT, verbose_name=_("invoice"), related_name="messages"
    )
    to = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("message"), max_length=4000)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    error = models.CharField(_("error"), max_length=300, blank=True)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("sender"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("message with an invoice")
        verbose_name_plural = _("messages with invoices")

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
