"""What comes next for each invoice that is owed (`ReminderPlan`), and what went out (`Reminder`)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedOwnerField
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.document import NO_DAY, amount_field
from sales.models.invoice import Invoice
from sales.models.reminder_stage import ReminderStage


class ReminderPlan(Record):
    """An invoice that is owed, and which reminder of it leaves when; gone when nothing is owed any more.

    Worked out by `sales/services/reminder_plan.py` whenever something changes; whoever sends asks the
    invoice itself once more.
    """

    module = "sales.reminder"
    ownership = OwnerScope("owner_id")
    carries_of, carries = "invoice", ("owner_id", "sort_name")
    worked_out = True

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("reminder", "Planned")
        PAUSED = "paused", pgettext_lazy("reminder", "Paused")
        DISPUTED = "disputed", pgettext_lazy("reminder", "Disputed")
        # No address, or one that the server refused.
        STUCK = "stuck", pgettext_lazy("reminder", "No usable address")
        # The bank collects it.
        DEBIT = "debit", pgettext_lazy("reminder", "Collected by direct debit")
        DONE = "done", pgettext_lazy("reminder", "All stages are gone")

    # Those that leave by themselves when their day comes.
    LEAVING = (State.PLANNED, State.PAUSED)

    invoice = models.OneToOneField(
        Invoice, models.CASCADE, verbose_name=_("invoice"), related_name="reminder_plan"
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED)
    stage = models.ForeignKey(
        ReminderStage, models.SET_NULL, verbose_name=_("stage"), null=True, related_name="plans"
    )
    # NO_DAY: nothing leaves by itself.
    leaves_on = models.DateField(_("leaves on"), default=NO_DAY)
    balance = amount_field(_("left to pay (€)"))
    due_on = models.DateField(_("due on"), default=NO_DAY)
    # A pause of this invoice alone; one of the client is `ReminderPause`.
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    pause_reason = models.CharField(_("reason"), max_length=200, blank=True)
    owner_id = DerivedOwnerField(source="derive_owner_id")
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")

    class Meta:
        verbose_name = _("reminder to come")
        verbose_name_plural = _("reminders to come")
        # Each sort alone, within a state, for an owner, and for both.
        indexes = [
            models.Index(fields=[*lead, *sort, "id"], name=f"sales_plan{prefix}_{name}")
            for prefix, lead in (
                ("", []),
                ("_s", ["state"]),
                ("_o", ["owner_id"]),
                ("_os", ["owner_id", "state"]),
            )
            for name, sort in (
                ("new", []),
                ("leaves", ["leaves_on"]),
                ("due", ["due_on"]),
                ("amount", ["balance"]),
                ("name", ["sort_name"]),
            )
            if lead or sort
        ]

    def __str__(self) -> str:
        return str(self.invoice)

    def get_absolute_url(self) -> str:
        return record_address("sales:reminder_detail", self.pk)

    def derive_owner_id(self) -> int | None:
        return self.invoice.owner_id

    def derive_sort_name(self) -> str:
        return self.invoice.sort_name

    @property
    def status_label(self) -> Any:
        return self.get_state_display()

    @property
    def initials(self) -> str:
        return "R"


class ReminderPause(models.Model):
    """No reminder of any invoice of a client until that day has passed."""

    # Several where two clients became one: the longest counts.
    client = models.ForeignKey(Client, models.CASCADE, related_name="reminder_pauses")
    until = models.DateField(_("paused until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    paused_at = models.DateTimeField(_("paused"), auto_now_add=True)

    class Meta:
        verbose_name = _("pause of reminders")
        verbose_name_plural = _("pauses of reminders")

    def __str__(self) -> str:
        return f"{self.client} → {self.until}"


class Reminder(Record):
    """One stage of one invoice: sent, refused, passed over, or dropped because nothing was owed any more.

    The row is the claim: unique by invoice and stage, it is there before anything leaves, and the job that
    sends looks at `state` under its lock. So each stage leaves once, whoever dies meanwhile.
    """

    module = "sales.reminder"
    ownership = OwnerScope("owner_id")
    carries_of, carries = "invoice", ("owner_id", "sort_name")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("reminder", "On its way")
        # In the hands of the mail server, or of a worker that died there: it may have left.
        SENDING = "sending", pgettext_lazy("reminder", "Being sent")
        SENT = "sent", pgettext_lazy("reminder", "Sent")
        REFUSED = "refused", pgettext_lazy("reminder", "Did not leave")
        SKIPPED = "skipped", pgettext_lazy("reminder", "Passed over")
        DROPPED = "dropped", pgettext_lazy("reminder", "Not sent")

    invoice = models.ForeignKey(Invoice, models.PROTECT, verbose_name=_("invoice"), related_name="reminders")
    stage = models.ForeignKey(
        ReminderStage, models.PROTECT, verbose_name=_("stage"), related_name="reminders"
    )
    # Copied, as stages change: later stages alone follow.
    stage_name = models.CharField(_("stage"), max_length=80)
    days = models.SmallIntegerField(_("days after the due date"))
    is_formal = models.BooleanField(_("formal notice"), default=False)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    claimed_on = models.DateField(_("day"))
    to = models.EmailField(_("recipient"), blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body = models.TextField(_("message"), max_length=6000, blank=True)
    error = models.CharField(_("why not"), max_length=300, blank=True)
    # What was owed when it left.
    balance = amount_field(_("left to pay (€)"))
    penalties = amount_field(_("penalties (€)"))
    indemnity = amount_field(_("indemnity (€)"))
    # The letter of a formal notice, as it left.
    letter = models.FileField(upload_to="reminders/%Y/%m", max_length=120, blank=True)
    letter_sha256 = models.CharField(max_length=64, blank=True)
    # Whoever sent it by hand or passed it over; None for the clock.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        null=True,
        blank=True,
        related_name="+",
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    owner_id = DerivedOwnerField(source="derive_owner_id")
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "stage"], name="sales_reminder_once"),
        ]
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_reminder{prefix}_{name}")
                for prefix, lead in (
                    ("", []),
                    ("_s", ["state"]),
                    ("_o", ["owner_id"]),
                    ("_os", ["owner_id", "state"]),
                )
                for name, sort in (
                    ("new", []),
                    ("day", ["claimed_on"]),
                    ("amount", ["balance"]),
                    ("name", ["sort_name"]),
                )
                if lead or sort
            ),
            # Waiting ones that no job has taken.
            models.Index(fields=["state", "updated_at"], name="sales_reminder_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.stage_name}"

    def get_absolute_url(self) -> str:
        return record_address("sales:reminder_sent_detail", self.pk)

    def derive_owner_id(self) -> int | None:
        return self.invoice.owner_id

    def derive_sort_name(self) -> str:
        return self.invoice.sort_name

    @property
    def status_label(self) -> Any:
        return self.get_state_display()

    @property
    def initials(self) -> str:
        return "R"
