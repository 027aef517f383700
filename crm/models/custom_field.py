"""Custom fields: what an administrator adds to contacts, companies and deals (SPEC C16)."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.custom_values import READERS, choice_value, is_kept_form
from digiweb.addresses import record_address
from digiweb.custom import PREFIX
from digiweb.fulltext import fold
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet

# For each kind of record: a form with more is no form, and each field is a filter.
MOST_FIELDS = 50
MOST_CHOICES = 200
LABEL_LENGTH, KEY_LENGTH, CHOICE_LENGTH = 60, 40, 80


class CustomFieldQuerySet(ScopedQuerySet):
    """Fields; those that are deleted are nobody's."""

    def _there(self) -> Self:
        return self.exclude(state=CustomField.State.DELETED)

    def visible_to(self, user: Any, action: str = "view") -> Self:
        return super().visible_to(user, action)._there()

    def scope_portions(self, user: Any, action: str = "view") -> list[Self]:
        return [portion._there() for portion in super().scope_portions(user, action)]

    def scope_branches(self, user: Any, action: str = "view") -> list[Self]:
        return [branch._there() for branch in super().scope_branches(user, action)]


class CustomField(Record):
    """One field: its key never changes, so that values, addresses and programs go on finding it."""

    module = "crm.customfield"

    class Subject(models.TextChoices):
        CONTACT = "crm.contact", gettext_lazy("Contacts")
        COMPANY = "crm.company", gettext_lazy("Companies")
        DEAL = "crm.deal", gettext_lazy("Deals")

    class Kind(models.TextChoices):
        TEXT = "text", gettext_lazy("Text")
        NUMBER = "number", pgettext_lazy("kind of value", "Number")
        DATE = "date", gettext_lazy("Date")
        CHOICE = "choice", gettext_lazy("Choice")
        YES_NO = "yes_no", gettext_lazy("Yes or no")

    class State(models.TextChoices):
        ACTIVE = "active", gettext_lazy("In use")
        # Out of forms and lists; its values stay, and what was filtered by it still is.
        ARCHIVED = "archived", gettext_lazy("Archived")
        # Gone for everybody; the row waits until a job has taken the values off the records.
        DELETED = "deleted", gettext_lazy("Deleted")

    subject = models.CharField(gettext_lazy("kind of record"), max_length=20, choices=Subject)
    key = models.CharField(gettext_lazy("key"), max_length=KEY_LENGTH, editable=False)
    label = models.CharField(gettext_lazy("label"), max_length=LABEL_LENGTH)
    kind = models.CharField(gettext_lazy("kind of value"), max_length=10, choices=Kind, default=Kind.TEXT)
    # [{"key", "label"}] in order; "gone": true once taken off the list while records still have it.
    choices = models.JSONField(gettext_lazy("choices"), default=list, blank=True)
    required = models.BooleanField(gettext_lazy("must be filled in"), default=False)
    help_text = models.CharField(gettext_lazy("help under the field"), max_length=200, blank=True)
    in_list = models.BooleanField(gettext_lazy("shown in lists at first"), default=False)
    position = models.PositiveIntegerField(gettext_lazy("position"), default=0, editable=False)
    state = models.CharField(
        gettext_lazy("state"), max_length=10, choices=State, default=State.ACTIVE, editable=False
    )

    objects = CustomFieldQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = gettext_lazy("custom field")
        verbose_name_plural = gettext_lazy("custom fields")
        constraints = [models.UniqueConstraint(fields=["subject", "key"], name="one_custom_field_a_key")]
        indexes = [models.Index(fields=["subject", "position", "id"], name="crm_customfield_order")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return record_address("crm:custom_field_edit", self.pk)

    def clean(self) -> None:
        self.label = " ".join(self.label.split())
        if self.kind != self.Kind.CHOICE:
            self.choices = []

    @property
    def name(self) -> str:
        """What forms, columns, filters and changes call it."""
        return f"{PREFIX}{self.key}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    # --- Choices

    @property
    def labels(self) -> dict[str, str]:
        """{key: label} of all choices, those that are gone too."""
        return {choice["key"]: choice["label"] for choice in self.choices}

    def offered(self, *besides: Any) -> dict[str, str]:
        """The choices that may be taken, and those in `besides`, which a record has already."""
        return {
            choice["key"]: choice["label"]
            for choice in self.choices
            if not choice.get("gone") or choice["key"] in besides
        }

    # --- Values

    def parse(self, given: Any, *besides: Any) -> Any:
        """What is given as the value to keep; None for nothing. Raises ValidationError."""
        if given is None:
            return None
        if self.kind == self.Kind.CHOICE:
            return choice_value(given, self.offered(*besides))
        return READERS[self.kind](given)

    def accepts(self, value: Any) -> bool:
        """Whether a stored value is one of this field's."""
        if self.kind == self.Kind.CHOICE:
            return isinstance(value, str) and value in self.labels
        return is_kept_form(self.kind, value)

    def typed(self, value: Any) -> Any:
        """A kept value as Python has it: a text, a Decimal, a date, a truth; None for nothing."""
        if value is None:
            return None
        if self.kind == self.Kind.NUMBER:
            return Decimal(value)
        if self.kind == self.Kind.DATE:
            return date.fromisoformat(value)
        if self.kind == self.Kind.CHOICE:
            return self.labels.get(value, value)
        return value

    def logged(self, value: Any) -> dict[str, Any]:
        """A value for the audit log, which is read when the field or the choice is gone."""
        shown = self.labels.get(value, value) if self.kind == self.Kind.CHOICE else value
        return {"field": self.label, "kind": self.kind, "label": shown}


def key_from(label: str) -> str:
    """The beginning of a key: `Sous contrat ?` gives `sous-contrat`. Without underscores, which part a key
    from what a filter adds to it (`_min`)."""
    return slugify(label).replace("_", "-").strip("-")[:KEY_LENGTH].strip("-") or "field"


def clean_choices(given: Any, present: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choices as they are kept: each with the key it had, or a new one; order as given.

    `given` is a list of {"key", "label"} (or plain labels); those of `present` that it leaves out are marked
    as gone at the end, so that records that have one still say what it is. Raises ValidationError.
    """
    if not isinstance(given, list) or not all(isinstance(one, (dict, str)) for one in given):
        raise ValidationError(_("Give a list of choices."))
    if len(given) > MOST_CHOICES:
        raise ValidationError(_("At most %(count)s choices.") % {"count": MOST_CHOICES})
    known = {choice["key"]: choice for choice in present}
    found: dict[str, dict[str, Any]] = {}
    labels: set[str] = set()
    for one in given:
        label, key = (one, "") if isinstance(one, str) else (one.get("label", ""), one.get("key", ""))
        if not isinstance(label, str) or not isinstance(key, str):
            raise ValidationError(_("Give a list of choices."))
        label = str(READERS["text"](label) or "")
        if not label:
            continue
        if len(label) > CHOICE_LENGTH:
            raise ValidationError(_("A choice has at most %(count)s characters.") % {"count": CHOICE_LENGTH})
        folded = fold(label)
        if folded in labels:
            raise ValidationError(_("“%(label)s” stands there twice.") % {"label": label})
        labels.add(folded)
        if key not in known or key in found:
            # A choice that was taken off and comes back under its name is the one it was.
            gone = (k for k, was in known.items() if was.get("gone") and was["label"] == label)
            key = next((k for k in gone if k not in found), "") or _free_key(label, {*known, *found})
        found[key] = {"key": key, "label": label}
    left = [{**choice, "gone": True} for key, choice in known.items() if key not in found]
    # Nobody's list grows for ever: the oldest of those that are gone are forgotten.
    return [*found.values(), *left[-MOST_CHOICES:]]


def _free_key(label: str, taken: set[str]) -> str:
    base = key_from(label)
    key, again = base, 2
    while key in taken:
        key, again = f"{base[: KEY_LENGTH - 5]}-{again}", again + 1
    return key
