"""Names of towns as people write them, in the one form that is compared."""

import re

from digiweb.fulltext import fold

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
# What mail needs and names do not have: « Lyon Cedex 03 », « BP 12 Lyon », « Paris 15e arr. ».
_MAIL = re.compile(r"\bcedex\b.*|\b(?:bp|cs|tsa)\s*\d+")
_NUMBER = re.compile(r"\b\d+\s*(?:er|nd|e|eme)?\b(?:\s*arr\w*)?")
_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
# Words by which no town is known.
_SMALL = frozenset(
    re.findall(r"\w+", "le la les l d de du des en et sur sous aux au saint sainte saints saintes")
)


def plain(name: str) -> str:
    """`St-Étienne-s/-Lignon CEDEX 2` and `SAINT ETIENNE SUR LIGNON` are one town."""
    text = fold(name.translate(_LIGATURES)).replace("s/", " sur ")
    text = _NUMBER.sub(" ", _MAIL.sub(" ", text))
    return " ".join(_SHORT.get(word, word) for word in re.findall(r"[a-z]+", text))


def telling(name: str) -> frozenset[str]:
    """Of a plain name, the words by which the town is known: without articles, prepositions, saints."""
    return frozenset(name.split()) - _SMALL
