"""Bodies of webhooks as people may read them: secrets never, personal data by administrators."""

import re
from typing import Any

SECRETS = re.compile(r"token|secret|signature|password|api_?key", re.I)
DOTS = "••••"
# A telephone number, however it is written; an e-mail address.
PERSONAL = re.compile(r"\+?\d(?:[\s.\-()/]*\d){6,}|[\w.+%-]+@[\w.-]+")


def shown_to(user: Any, payload: Any) -> Any:
    """The body with its secrets dotted out, and for all but administrators its numbers and addresses."""
    return _shown(payload, personal=bool(user.is_admin))


def _shown(value: Any, *, personal: bool) -> Any:
    if isinstance(value, dict):
        return {
            clean(key): DOTS if SECRETS.search(key) and value[key] else _shown(value[key], personal=personal)
            for key in value
        }
    if isinstance(value, list):
        return [_shown(entry, personal=personal) for entry in value]
    if isinstance(value, str):
        text = clean(value)
        return text if personal else PERSONAL.sub(_dotted, text)
    return value


def clean(text: str) -> str:
    """Without halves of characters, which no page can send."""
    return text.encode("utf-8", "replace").decode()


def _dotted(found: re.Match[str]) -> str:
    text = found[0]
    return f"{DOTS} {text[-2:]}" if "@" not in text else f"{DOTS}{text[text.index('@') :]}"
