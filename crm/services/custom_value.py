"""Values of custom fields: the tables by which records are found follow what the records hold.

All who write records come through here: the verbs by `digiweb.changes`, the bin and merges by
`settle_values`, imports and the demo by `index_values`. `rebuild_values` puts right what anything else left
behind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models, transaction

from crm.models import Company, CompanyValue, Contact, ContactValue, CustomField, Deal, DealValue

TABLES: dict[type[models.Model], Any] = {Contact: ContactValue, Company: CompanyValue, Deal: DealValue}
BATCH = 1000
# So many records are named one by one to the list that they narrow.
FEW = 1000
Book = Mapping[str, CustomField]
# (field, word, number, day)
Row = tuple[int, Any, Any, Any]


def book_for(model: type[models.Model]) -> dict[str, CustomField]:
    """{key: field} of a kind of record, archived ones too, in their order; a query."""
    return {field.key: field for field in fields_of(model._meta.label_lower)}


def fields_of(subject: str) -> list[CustomField]:
    """The fields of a kind of record that are not deleted, in their order."""
    rows = CustomField.objects.filter(subject=subject).exclude(state=CustomField.State.DELETED)
    return list(rows.order_by("position", "id"))


def row_of(field: CustomField, value: Any) -> Row:
    """A value as a row of the table by which it is found."""
    match field.kind:
        case CustomField.Kind.NUMBER:
            return (field.pk, None, field.typed(value), None)
        case CustomField.Kind.DATE:
            return (field.pk, None, None, field.typed(value))
        case CustomField.Kind.YES_NO:
            return (field.pk, "1" if value else "0", None, None)
        case _:
            return (field.pk, value, None, None)


def rows_of(custom: Mapping[str, Any] | None, book: Book) -> list[Row]:
    """All rows of a record with these values; what no field takes has none."""
    return [
        row_of(field, value)
        for key, value in (custom or {}).items()
        if (field := book.get(key)) is not None and field.accepts(value)
    ]


def kept_rows_of(custom: Mapping[str, Any], book: Book) -> list[Row]:
    """The same with numbers and days as text, as drivers take them."""
    return [
        (field, word, None if number is None else str(number), None if day is None else day.isoformat())
        for field, word, number, day in rows_of(custom, book)
    ]


def link_of(table: Any) -> str:
    """The column of a table of values that names the record: `contact_id`."""
    return f"{table.carries_of}_id"


def index_values(records: Sequence[Any], book: Book | None = None, *, thorough: bool = False) -> int:
    """Bring the rows of locked records in line with their values; returns how many rows were wrong.

    Rows of fields that are not in `book` are left to the job that takes a deleted field's values off, unless
    asked to be `thorough`.
    """
    if not records:
        return 0
    model = type(records[0])
    table = TABLES[model]
    link = link_of(table)
    known = book_for(model) if book is None else book
    wanted = {(record.pk, row[0]): row for record in records for row in rows_of(record.custom, known)}
    ours = {field.pk for field in known.values()}
    stale: list[int] = []
    present = table.objects.filter(**{f"{link}__in": [record.pk for record in records]})
    for pk, record, *row in present.values_list("pk", link, "field_id", "word", "number", "day"):
        if wanted.get((record, row[0])) == tuple(row):
            del wanted[record, row[0]]
        elif thorough or row[0] in ours:
            stale.append(pk)
    if stale:
        table.objects.filter(pk__in=stale).delete()
    new = [
        table(**{link: record, "field_id": field, "word": word, "number": number, "day": day})
        for (record, field), (_field, word, number, day) in sorted(wanted.items(), key=lambda one: one[0])
    ]
    table.objects.bulk_create(new, batch_size=BATCH)
    return len(stale) + len(new)


def few_with(model: type[models.Model], field: CustomField, **conditions: Any) -> list[int] | None:
    """The records whose value is so, if they are at most FEW; read from the index of the field alone."""
    table = TABLES[model]
    rows = table.objects.filter(field_id=field.pk, **conditions).order_by()
    found = list(rows.values_list(link_of(table), flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None


def without_value(
    queryset: models.QuerySet, field: CustomField, *, besides: Sequence[str] = ()
) -> models.QuerySet:
    """Those of `queryset` that have no value of a field, or one of the words in `besides`."""
    table = TABLES[queryset.model]
    own = table.objects.filter(**{link_of(table): models.OuterRef("pk")}, field_id=field.pk)
    return queryset.filter(~models.Exists(own.exclude(word__in=besides) if besides else own))


def settle_values(records: Sequence[Any]) -> None:
    """Records that came back as they once were lose what no field takes any more, and are found again."""
    records = [record for record in records if record.custom]
    if records:
        book = book_for(type(records[0]))
        _strip(records, book)
        index_values(records, book, thorough=True)


def _strip(records: Sequence[Any], book: Book) -> None:
    """Take off what is no value of a field."""
    for record in records:
        held = record.custom or {}
        kept = {key: value for key, value in held.items() if key in book and book[key].accepts(value)}
        if kept != held:
            record.custom = kept or None
            type(record)._default_manager.filter(pk=record.pk).update(custom=record.custom)


# --- Putting right


def rebuild_values(model: type[models.Model]) -> int:
    """Compare all records with their rows, batch by batch; returns how many rows were wrong."""
    # Those of a deleted field that is still on its way are its job's.
    fields = CustomField.objects.filter(subject=model._meta.label_lower)
    book = {field.key: field for field in fields}
    wrong = 0
    for pks in _batches(model):
        with transaction.atomic():
            rows: Any = model._default_manager.select_for_update().filter(pk__in=pks).order_by("pk")
            records = list(rows.only("pk", "custom"))
            _strip(records, book)
            wrong += index_values(records, book, thorough=True)
    return wrong


def _batches(model: type[models.Model]) -> Iterator[list[int]]:
    """The records that have values or rows, by number."""
    table = TABLES[model]
    link = link_of(table)
    last = 0
    records = model._default_manager.exclude(custom=None).order_by("pk")
    while True:
        some = list(records.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH])
        top = some[-1] if len(some) == BATCH else None
        rows = table.objects.filter(**{f"{link}__gt": last})
        if top is not None:
            rows = rows.filter(**{f"{link}__lte": top})
        found = sorted({*some, *rows.values_list(link, flat=True).distinct()})
        if found:
            yield found
        if top is None:
            return
        last = top


def forget_values(field: CustomField, progress: Any = None) -> int:
    """Take the values of a deleted field off its records, batch by batch; returns how many lost one.

    Killed at any line and called again, it goes on: what is still there is still to do.
    """
    model = next(each for each in TABLES if each._meta.label_lower == field.subject)
    table = TABLES[model]
    link = link_of(table)
    done = 0
    total = table.objects.filter(field_id=field.pk).count()
    while True:
        with transaction.atomic():
            rows = table.objects.filter(field_id=field.pk).order_by("pk")
            found = dict(rows.values_list("pk", link)[:BATCH])
            if not found:
                return done
            locked: Any = model._default_manager.select_for_update().filter(pk__in=found.values())
            records = list(locked.order_by("pk").only("pk", "custom"))
            for record in records:
                kept = {key: value for key, value in (record.custom or {}).items() if key != field.key}
                record.custom = kept or None
            model._default_manager.bulk_update(records, ["custom"], batch_size=BATCH)
            table.objects.filter(pk__in=found).delete()
            done += len(found)
            if progress is not None:
                progress.set(done, max(total, done))


def count_values(fields: Iterable[CustomField]) -> dict[int, int]:
    """{field: how many records have a value of it}; a query a kind of record."""
    counts: dict[int, int] = {}
    by_subject: dict[str, list[int]] = {}
    for field in fields:
        by_subject.setdefault(field.subject, []).append(field.pk)
    for model, table in TABLES.items():
        pks = by_subject.get(model._meta.label_lower)
        if pks:
            rows = table.objects.filter(field_id__in=pks).order_by().values_list("field_id")
            counts |= dict(rows.annotate(number=models.Count("pk")))
    return counts


def used_choices(field: CustomField) -> set[str]:
    """The keys of choices that some record has."""
    table = TABLES[next(each for each in TABLES if each._meta.label_lower == field.subject)]
    return set(table.objects.filter(field_id=field.pk).values_list("word", flat=True).distinct())
