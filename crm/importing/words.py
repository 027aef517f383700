"""Titles of columns and labels, brought to plain lower-case words so that they can be compared."""

import re
import unicodedata

_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^a-z0-9]+")


def normalise_words(text: str) -> str:
    """ "E-mail 1 - Value" is "e mail 1 value", "Prénom*" is "prenom"."""
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).replace("œ", "oe").replace("Œ", "oe")
    return _WORD.sub(" ", text.lower()).strip()
