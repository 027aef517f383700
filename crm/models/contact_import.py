"""Imports of contacts from a file: the run, and what became of each row."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.scopes import OwnerScope


class ContactImport(Record):
    """One file, how it is read, and how far the worker is (`cursor`, in data rows)."""

    module = "crm.contactimport"
    ownership = OwnerScope("user")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("To be set up")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class OnDuplicate(models.TextChoices):
        SKIP = "skip", _("Skip the row")
        UPDATE = "update", _("Update the contact")
        CREATE = "create", _("Create another contact")

    class MatchOn(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        BOTH = "both", _("E-mail, then phone")

    class Assign(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        ME = "me", _("Me")
        PERSON = "person", _("One person")
        ROUND_ROBIN = "round_robin", _("Several people in turn")
        RULE = "rule", _("By department (first digits of the postcode)")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="contact_imports"
    )
    file = models.FileField(upload_to="imports/%Y/%m")
    name = models.CharField(_("file"), max_length=200)
    kind = models.CharField(max_length=5)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    header = models.JSONField(default=list)
    preset = models.CharField(max_length=30, blank=True)
    # {column number as text: field name}
    mapping = models.JSONField(default=dict)
    # on_duplicate, match_on, assign, people (ids), rules ({digits: person id}), tags (names), status, source
    settings = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("duplicates skipped"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    error = models.TextField(blank=True)
    job = models.ForeignKey("timeline.JobRun", models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started on"), null=True)
    ended_at = models.DateTimeField(_("ended on"), null=True)
    # What the undo did: removed, restored, left (changed since).
    undo_report = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("crm:contact_import_detail", args=[self.pk])


class ContactImportRow(models.Model):
    """What became of one row, and what an undo needs: the version the import left behind, and for
    updated contacts the former values. A row that was created whole needs no values of its own.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        SKIPPED = "skipped", _("Duplicate, skipped")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(ContactImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    contact_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=0)
    # For refused rows the cells as they stood; for updated contacts {field: [before, after]}.
    values = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_outcome_a_row")]
        indexes = [
            models.Index(fields=["run", "outcome", "number"], name="crm_importrow_outcome"),
            models.Index(fields=["contact_id"], name="crm_importrow_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number} {self.outcome}"
