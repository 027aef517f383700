"""Imports of contacts from a file: the run, and what became of each row."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import OwnerScope, Scope


class ContactImport(Record):
    """One file, how it is read, and how far the worker is (`cursor`, in data rows).

    `version` counts changes of the set-up; the worker moves cursor and counts without it.
    """

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
    # What the person chose: crm.importing.plan.Settings as a dictionary.
    settings = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("duplicates skipped"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    # {"skipped": {code: rows}, "refused": {sentence without the values: rows}}
    reasons = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    job = models.ForeignKey("timeline.JobRun", models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started on"), null=True)
    ended_at = models.DateTimeField(_("ended on"), null=True)
    # How far the undo is, in row numbers, and what it did: removed, restored, left (changed since), gone,
    # companies (removed).
    undo_cursor = models.PositiveIntegerField(default=0)
    undo_report = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        name = "setup" if self.state == self.State.UPLOADED else "detail"
        return reverse(f"crm:contact_import_{name}", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        """A worker has it, or is going to."""
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def can_be_undone(self) -> bool:
        """It has ended and wrote something. (An undo that was interrupted is taken up again.)"""
        ended = self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)
        return ended and bool(self.created or self.updated)

    @property
    def can_go_on(self) -> bool:
        """It was stopped on its way and its file is still there."""
        return (
            self.state in (self.State.FAILED, self.State.CANCELLED)
            and bool(self.file)
            and not self.undo_cursor
        )


class ContactImportRow(models.Model):
    """What became of one row, and what an undo needs: the version the import left behind, and for
    updated contacts the former values. A row that was created whole needs no values of its own.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        SKIPPED = "skipped", _("Duplicate, skipped")
        REFUSED = "refused", _("Refused")

    module = "crm.contactimport"
    ownership: Scope = OwnerScope("run__user")

    class Undo(models.TextChoices):
        REMOVED = "removed", _("Removed")
        RESTORED = "restored", _("Given back its former values")
        LEFT = "left", _("Left: changed since")
        GONE = "gone", _("Gone already")

    run = models.ForeignKey(ContactImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    contact_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=0)
    # For refused rows the cells as they stood; for updated contacts {field: [before, after]}.
    values = models.JSONField(default=list)
    # Why it was refused, in a sentence; why it was skipped, as a code (`SKIP_REASONS`).
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    undo = models.CharField(_("undone"), max_length=8, choices=Undo, blank=True)

    objects = ScopedQuerySet.as_manager()

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


# Why a duplicate was skipped. A contact of a colleague's is counted, never named.
SKIP_REASONS = {
    "exists": _("This contact exists already"),
    "file": _("The same contact stands higher up in the file"),
    "same": _("The contact has these values already"),
    "forbidden": _("The contact exists already and you may not change it"),
    "colleague": _("The contact exists already with a colleague"),
}


class ContactImportCompany(models.Model):
    """A company that an import tied contacts to: it finds it again, whatever became of who sees it.

    Those it created itself (`created`) go with an undo, unless something else needs them by then.
    """

    module = "crm.contactimport"
    ownership: Scope = OwnerScope("run__user")

    run = models.ForeignKey(ContactImport, models.CASCADE, related_name="companies")
    company_id = models.BigIntegerField()
    created = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("company of an import")
        verbose_name_plural = _("companies of imports")
        constraints = [models.UniqueConstraint(fields=["run", "company_id"], name="one_company_a_run")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.company_id}"


class ImportTurn(models.Model):
    """One row: whoever writes a batch of an import holds it, so that two never create the same contact."""

    class Meta:
        verbose_name = _("turn of imports")
        verbose_name_plural = _("turns of imports")

    def __str__(self) -> str:
        return str(self.pk)
