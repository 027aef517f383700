"""Roles and what they grant."""

from typing import Self, cast

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.permissions import ACTION_LABELS, SCOPE_LABELS
from digiweb.querysets import ScopedQuerySet


class RoleQuerySet(ScopedQuerySet):
    """Roles; fixtures point at them by their key, as their numbers differ between installations."""

    def get_by_natural_key(self, slug: str) -> "Role":
        return cast("Role", self.get(slug=slug))

    def with_people_count(self) -> Self:
        """Each with `people_count`: how many active people have it."""
        return self.annotate(people_count=Count("people", filter=Q(people__is_active=True)))


class Role(Record):
    """What a person may do and see; a row that an admin edits as a matrix."""

    module = "people.role"

    class Home(models.TextChoices):
        COMPANY = "company", _("Whole company")
        SALES = "sales", _("Sales")
        MARKETING = "marketing", _("Marketing")
        SUPPORT = "support", _("Support")

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("key"), max_length=60, unique=True, editable=False)
    description = models.CharField(_("description"), max_length=200, blank=True)
    home = models.CharField(_("home page"), max_length=20, choices=Home, default=Home.SALES)
    api_calls_per_hour = models.PositiveIntegerField(_("API calls per hour"), default=1000)
    mfa_required = models.BooleanField(_("second factor is compulsory"), default=False)
    # Ships with the product: may be edited, not deleted.
    shipped = models.BooleanField(default=False, editable=False)
    # Runs the installation: Django admin, and there is always one active person in it.
    is_admin = models.BooleanField(_("administrator"), default=False)

    objects = RoleQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("people:role_edit", args=[self.pk])


class Grant(models.Model):
    """One cell of the matrix: this role may do this action on this module, this far."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    module = models.CharField(max_length=60)
    action = models.CharField(max_length=10, choices=list(ACTION_LABELS.items()))
    scope = models.CharField(max_length=4, choices=list(SCOPE_LABELS.items()))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["role", "module", "action"], name="one_grant_a_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.module} {self.action} ({self.scope})"


class KnownModule(models.Model):
    """A module whose default grants were given once; what an admin took away stays away."""

    key = models.CharField(max_length=60, primary_key=True)

    class Meta:
        verbose_name = _("known module")
        verbose_name_plural = _("known modules")

    def __str__(self) -> str:
        return self.key
