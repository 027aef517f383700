"""Messages that went out with a quote: a row a recipient, sent once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sales.models.quote import Quote


class QuoteMessage(models.Model):
    """A message to one address. Claimed by its row: a job that is done again sends nothing twice."""

    class Kind(models.TextChoices):
        QUOTE = "quote", _("Quote by e-mail")
        CONFIRMATION = "confirmation", _("Confirmation of the acceptance")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        SENT = "sent", pgettext_lazy("message", "Sent")
        REFUSED = "refused", pgettext_lazy("message", "Refused by the server")

    quote = models.ForeignKey(Quote, models.CASCADE, verbose_name=_("quote"), related_name="messages")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.QUOTE)
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
        verbose_name = _("message of a quote")
        verbose_name_plural = _("messages of quotes")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.to} · {self.subject}"
