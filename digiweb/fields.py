"""Model fields of the house."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.fulltext import WordSearch, like_term, match_query, words_of

# Beyond, Python and the databases no longer agree on what a day is.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def validate_day(day: date) -> None:
    """Of a date or a moment: a day on which something can happen."""
    if not FIRST_DAY.year <= day.year <= LAST_DAY.year:
        text = _("This day is out of reach: choose one between %(first)s and %(last)s.")
        years = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
        raise ValidationError(text, code="out_of_reach", params=years)


class DerivedMixin:
    """A column computed from the row on every write, bulk_create included.

    `source` names a method of the model that returns the value. With `save(update_fields=…)` the
    column must be named too; services do.
    """

    source: str

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = getattr(instance, self.source)()
        setattr(instance, self.attname, value)  # type: ignore[attr-defined]
        return value


class DerivedCharField(DerivedMixin, models.CharField):
    """A short derived text, such as the key of a sort."""


class DerivedIntegerField(DerivedMixin, models.PositiveSmallIntegerField):
    """A small derived number, such as a score of 0–100."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", 0)
        super().__init__(*args, **kwargs)


class DerivedDateField(DerivedMixin, models.DateField):
    """A derived day, such as the key of a sort by a date that may be missing; give its `default`."""


class DerivedOwnerField(DerivedMixin, models.BigIntegerField):
    """The number of the owner of the record that this one hangs on; NULL where nobody owns that.

    The model carries it (digiweb/carriers.py): whoever changes the owner there has it changed here.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", None)
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)


class SearchTextField(DerivedMixin, models.TextField):
    """The words by which a row is found; see `digiweb.fulltext`."""


class EmailKeyField(models.EmailField):
    """An e-mail address kept in one form (trimmed, lower case), so that equal means the same."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value.strip().lower() if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.strip().lower() if isinstance(value, str) else value

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = self.to_python(getattr(instance, self.attname))
        setattr(instance, self.attname, value)
        return value


@SearchTextField.register_lookup
class Words(models.Lookup):
    """`search_text__words="dup 0612"`: every word begins some word of the row.

    The value is a text, or a `WordSearch` that says which words go through the index
    (`digiweb.fulltext.searched` plans it).
    """

    lookup_name = "words"
    prepare_rhs = False

    @property
    def search(self) -> WordSearch:
        return self.rhs if isinstance(self.rhs, WordSearch) else WordSearch(tuple(words_of(self.rhs)))

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        words = (*self.search.indexed, *self.search.scanned)
        return self._scan(compiler, connection, words) if words else ("1 = 0", [])

    def as_mysql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if self.search.empty:
            return "1 = 0", []
        column, params = self.process_lhs(compiler, connection)
        clauses: list[str] = []
        values: list[Any] = []
        if self.search.indexed:
            clauses.append(f"MATCH({column}) AGAINST (%s IN BOOLEAN MODE)")
            values += [*params, match_query(self.search.indexed)]
        if self.search.scanned:
            clause, more = self._scan(compiler, connection, self.search.scanned)
            clauses.append(clause)
            values += more
        return f"({' AND '.join(clauses)})", values

    def _scan(self, compiler: Any, connection: Any, words: tuple[str, ...]) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        spaced = f"CONCAT(' ', {column})" if connection.vendor == "mysql" else f"(' ' || {column})"
        clause = " AND ".join([f"{spaced} LIKE %s ESCAPE '!'"] * len(words))
        return f"({clause})", [value for word in words for value in (*params, like_term(word))]


@models.CharField.register_lookup
class Same(models.lookups.Exact):
    """`city__same="evian"`: equal but for case and accents, by the column's index.

    The collation of MariaDB's columns sees to it, whereas `iexact` becomes a LIKE, which no index serves
    in order. SQLite compares as `iexact` does there.
    """

    lookup_name = "same"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return f"= {rhs}"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return models.lookups.IExact(self.lhs, self.rhs).as_sql(compiler, connection)
