"""When an entry of the schedule runs, in words: « every Monday at 08:00 »."""

from django.utils import dates
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words_of_cron(cron: str) -> str:
    """A cron expression as people say it (times of Paris); the expression itself when it is a rare one."""
    minute, hour, day, month, weekday = cron.split()
    if month != "*" or (day != "*" and weekday != "*"):
        return cron
    when = _times(minute, hour)
    if not when:
        return cron
    if day == "*" and weekday == "*":
        return when if hour.startswith("*") else _("every day %(times)s") % {"times": when}
    if hour.startswith("*"):
        return cron
    if day != "*":
        return (
            _("on day %(day)s of each month %(times)s") % {"day": day, "times": when}
            if day.isdigit()
            else cron
        )
    days = _weekdays(weekday)
    return _("%(days)s %(times)s") % {"days": days, "times": when} if days else cron


def _times(minute: str, hour: str) -> str:
    if hour == "*":
        if minute == "*":
            return _("every minute")
        if minute.startswith("*/") and minute[2:].isdigit():
            count = int(minute[2:])
            return ngettext("every %(count)s minute", "every %(count)s minutes", count) % {"count": count}
        if minute == "0":
            return _("every hour")
        return (
            _("every hour at %(minute)s past") % {"minute": f"{int(minute):02}"} if minute.isdigit() else ""
        )
    if hour.startswith("*/") and hour[2:].isdigit() and minute.isdigit():
        count = int(hour[2:])
        return ngettext("every %(count)s hour", "every %(count)s hours", count) % {"count": count}
    if minute.isdigit() and all(part.isdigit() for part in hour.split(",")):
        clock = [f"{int(part):02}:{int(minute):02}" for part in hour.split(",")]
        return _("at %(times)s") % {"times": ", ".join(clock)}
    return ""


def _weekdays(weekday: str) -> str:
    if weekday == "1-5":
        return _("from Monday to Friday")
    parts = weekday.split(",")
    if not all(part.isdigit() for part in parts):
        return ""
    names = [str(dates.WEEKDAYS[(int(part) - 1) % 7]) for part in parts]
    return _("every %(days)s") % {"days": ", ".join(names)}
