"""The values of custom fields as rows with indexes, by which lists are filtered.

The record's own JSON (`custom`) is what counts; these tables follow it (crm/services/custom_value.py). Each
is a carrier of nothing but its record's number (digiweb/carriers.py): rows of one value, newest first, and
their count, are read from its index alone.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.custom_values import DECIMALS, TEXT_LENGTH, WHOLE_DIGITS
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal


def indexes(record: str) -> list[models.Index]:
    """One an answerable question: this field with this text, number or day, in the order of records."""
    return [
        models.Index(fields=["field_id", name, record], name=f"crm_{record}value_{name}")
        for name in ("word", "number", "day")
    ]


class CustomValue(models.Model):
    """What a record has in one field: in `word` texts, keys of choices, "1" and "0" for yes and no."""

    carries: ClassVar[tuple[str, ...]] = ()

    # No foreign key: rows that a record had come back from the bin with it, whatever became of the field.
    field_id = models.BigIntegerField()
    word = models.CharField(max_length=TEXT_LENGTH, null=True)  # noqa: DJ001 (NULL is no value)
    number = models.DecimalField(max_digits=WHOLE_DIGITS + DECIMALS, decimal_places=DECIMALS, null=True)
    day = models.DateField(null=True)

    class Meta:
        abstract = True


class ContactValue(CustomValue):
    """A value of a contact."""

    carries_of = "contact"
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="custom_values")

    class Meta:
        verbose_name = _("value of a custom field")
        verbose_name_plural = _("values of custom fields")
        constraints = [
            models.UniqueConstraint(fields=["contact", "field_id"], name="one_contact_value_a_field")
        ]
        indexes = indexes("contact")

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.field_id}"


class CompanyValue(CustomValue):
    """A value of a company."""

    carries_of = "company"
    company = models.ForeignKey(Company, models.CASCADE, related_name="custom_values")

    class Meta:
        verbose_name = _("value of a custom field")
        verbose_name_plural = _("values of custom fields")
        constraints = [
            models.UniqueConstraint(fields=["company", "field_id"], name="one_company_value_a_field")
        ]
        indexes = indexes("company")

    def __str__(self) -> str:
        return f"{self.company_id}: {self.field_id}"


class DealValue(CustomValue):
    """A value of a deal."""

    carries_of = "deal"
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="custom_values")

    class Meta:
        verbose_name = _("value of a custom field")
        verbose_name_plural = _("values of custom fields")
        constraints = [models.UniqueConstraint(fields=["deal", "field_id"], name="one_deal_value_a_field")]
        indexes = indexes("deal")

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.field_id}"
