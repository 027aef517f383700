"""Paths of documents as another system gives them: links where they lead to an allowed host, else text."""

from urllib.parse import urlsplit

from django.conf import settings

PORTS = {"http": (None, 80), "https": (None, 443)}


def open_link(path: str) -> str:
    """The address to open, or "" for what is none: another scheme or host, a path, a trick.

    Allowed are http and https to the hosts of DOCUMENT_HOSTS (« .example.fr » for all below it), at
    their usual ports, without name and password; nothing that browsers read otherwise than we do.
    """
    if not path.isascii() or not path.isprintable() or any(sign in path for sign in " \\\"'<>`"):
        return ""
    try:
        parts = urlsplit(path)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return ""
    if (
        port not in PORTS.get(parts.scheme, ())
        or "@" in parts.netloc
        or not path.startswith(f"{parts.scheme}://")
    ):
        return ""
    return path if is_allowed(host) else ""


def is_allowed(host: str) -> bool:
    host = host.lower()
    for allowed in (one.strip().lower() for one in settings.DOCUMENT_HOSTS):
        if host and (host == allowed or (allowed.startswith(".") and host.endswith(allowed))):
            return True
    return False
