"""Tags: free words that people stick on records."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.fulltext import fold
from digiweb.models import Record


class Tag(Record):
    """A word with a colour; two tags never differ by case or accents only."""

    module = "crm.tag"

    class Colour(models.TextChoices):
        BLUE = "blue", _("Blue")
        GREEN = "green", _("Green")
        AMBER = "amber", _("Amber")
        RED = "red", _("Red")
        PURPLE = "purple", _("Purple")
        SLATE = "slate", _("Slate")

    name = models.CharField(_("name"), max_length=40)
    key = models.CharField(max_length=40, unique=True, editable=False)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.SLATE)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name = " ".join(self.name.split())
        self.key = tag_key(self.name)

    def get_absolute_url(self) -> str:
        return record_address("crm:tag_edit", self.pk)


def tag_key(name: str) -> str:
    """The form in which two spellings of a tag are the same."""
    return fold(" ".join(name.split()))[:40]
