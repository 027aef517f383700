"""How a person likes their lists."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet):
    """Saved views: one's own, and those that colleagues share."""

    def offered_to(self, user: Any, list_key: str) -> "SavedViewQuerySet":
        return self.filter(Q(owner=user) | Q(shared=True), list_key=list_key)


class SavedView(models.Model):
    """A named state of a list: its filters, sort and mode, as the query string that shows it."""

    list_key = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(_("shared with colleagues"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list_key", "name"], name="one_saved_view_a_name"),
        ]
        indexes = [models.Index(fields=["list_key", "shared"], name="people_savedview_offered")]

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """A person's columns and density on one list, and the view they saw last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_preferences")
    list_key = models.CharField(max_length=60)
    columns = models.JSONField(default=list, blank=True)
    density = models.CharField(max_length=12, default="comfortable")
    last_query = models.CharField(max_length=2000, blank=True)

    class Meta:
        verbose_name = _("list preference")
        verbose_name_plural = _("list preferences")
        constraints = [
            models.UniqueConstraint(fields=["user", "list_key"], name="one_preference_a_list"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.list_key}"
