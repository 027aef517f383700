"""Pairs of records that are probably one and the same (SPEC C12)."""

from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.models.company import Company
from crm.models.contact import Contact
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet, reach_of


class DuplicatePairQuerySet(ScopedQuerySet):
    """Pairs of which a person sees both records; those of records that are gone are nobody's."""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        if reach_of(user, DuplicatePair.module, action) is None:
            return self.none()
        both = Q()
        for model in (Contact, Company):
            seen = model.objects.visible_to(user).values("pk")
            both |= Q(subject_type=model._meta.label_lower, first_id__in=seen, second_id__in=seen)
        return self.filter(both)

    def searched(self, words: Any) -> Self:
        """Pairs of which either record has these words."""
        either = Q()
        for model in (Contact, Company):
            rows = model.objects.filter(search_text__words=words).values("pk")
            kind = Q(subject_type=model._meta.label_lower)
            either |= kind & (Q(first_id__in=rows) | Q(second_id__in=rows))
        return self.filter(either)

    def scope_portions(self, user: Any, action: str = "view") -> list[Self]:
        return [self.visible_to(user, action)]

    def scope_branches(self, user: Any, action: str = "view") -> list[Self]:
        return [self.visible_to(user, action)]

    def between(self, model: type[models.Model], one: int, other: int) -> QuerySet:
        """The pair of two records, whichever comes first."""
        first, second = sorted((one, other))
        return self.filter(subject_type=model._meta.label_lower, first_id=first, second_id=second)


class DuplicatePair(Record):
    """Two contacts, or two companies, and why they look the same; seen by who sees both."""

    module = "crm.duplicate"

    class Reason(models.TextChoices):
        EMAIL = "email", _("Same e-mail")
        PHONE = "phone", _("Same phone")
        SIRET = "siret", _("Same SIRET")
        SIREN = "siren", _("Same SIREN, same town")
        NAME = "name", _("Close name, same town")

    class State(models.TextChoices):
        OPEN = "open", _("To look at")
        DISMISSED = "dismissed", _("Not the same")
        MERGED = "merged", _("Merged")

    class Kind(models.TextChoices):
        CONTACT = "crm.contact", _("Contacts")
        COMPANY = "crm.company", _("Companies")

    subject_type = models.CharField(_("kind of record"), max_length=20, choices=Kind)
    # The smaller number first, so that a pair is found once.
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)

    objects = DuplicatePairQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("pair of duplicates")
        verbose_name_plural = _("pairs of duplicates")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "first_id", "second_id"], name="one_pair_of_duplicates"
            )
        ]
        indexes = [models.Index(fields=["state", "subject_type", "id"], name="crm_pair_state")]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    @property
    def model(self) -> Any:
        return Contact if self.subject_type == self.Kind.CONTACT else Company

    @cached_property
    def first(self) -> Any:
        return self.model.objects.filter(pk=self.first_id).first()

    @cached_property
    def second(self) -> Any:
        return self.model.objects.filter(pk=self.second_id).first()

    def get_absolute_url(self) -> str:
        """The page on which the two are compared and merged."""
        url = reverse(f"crm:{self.model._meta.model_name}_merge")
        return f"{url}?one={self.first_id}&two={self.second_id}"


def attach_records(pairs: Sequence[DuplicatePair]) -> None:
    """Read both records of many pairs at once."""
    for model in (Contact, Company):
        mine = [pair for pair in pairs if pair.model is model]
        found = model.objects.in_bulk({pk for pair in mine for pk in (pair.first_id, pair.second_id)})
        for pair in mine:
            pair.first, pair.second = found.get(pair.first_id), found.get(pair.second_id)
