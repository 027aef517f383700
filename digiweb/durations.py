"""How long something took, in words."""

from datetime import timedelta

from django.utils.translation import ngettext


def took_text(took: timedelta | None) -> str:
    """« 3 min 20 s »; '' for what has not begun."""
    if took is None:
        return ""
    seconds = round(took.total_seconds())
    if seconds < 1:
        return "< 1 s"
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min"
    return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
