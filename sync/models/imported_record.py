"""What the import knows of each thing that it brought: which row it is, what the source said last."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedRecord(models.Model):
    """A prospect, contract or subscription of the source, and the row that it became.

    `values` is what the source said last, field by field: only what changed there since changes a row.
    A prospect whose `digest` is that of its piece is passed over.
    """

    class Kind(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        CONTRACT = "contract", _("Contract")
        SUBSCRIPTION = "subscription", _("Subscription")

    kind = models.CharField(max_length=12, choices=Kind)
    # A hash of the natural key: equal where the key is, whatever the database's rules of comparison.
    key = models.CharField(max_length=40)
    number = models.BigIntegerField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    # Of a prospect, as the source said it last: a contact answers to those of all prospects that it is.
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    # The contact, the contract or the subscription; of a prospect also the client.
    target_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=40, blank=True)
    # {kind: how many}, so that a piece which is passed over counts in full.
    sizes = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    # Turns of the import: in which it came to be, was seen, and its piece was worked through.
    first_turn = models.PositiveBigIntegerField(default=0)
    seen_turn = models.PositiveBigIntegerField(default=0)
    worked_turn = models.PositiveBigIntegerField(default=0)
    # What somebody changes here after this moment is looked at by the next run.
    worked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_imported_record_a_key")]
        indexes = [models.Index(fields=["kind", "target_id"], name="sync_imported_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number or self.target_id}"
