"""A name written in one cell, split into first and last."""

import re

_TITLE = re.compile(r"(?:m|mr|mrs|ms|mme|mlle|monsieur|madame|mademoiselle|dr|docteur|prof)\.?\s+", re.I)


def split_name(text: str) -> tuple[str, str]:
    """First and last: "Jean de La Tour", "DE LA TOUR Jean", "de La Tour, Jean". One word is a last name."""
    name = " ".join(text.split())
    titled = _TITLE.match(name)
    if titled and len(name) > titled.end():
        name = name[titled.end() :]
    if name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        if first and last:
            return first, last
    words = name.split(" ")
    if len(words) == 1:
        return "", name
    capitals = [_is_capitals(word) for word in words]
    if any(capitals) and not all(capitals):
        # In France the last name is the one in capitals, wherever it stands.
        last = " ".join(word for word, upper in zip(words, capitals, strict=True) if upper)
        first = " ".join(word for word, upper in zip(words, capitals, strict=True) if not upper)
        if capitals in (sorted(capitals), sorted(capitals, reverse=True)):
            return first, last
    return words[0], " ".join(words[1:])


def _is_capitals(word: str) -> bool:
    return len(word) > 1 and word.isupper() and not word.endswith(".")
