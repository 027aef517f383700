"""Reading calls from the API, so that a webhook that was lost is no call lost."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.jobs import JobError, TryAgain
from sync.aircall.client import MOST, PER_PAGE, AircallApi
from sync.aircall.mapping import read_call
from sync.errors import Down, NoKey, ProviderError, Quota
from sync.models import Connection
from sync.services.call import record_call
from sync.webhooks import Malformed

logger = logging.getLogger(__name__)

# Aircall allows 60 requests a minute; pages that people open ask it too.
PAUSE = 1.1
DAYS, MOST_DAYS = 3, 180


def catch_up(*, days: int = DAYS, progress: Any = None) -> int:
    """Take in the calls of the last days; what is known already only gains what it lacks.

    Returns how many calls were read. Killed and run again, it reads them again, which changes nothing.
    """
    connection = Connection.objects.filter(provider=AircallApi.provider, active=True).first()
    if connection is None or not connection.secret("api_token"):
        return 0
    now = timezone.now()
    start = now - timedelta(days=min(max(days, 1), MOST_DAYS))
    read = 0
    try:
        for calls, total in pages(AircallApi(connection), int(start.timestamp()), int(now.timestamp())):
            for data in calls:
                read += _take(data, connection)
            if progress is not None:
                progress.set(read, max(total, read))
    except Quota as error:
        wait = int((error.retry_at - timezone.now()).total_seconds()) if error.retry_at else 60
        raise TryAgain(str(error.text), seconds=max(wait, 1)) from error
    except Down as error:
        raise TryAgain(str(error.text), seconds=60) from error
    except NoKey:
        return read
    except ProviderError as error:
        raise JobError(_("Aircall: %(text)s") % {"text": error.text}) from error
    return read


def pages(api: AircallApi, start: int, end: int) -> Iterator[tuple[list[Any], int]]:
    """All pages of calls between two moments; what is more than one question gives is asked in halves."""
    windows = [(start, end)]
    while windows:
        first, last = windows.pop()
        page, more = 1, True
        while more and page <= MOST // PER_PAGE:
            calls, total, more = api.calls(first, last, page)
            if total >= MOST and last - first > 1:
                middle = (first + last) // 2
                windows += [(middle, last), (first, middle)]
                break
            yield calls, total
            page += 1
            if more or windows:
                time.sleep(PAUSE)


def _take(data: Any, connection: Connection) -> int:
    try:
        call = read_call(data, timezone.now())
    except Malformed:
        logger.warning("Aircall answered a call without its number")
        return 0
    if call.ended_at is None:
        return 0  # going on: its webhook, or the next night, will tell
    record_call(data=call, connection=connection)
    return 1
