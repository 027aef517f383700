"""A call as an activity: whom it was with, whose it is, what is written down of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Activity, Company, Contact, Tag
from crm.models.tag import tag_key
from crm.services.activity import change_activity, log_activity
from crm.services.contact import tag_contacts
from people.models import User
from people.services.team import active_admins
from sync.models import Caller, Connection, PhoneCall
from timeline.services.notification import notify

# Contacts with one number that are looked at, and named.
MOST_TWINS, MOST_NAMED = 50, 5
# A call that was missed longer ago is no news: it came by the nightly catch-up.
NEWS = timedelta(hours=24)
LONGEST_NOTES = 10_000
REASONS = {
    "out_of_opening_hours": gettext_lazy("outside the opening hours"),
    "short_abandoned": gettext_lazy("the caller hung up at once"),
    "abandoned_in_ivr": gettext_lazy("the caller hung up in the voice menu"),
    "abandoned_in_classic": gettext_lazy("the caller hung up before anybody answered"),
    "no_available_agent": gettext_lazy("nobody was available"),
    "agents_did_not_answer": gettext_lazy("nobody picked up"),
}


@dataclass(frozen=True)
class Match:
    """Whom a number belongs to."""

    contact: Contact | None = None
    company: Company | None = None
    # Further contacts with the same number.
    others: tuple[Contact, ...] = ()

    @property
    def found(self) -> bool:
        return self.contact is not None or self.company is not None

    @property
    def owner(self) -> User | None:
        """Who looks after them."""
        owners = (about.owner for about in (self.contact, self.company) if about is not None)
        return next((owner for owner in owners if owner is not None and owner.is_active), None)


def match_number(caller: Caller) -> Match:
    """The contact of a number: who it was said to be, or who bears it; else the company that bears it."""
    contacts = _bearers(caller.number)
    known = Contact.objects.select_related("company", "owner")
    said = known.filter(pk=caller.contact_id).first() if caller.contact_id else None
    if said is not None:
        contacts = [said, *(other for other in contacts if other.pk != said.pk)]
    if contacts:
        return Match(contacts[0], contacts[0].company, tuple(contacts[1:]))
    companies = Company.objects.filter(phone=caller.number).select_related("owner")
    return Match(company=companies.order_by("-updated_at", "-pk").first())


def _bearers(number: str) -> list[Contact]:
    """Contacts with this number, the most recently active first."""
    # Two questions: each has an index of its own, which « or » would not use.
    pks = {
        pk
        for name in ("phone", "mobile")
        for pk in Contact.objects.filter(**{name: number}).values_list("pk", flat=True)[:MOST_TWINS]
    }
    if not pks:
        return []
    done = Activity.objects.filter(contact__in=pks, status=Activity.Status.DONE)
    latest = dict(done.values_list("contact").annotate(Max("starts_at")))
    never = datetime(1, 1, 1, tzinfo=UTC)
    contacts = Contact.objects.filter(pk__in=pks).select_related("company", "owner")
    return sorted(contacts, key=lambda one: (latest.get(one.pk, never), one.updated_at, one.pk), reverse=True)


# --- People


def person_named(email: str) -> User | None:
    """The active colleague with this address."""
    if not email:
        return None
    found: User | None = User.objects.filter(email__iexact=email, is_active=True).first()
    return found


def default_person(connection: Connection) -> User | None:
    """To whom calls fall that are nobody's: the connection says it."""
    return person_named(connection.setting("person"))


def owner_of(call: PhoneCall, match: Match, connection: Connection) -> User:
    """Whose activity it is: who answered, who looks after the contact, who is there for the rest."""
    answered = person_named(call.agent_email)
    owner = answered or match.owner or default_person(connection) or active_admins().order_by("pk").first()
    if owner is None:
        raise ValidationError(_("Nobody is there to take this call: say so in the connection’s settings."))
    return owner


# --- Writing it down


def log_call(*, call: PhoneCall, match: Match, connection: Connection) -> None:
    """Make the call's activity, done; tags that exist go on the contact, and a missed call is told."""
    owner = owner_of(call, match, connection)
    texts = texts_of(call, match, owner)
    activity = log_activity(
        user=None,
        values={
            **texts,
            "kind": Activity.Kind.CALL,
            "starts_at": call.started_at or call.heard_at,
            "contact": match.contact,
            "company": match.company,
            "owner": owner,
        },
    )
    call.take(activity=activity, written=texts, state=PhoneCall.State.LOGGED)
    _tag(call, match.contact)
    if call.missed:
        _tell_of_missed(call, match, owner)


def rewrite_call(*, call: PhoneCall) -> None:
    """Bring the activity up to what has been heard since; what a person wrote there stays."""
    activity: Any = call.activity
    match = Match(activity.contact, activity.company, _others(call, activity))
    texts = texts_of(call, match, activity.owner)
    values = {}
    for name, text in texts.items():
        before, now = call.written.get(name), getattr(activity, name)
        if text == before:
            continue
        if now == before:
            values[name] = text
        elif name == "notes":
            values[name] = with_new_lines(now, str(before or ""), text)
    if values:
        change_activity(user=None, activity=activity, values=values)
    call.take(written=texts)
    _tag(call, activity.contact)


def _others(call: PhoneCall, activity: Activity) -> tuple[Contact, ...]:
    if call.caller is None:
        return ()
    return tuple(other for other in _bearers(call.caller.number) if other.pk != activity.contact_id)


def with_new_lines(now: str, before: str, after: str) -> str:
    """Notes that somebody changed, with those lines of `after` that `before` had not."""
    known = set(before.splitlines())
    new = [line for line in after.splitlines() if line not in known]
    return "\n".join([now, *new]).strip()[:LONGEST_NOTES]


def texts_of(call: PhoneCall, match: Match, owner: User) -> dict[str, Any]:
    """Subject, notes and duration, in the language of the house: everybody reads them."""
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "subject": subject_of(call),
            "notes": "\n".join(_lines(call, match, owner))[:LONGEST_NOTES],
            "duration": call.talk_minutes,
        }


def subject_of(call: PhoneCall) -> str:
    number = str(call)
    if call.missed:
        text = _("Voicemail from %(number)s") if call.has_voicemail else _("Missed call from %(number)s")
    elif call.direction == PhoneCall.Direction.OUT:
        text = _("Call to %(number)s") if call.answered_at else _("Call to %(number)s, not answered")
    else:
        text = _("Call from %(number)s")
    return (text % {"number": number})[:160]


def reason_text(call: PhoneCall) -> str:
    """Why nobody answered, in words; "" where it is not said."""
    return str(REASONS.get(call.missed_reason, "")) if call.missed else ""


def _lines(call: PhoneCall, match: Match, owner: User) -> list[str]:
    lines = []
    if reason := reason_text(call):
        lines.append(_("Missed: %(reason)s.") % {"reason": reason})
    if call.line:
        lines.append(_("Line: %(line)s") % {"line": call.line})
    if call.agent_name and not call.missed and owner.email != call.agent_email:
        lines.append(_("On the phone: %(name)s") % {"name": call.agent_name})
    for comment in call.comments.values():
        by = comment.get("by", "")
        lines.append(f"{by} : {comment['text']}" if by else comment["text"])
    # A person reads these notes whose sight may not reach all who share a number.
    seen = Contact.objects.visible_to(owner).filter(pk__in=[other.pk for other in match.others])
    names = [str(other) for other in seen.order_by("sort_name", "pk")[:MOST_NAMED]] if match.others else []
    if names:
        lines.append(_("The same number: %(names)s") % {"names": ", ".join(names)})
    return lines


def _tag(call: PhoneCall, contact: Contact | None) -> None:
    """Put the tags of the call that exist here on the contact; none is made, none taken off."""
    if contact is None or not call.tags:
        return
    here = Tag.objects.filter(key__in={tag_key(name) for name in call.tags})
    missing: Sequence[Tag] = list(here.exclude(contacts=contact.pk).order_by("key"))
    if missing:
        tag_contacts(user=None, pks=[contact.pk], add=missing)


# --- Telling


def _tell_of_missed(call: PhoneCall, match: Match, owner: User) -> None:
    person = match.owner or owner
    about = match.contact or match.company
    with translation.override(person.language):
        query = {"kind": "call", "subject": _("Call back")}
    query["contact" if match.contact else "company"] = str(about.pk) if about else ""
    tell(call, person, str(about), f"{reverse('crm:activity_new')}?{urlencode(query)}", obj=about)


def tell(call: PhoneCall, person: User, name: str, url: str, obj: Any = None) -> None:
    """Tell somebody of a missed call, once however often it is heard of."""
    if call.started_at is None or timezone.now() - call.started_at > NEWS:
        return
    with translation.override(person.language):
        at = date_format(timezone.localtime(call.started_at), "H:i")
        text = _("Missed call from %(name)s at %(time)s: call back") % {"name": name, "time": at}
    key = f"call-{call.provider}-{call.number_there}"
    notify(people=[person], kind="call.missed", text=text, obj=obj, url=url, key=key)
