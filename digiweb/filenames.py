"""Names of files as people may see them: no path, nothing invisible, nothing that turns the text around."""

import re
import unicodedata

LONGEST = 180
# Not allowed in a name on some system, or with a meaning of its own there.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_BLANKS = re.compile(r"\s+")
# Zero-width joiners are part of some scripts' words and of emoji.
_JOINERS = "\u200c\u200d"


def clean_file_name(name: str, fallback: str = "document") -> str:
    """A name without folders, control characters and direction marks, of at most 180 characters.

    "..\\..\\factu\u202efdp.exe" becomes "factufdp.exe": what one reads is what it is.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).rpartition("/")[2]
    kept = "".join(
        char for char in name if char in _JOINERS or unicodedata.category(char)[0] != "C" or char in "\t\n"
    )
    kept = _BLANKS.sub(" ", _FORBIDDEN.sub("-", kept)).strip(" .")
    return shorten(kept) or fallback


def shorten(name: str, longest: int = LONGEST) -> str:
    """The name cut in its stem, so that the ending stays."""
    if len(name) <= longest:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 12:
        return name[:longest].rstrip(" .")
    return f"{stem[: longest - len(ending) - 1].rstrip(' .')}.{ending}"
