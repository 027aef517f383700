"""Verbs of custom fields; their values: crm/services/custom_value.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import CustomField
from crm.models.custom_field import KEY_LENGTH, MOST_FIELDS, clean_choices, key_from
from crm.services.custom_value import used_choices
from digiweb.audit import record
from digiweb.changes import change_record, create_record
from digiweb.jobs import enqueue, function_at
from digiweb.models import StaleVersion

State = CustomField.State


@transaction.atomic
def create_field(*, user: Any, field: CustomField) -> CustomField:
    """Save a new field, last of its kind of record; its key is made from its label, once and for all.

    Raises ValidationError for a choice without choices, and beyond MOST_FIELDS.
    """
    present = list(CustomField.objects.select_for_update().filter(subject=field.subject).order_by("pk"))
    if sum(1 for one in present if one.state != State.DELETED) >= MOST_FIELDS:
        raise ValidationError(
            _("At most %(count)s custom fields for one kind of record.") % {"count": MOST_FIELDS}
        )
    field.clean()
    field.choices = clean_choices(field.choices, []) if field.kind == CustomField.Kind.CHOICE else []
    _require_choices(field.kind, field.choices)
    # Keys of fields whose values are still being taken off are not given again.
    field.key = _free_key(field.label, {one.key for one in present})
    field.position = max((one.position for one in present), default=0) + 1
    return create_record(user=user, obj=field)


def _free_key(label: str, taken: set[str]) -> str:
    base = key_from(label)
    key, again = base, 2
    while key in taken:
        key, again = f"{base[: KEY_LENGTH - 4]}-{again}", again + 1
    return key


@transaction.atomic
def change_field(
    *, user: Any, field: CustomField, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a field; kind of record and kind of value stay what they are.

    A choice that records have is kept as gone, so that they still say what it is. Raises StaleVersion,
    ValidationError.
    """
    current = CustomField.objects.select_for_update().get(pk=field.pk)
    if version is not None and current.version != version:
        raise StaleVersion(current)
    fixed = {
        name
        for name in ("subject", "kind")
        if values.get(name, getattr(current, name)) != getattr(current, name)
    }
    if fixed:
        raise ValidationError(
            {name: _("This stays what it is: records have values of it.") for name in fixed}
        )
    values = {name: value for name, value in values.items() if name not in ("subject", "kind")}
    if "label" in values:
        values["label"] = " ".join(str(values["label"]).split())
    if "choices" in values:
        values["choices"] = _with_used(current, values["choices"])
    return change_record(user=user, obj=field, values=values, version=version)


def _with_used(field: CustomField, given: Any) -> list[dict[str, Any]]:
    if field.kind != CustomField.Kind.CHOICE:
        return []
    choices = clean_choices(given, field.choices)
    _require_choices(field.kind, choices)
    used = used_choices(field) if any(choice.get("gone") for choice in choices) else set()
    return [choice for choice in choices if not choice.get("gone") or choice["key"] in used]


def _require_choices(kind: str, choices: Sequence[Mapping[str, Any]]) -> None:
    if kind == CustomField.Kind.CHOICE and not any(not choice.get("gone") for choice in choices):
        raise ValidationError({"choices": _("Give at least one choice.")})


@transaction.atomic
def set_archived(*, user: Any, field: CustomField, archived: bool) -> None:
    """Take a field out of forms and lists, or back into them; its values stay."""
    state = State.ARCHIVED if archived else State.ACTIVE
    action = "field_archived" if archived else "field_unarchived"
    change_record(user=user, obj=field, values={"state": state}, action=action)


@transaction.atomic
def order_fields(*, user: Any, subject: str, pks: Sequence[int]) -> None:
    """Put the fields of a kind of record in this order; those left out come after, in theirs."""
    fields = list(
        CustomField.objects.select_for_update()
        .filter(subject=subject)
        .exclude(state=State.DELETED)
        .order_by("position", "pk")
    )
    wanted = {pk: place for place, pk in enumerate(pks)}
    before = [field.pk for field in fields]
    fields.sort(key=lambda field: wanted.get(field.pk, len(wanted)))
    if [field.pk for field in fields] == before:
        return
    for place, field in enumerate(fields, start=1):
        field.position = place
    CustomField.objects.bulk_update(fields, ["position"])
    names = ", ".join(field.label for field in fields)
    record(user=user, action="fields_ordered", data={"subject": subject, "order": names[:2000]})


@transaction.atomic
def delete_field(*, user: Any, field: CustomField) -> None:
    """A field and all its values, for good: gone at once for everybody, off the records by a job."""
    current = CustomField.objects.select_for_update().get(pk=field.pk)
    if current.state == State.DELETED:
        return
    record(user=user, action="deleted", obj=current, changes={"label": [current.label, None]})
    CustomField.objects.filter(pk=current.pk).update(state=State.DELETED)
    enqueue(
        function_at("crm.jobs.forget_custom_field"),
        user=user,
        label=_("Values of the deleted field “%(field)s”") % {"field": current.label},
        key=f"custom-field-{current.pk}",
        field_id=current.pk,
    )
