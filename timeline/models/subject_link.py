"""The record that a row names by kind and number, as an attribute that can be prefetched."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import models


class SubjectLink:
    """`record = SubjectLink()`: None where the record is gone. Prefetched, it is one query a kind."""

    name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        if not self.is_cached(instance):
            models.prefetch_related_objects([instance], self.name)
        return instance._state.fields_cache[self.name]

    # --- What prefetching asks of a descriptor (django.db.models.query.get_prefetcher)

    def is_cached(self, instance: Any) -> bool:
        return self.name in instance._state.fields_cache

    def get_prefetch_querysets(self, instances: Sequence[Any], querysets: Any = None) -> tuple[Any, ...]:
        wanted: dict[str, set[int]] = {}
        for instance in instances:
            wanted.setdefault(instance.subject_type, set()).add(instance.subject_id)
        found: list[models.Model] = []
        for kind, pks in wanted.items():
            try:
                model: Any = apps.get_model(kind)
            except (LookupError, ValueError):  # its module was removed since
                continue
            found += model._default_manager.filter(pk__in=pks)
        return (
            found,
            lambda record: (record._meta.label_lower, record.pk),
            lambda instance: (instance.subject_type, instance.subject_id),
            True,
            self.name,
            False,
        )
