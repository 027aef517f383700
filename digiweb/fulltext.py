"""Text search: full-text index on MySQL/MariaDB, LIKE on SQLite, the same words for both.

Each searchable row has one `search_text` column: its words without accents and in lower case, and
every suffix of its phone numbers, so that any piece of a number is the beginning of some word.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement

WORD = re.compile(r"\w+")
MAX_WORDS = 8
# What InnoDB indexes: `make test` and docs/installation.md set innodb_ft_min_token_size to 2.
MIN_WORD = 2


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


def match_query(text: str) -> str:
    """The boolean-mode query for MATCH … AGAINST; operators typed by the person never reach it."""
    return " ".join(f"+{word}*" for word in words_of(text))


def like_terms(text: str) -> list[str]:
    """The LIKE patterns that find the same rows where there is no full-text index."""
    return [f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%" for word in words_of(text)]


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
