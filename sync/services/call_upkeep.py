"""What is done to calls by night: links that end, numbers that are known by now, calls that are old."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sync.models import Caller, Connection, PhoneCall
from sync.services.caller import adopt_waiting, refresh_caller

BATCH = 200
# The CNIL lets recordings be kept for six months at the most.
MOST_RECORDING_DAYS = 180


def adopt_rest(caller_id: int) -> int:
    """Log all that waits of a number that belongs to somebody, a batch a transaction."""
    done = 0
    while True:
        with transaction.atomic():
            caller = Caller.objects.select_for_update().filter(pk=caller_id).first()
            adopted = adopt_waiting(caller, limit=BATCH) if caller is not None else 0
        if not adopted:
            return done
        done += adopted


def identify_waiting() -> int:
    """Log what waits of numbers that a contact or a company bears by now; returns how many calls."""
    done, last = 0, 0
    while True:
        waiting = Caller.objects.filter(state=Caller.State.UNKNOWN, pk__gt=last).order_by("pk")
        pks = list(waiting.values_list("pk", flat=True)[:BATCH])
        if not pks:
            return done
        done += sum(adopt_rest(pk) for pk in pks)
        last = pks[-1]


def recording_days(connection: Connection | None) -> int:
    """How long links to recordings stay: as chosen, six months at the most."""
    chosen = connection.setting("recording_days") if connection is not None else ""
    return min(int(chosen), MOST_RECORDING_DAYS) if chosen.isdecimal() else MOST_RECORDING_DAYS


def forget_recordings() -> int:
    """Take away the links to recordings whose time is over, or that are no longer wanted at all."""
    gone = 0
    providers = PhoneCall.objects.filter(has_links=True).order_by().values_list("provider", flat=True)
    for provider in providers.distinct():
        connection = Connection.objects.filter(provider=provider).first()
        wanted = connection is not None and connection.setting("recordings") == "yes"
        calls = PhoneCall.objects.filter(provider=provider, has_links=True)
        if wanted:
            before = timezone.now() - timedelta(days=recording_days(connection))
            calls = calls.filter(Q(started_at__lt=before) | Q(started_at=None, heard_at__lt=before))
        gone += calls.update(recording="", voicemail="", has_links=False)
    return gone


def purge_phone_calls() -> int:
    """Forget calls that stand on no activity after `CALL_DAYS`, and numbers of which nothing is left."""
    before = timezone.now() - timedelta(days=settings.CALL_DAYS)
    gone = 0
    while True:
        with transaction.atomic():
            old = PhoneCall.objects.filter(activity=None, heard_at__lt=before).order_by("pk")
            calls = list(old.values_list("pk", "caller")[:BATCH])
            touched = {caller for _pk, caller in calls if caller}
            # Numbers first, as everywhere; a call that stands on an activity by now stays.
            callers = list(Caller.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
            forgotten = PhoneCall.objects.filter(pk__in=[pk for pk, _caller in calls], activity=None)
            gone += forgotten.delete()[0]
            for caller in callers:
                refresh_caller(caller)
        if not calls:
            break
    # Who a number was said to be, and that it is ignored, people decided: it stays.
    Caller.objects.filter(state=Caller.State.KNOWN, contact=None, calls=None).delete()
    return gone
