"""Text search: full-text index on MySQL/MariaDB, LIKE on SQLite, the same words for both.

Each searchable row has one `search_text` column: its words without accents and in lower case, and
every suffix of its phone numbers, so that any piece of a number is the beginning of some word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.backends.ddl_references import Statement

WORD = re.compile(r"\w+")
MAX_WORDS = 8
# What InnoDB indexes: `make test` and docs/installation.md set innodb_ft_min_token_size to 2.
MIN_WORD = 2
# A word is frequent when more than so many of the newest rows have it; frequent words meet often when
# more than so many rows have all of them.
SAMPLE, FREQUENT, MEETING = 1000, 0.02, 0.01


def fold(text: str) -> str:
    """Lower case without accents: `Lefèvre` and `LEFEVRE` are one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def words_of(text: str) -> list[str]:
    """The searchable words of a text a person typed, at most eight."""
    return [word for word in WORD.findall(fold(text)) if len(word) >= MIN_WORD][:MAX_WORDS]


def search_text(parts: Iterable[str], extra: Iterable[str] = ()) -> str:
    """The content of a `search_text` column: each different word once, in order."""
    words: dict[str, None] = {}
    for part in parts:
        if part:
            words.update(dict.fromkeys(WORD.findall(fold(part))))
    words.update(dict.fromkeys(extra))
    return " ".join(words)


@dataclass(frozen=True)
class WordSearch:
    """How to look for words: `indexed` through the full-text index, `scanned` in the rows themselves."""

    indexed: tuple[str, ...]
    scanned: tuple[str, ...] = ()

    @property
    def broad(self) -> bool:
        """Whether the words are so frequent that rows are read in the order of the list instead."""
        return bool(self.scanned) and not self.indexed

    @property
    def empty(self) -> bool:
        return not (self.indexed or self.scanned)


def match_query(words: Iterable[str]) -> str:
    """The boolean-mode query for MATCH … AGAINST; operators typed by the person never reach it."""
    return " ".join(f"+{word}*" for word in words)


def like_term(word: str) -> str:
    """The LIKE pattern that finds a beginning of a word in ` ` + text."""
    return f"% {word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"


def searched(queryset: models.QuerySet, text: str) -> models.QuerySet:
    """The rows of `queryset` in which every word of `text` begins some word."""
    return queryset.filter(search_text__words=plan_search(queryset.model, text))


def plan_search(model: type[models.Model], text: str) -> WordSearch:
    """Decide how to look for a text, by the words' share of the newest rows.

    The index reads every hit of every word before anything else: four seconds for a word that all of a
    million rows have, where the first fifty rows of the list do as well. So frequent words are looked
    for in the rows, and when all are frequent and meet often, the list is read in its own order.
    """
    words = tuple(dict.fromkeys(words_of(text)))
    if not words or connection.vendor != "mysql":
        return WordSearch(words)
    hits, together, size = _sample(model, words)
    frequent = [word for word in words if hits[word] > size * FREQUENT]
    if len(frequent) == len(words):
        if together > size * MEETING:
            return WordSearch((), words)
        frequent.remove(min(words, key=lambda word: hits[word]))
    return WordSearch(tuple(word for word in words if word not in frequent), tuple(frequent))


def _sample(model: type[models.Model], words: Sequence[str]) -> tuple[dict[str, int], int, int]:
    """How many of the newest rows have each word, how many have all, how many were looked at.

    Looked at here: LIKE takes twice as long over the same texts.
    """
    newest = model._default_manager.order_by("-pk").values_list("search_text", flat=True)
    texts = [f" {text}" for text in newest[:SAMPLE]]
    beginnings = [f" {word}" for word in words]
    hits = {word: sum(f" {word}" in text for text in texts) for word in words}
    together = sum(all(beginning in text for beginning in beginnings) for text in texts)
    return hits, together, len(texts)


class FullTextIndex(models.Index):
    """CREATE FULLTEXT INDEX on MySQL and MariaDB; elsewhere a statement that does nothing, since
    the schema editor runs whatever it is given.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        if schema_editor.connection.vendor != "mysql":
            # Django executes whatever comes back: a statement that does nothing.
            return Statement("SELECT 1")
        statement: Any = super().create_sql(model, schema_editor, using="", **kwargs)
        statement.template = statement.template.replace("CREATE INDEX", "CREATE FULLTEXT INDEX")
        return statement

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        if schema_editor.connection.vendor != "mysql":
            return Statement("SELECT 1")
        return super().remove_sql(model, schema_editor, **kwargs)
