"""A client's identity card, any JSON that another system sent, as lines that a person reads."""

from typing import Any

from django.utils.translation import gettext as _

# What is deeper or longer is cut: nobody reads it here, and a page must stay a page.
DEPTH, LINES, LENGTH = 5, 60, 300
# So many lines are shown open.
OPEN = 8


def card_lines(card: Any, depth: int = 0) -> list[dict[str, Any]]:
    """[{label, text}] or, for what is nested, [{label, inside: the same}]."""
    if isinstance(card, dict):
        pairs = [(label_of(str(key)), value) for key, value in card.items()]
    elif isinstance(card, list):
        pairs = [(str(place), value) for place, value in enumerate(card, start=1)]
    else:
        pairs = [("", card)]
    lines: list[dict[str, Any]] = []
    for label, value in pairs[:LINES]:
        if isinstance(value, (dict, list)) and value:
            inside = card_lines(value, depth + 1) if depth + 1 < DEPTH else []
            lines.append({"label": label, "inside": inside} if inside else {"label": label, "text": "…"})
        else:
            lines.append({"label": label, "text": text_of(value)})
    if len(pairs) > LINES:
        lines.append({"label": "…", "text": _("%(count)s more") % {"count": len(pairs) - LINES}})
    return lines


def size_of(lines: list[dict[str, Any]]) -> int:
    """How many pieces of information there are, at all depths."""
    return sum(size_of(line["inside"]) if "inside" in line else 1 for line in lines)


def label_of(key: str) -> str:
    """« dateNaissance », « date_naissance » → « Date naissance »."""
    spaced = "".join(f" {char.lower()}" if char.isupper() and before.islower() else char
                     for before, char in zip(f" {key}", key, strict=False))  # fmt: skip
    words = " ".join(spaced.replace("_", " ").split())[:80]
    return words[:1].upper() + words[1:]


def text_of(value: Any) -> str:
    """A plain value as text."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None or value in ({}, []):
        return ""
    text = str(value)
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…"
