"""Asking for a run of the import: by the button, the API, the command."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import enqueue
from sync import jobs
from sync.models import ColleagueRun
from sync.services.colleague_work import run_of

# The schedule's own key (digiweb/schedule.py): whoever asks, two never run at once.
KEY = "schedule-import_from_colleague"


@transaction.atomic
def start_run(*, user: Any, origin: str = ColleagueRun.Origin.PERSON) -> ColleagueRun:
    """Have the list imported in the background; the run that is under way, when there is one.

    Raises ValidationError where no address is set.
    """
    if not settings.EXTERNAL_API_URL:
        raise ValidationError(_("No address is set for the colleague’s system (EXTERNAL_API_URL)."))
    job = enqueue(
        jobs.import_from_colleague, user=user, label=_("Import from the colleague’s system"), key=KEY
    )
    run, made = run_of(job, user=user, origin=origin)
    if made:
        job.url = run.get_absolute_url()
        job.save(update_fields=["url"])
        record(user=user, action="import_started", obj=run)
    return run
