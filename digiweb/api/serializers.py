"""How records look in JSON, and how JSON becomes a valid form.

A serializer says which fields there are and of which type; the rules are those of the entity's form
(`Meta.form`), which is bound to what was sent. Page and API therefore refuse the same things, with
the same words, and choices are within the same sight.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.fields import SkipField, empty

from digiweb.api.errors import WHOLE, form_errors, told_by_key
from digiweb.custom import COLUMN, PREFIX
from digiweb.forms import RecordForm
from timeline.services.subject import read_subject

MAX_ID = 2**63 - 1
MAX_VERSION = 2**31 - 1
# A hundred thousand wrong names are not sent back.
TOLD_UNKNOWN = 20
# Their stored value is their JSON value.
PLAIN = (
    serializers.CharField,
    serializers.EmailField,
    serializers.URLField,
    serializers.IntegerField,
    serializers.BooleanField,
    serializers.ChoiceField,
    serializers.JSONField,
)
# Their choices cost a query each, and rules between fields do not ask for them.
LINKS = (forms.ModelChoiceField, forms.FileField)


class IdField(serializers.IntegerField):
    """The id of another record; null for none. Whether it may be chosen, the form says."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_ID, **kwargs})


class IdsField(serializers.ListField):
    """The ids of other records."""

    child = serializers.IntegerField(min_value=1, max_value=MAX_ID)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})

    def to_representation(self, value: Any) -> list[int]:
        return [record.pk for record in value.all()]


class LabelField(serializers.CharField):
    """What another record is called, beside its id; empty for none. `source` names the link."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"read_only": True, **kwargs})


class MomentField(serializers.DateTimeField):
    """A moment in UTC: `2026-11-21T08:30:00Z`."""

    def to_internal_value(self, value: Any) -> Any:
        try:
            return super().to_internal_value(value)
        except OverflowError:  # the first or the last day there is, told in another zone
            raise ValidationError(_("This day is out of reach.")) from None

    def to_representation(self, value: Any) -> Any:
        return moment_text(value)


def moment_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    text = value.astimezone(UTC).isoformat()
    return f"{text[:-6]}Z"


def unknown_fields(data: Mapping[str, Any], known: Container[str]) -> dict[str, Any]:
    """What is wrong with names that nobody knows; the first of them, however many there are."""
    unknown = (name for name in data if name not in known)
    return {name[:60]: [_("There is no such field.")] for name in islice(unknown, TOLD_UNKNOWN)}


class AskedSerializer(serializers.Serializer):
    """What an action takes; a field that it does not know is refused, as those of records are."""

    # What a reader gets and may send back; it is not looked at.
    ignored: frozenset[str] = frozenset()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            if self.parent is not None:  # a part of the body: told beside its name
                return super().to_internal_value(data)  # type: ignore[no-any-return]
            raise ParseError(_("The body is to be a JSON object."))
        unknown = unknown_fields(data, self.ignored.union(self.fields))
        try:
            given: dict[str, Any] = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**unknown, **error.detail}) from None  # type: ignore[dict-item]
        if unknown:
            raise ValidationError(unknown)
        return given


def asked(serializer_class: type[AskedSerializer], request: Any) -> dict[str, Any]:
    """What was sent, valid; raises ValidationError with all that is wrong."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    given: dict[str, Any] = serializer.validated_data
    return given


class SubjectField(serializers.CharField):
    """A record of any kind: `crm.contact:12`, read as kind and number; null for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 100, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        text = super().run_validation(data)
        try:
            return read_subject(text) if isinstance(text, str) else text
        except DjangoValidationError as error:
            raise ValidationError(error.messages) from None


class RecordSerializer(serializers.ModelSerializer):
    """Base of every serializer; `Meta` names model, form, fields and an example."""

    # How many times the record was changed: sent back with a change, it keeps two people apart.
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_VERSION,
        help_text=gettext_lazy("Sent with a change: refused (409) when the record has changed since."),
    )
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        **{
            field: MomentField
            for field, kind in serializers.ModelSerializer.serializer_field_mapping.items()
            if kind is serializers.DateTimeField
        },
    }
    # Set by validation: the form, valid, with what was sent.
    form: RecordForm

    # --- Fields out of the model: types only

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, kwargs = super().build_standard_field(field_name, model_field)
        kwargs.pop("validators", None)
        form: Any = getattr(self.Meta, "form", None)  # type: ignore[attr-defined]
        field: Any = form.base_fields.get(field_name) if form else None
        if getattr(field, "max_length", None) and "max_length" in kwargs:
            kwargs["max_length"] = field.max_length  # people type blanks that are not kept
        return kind, kwargs

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        if relation_info.to_many:
            return IdsField, {"required": False}
        nullable = relation_info.model_field.null
        return IdField, {"source": f"{field_name}_id", "allow_null": nullable, "required": not nullable}

    def get_validators(self) -> list[Any]:
        """Uniqueness, too, is the form's affair."""
        return []

    # --- Out: a list of fifty costs as much as its attributes

    @classmethod
    def represent(cls, record: Any) -> dict[str, Any]:
        """The JSON of a record; what it says depends on nothing but the record."""
        return {name: read(record) for name, read in plan_of(cls).readers}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.represent(instance)

    # --- In: types here, rules in the form

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise ParseError(_("The body is to be a JSON object."))
        errors = unknown_fields(data, self.fields)
        given: dict[str, Any] = {}
        for field in self._writable_fields:
            name = str(field.field_name)
            try:
                given[name] = field.run_validation(field.get_value(data))
            except SkipField:
                pass
            except ValidationError as error:
                errors[name] = error.detail
            except OverflowError:  # the first or the last day there is, told in another zone
                errors[name] = [_("This day is out of reach.")]
        custom = given.pop(COLUMN, None) or {}
        # What was read can be sent back: values of archived fields too, as long as they are the same.
        present = getattr(self.instance, COLUMN, None) or {}
        same = {key for key, value in custom.items() if key in present and present[key] == value}
        given |= {f"{PREFIX}{key}": value for key, value in custom.items()}
        form = self.build_form(given, settled=errors)
        errors = told_by_key(form_errors(form.errors)) | errors
        unknown = [key for key in custom if f"{PREFIX}{key}" not in form.fields and key not in same]
        for key in unknown[:20]:
            errors[f"custom.{key[:60]}"] = [_("There is no such field.")]
        if errors:
            raise ValidationError(errors)
        self.form = form
        return given

    def build_form(self, given: Mapping[str, Any], settled: Mapping[str, Any]) -> RecordForm:
        """The entity's form, cleaned, with its errors on what was sent and on the whole.

        What was not sent stays as it is (or as a new record begins) and is not checked again:
        `cleaned_data` then holds only what was sent. `settled` are fields already refused.
        """
        meta: Any = self.Meta  # type: ignore[attr-defined]
        model, form_class = meta.model, meta.form
        instance = self.instance or model()
        form = form_class(instance=instance, user=self.context["request"].user)
        new = self.instance is None
        kept: dict[str, Any] = {}
        for name, field in list(form.fields.items()):
            if name in given:
                kept[name] = given[name]
            elif not new and name != "version" and (isinstance(field, LINKS) or name not in self.fields):
                del form.fields[name]
            else:
                kept[name] = _begins_with(form, name)
        if not new:
            kept["version"] = instance.version
        form.data, form.is_bound = kept, True
        form.full_clean()
        if not new:
            for name in [name for name in form.errors if name not in (*WHOLE, *given)]:
                del form.errors[name]
            sent = {*given, "version"}
            form.cleaned_data = {name: value for name, value in form.cleaned_data.items() if name in sent}
        # A rule between fields is judged once each of them can be read.
        for name in (*settled, *WHOLE) if settled else ():
            form.errors.pop(name, None)
        return form  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Plan:
    """How a serializer reads a record: worked out once, as building its fields costs more than reading."""

    readers: list[tuple[str, Callable[[Any], Any]]]
    # The columns that they read.
    columns: list[str]


@cache
def plan_of(serializer_class: type[RecordSerializer]) -> Plan:
    serializer = serializer_class(context={})
    fields = list(serializer._readable_fields)
    meta: Any = serializer.Meta
    concrete = {name: f.name for f in meta.model._meta.concrete_fields for name in (f.name, f.attname)}
    sources = [str(field.source).split(".")[0] for field in fields]
    columns = sorted({concrete[source] for source in sources if source in concrete})
    return Plan([(str(field.field_name), _reader(field)) for field in fields], columns)


def _begins_with(form: Any, name: str) -> Any:
    """The value of a field that was not sent: the record's, or what the form proposes."""
    value = form.initial.get(name)
    return form.fields[name].initial if value in (None, "", []) else value


def _reader(field: Any) -> Callable[[Any], Any]:
    source = field.source
    if isinstance(field, LabelField):
        return lambda obj: str(related) if (related := getattr(obj, source)) is not None else ""
    if isinstance(field, MomentField):
        return lambda obj: moment_text(getattr(obj, source))
    if isinstance(field, IdsField):
        return lambda obj: [record.pk for record in getattr(obj, source).all()]
    if (type(field) in PLAIN or isinstance(field, IdField)) and "." not in source and source != "*":
        return attrgetter(source)

    def read(obj: Any) -> Any:
        value = field.get_attribute(obj)
        return None if value is None else field.to_representation(value)

    return read
