"""A contact's score, line by line, and the rating that people give beside it."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.models import Activity, Company, Contact, Deal, ScoreLine, ScoreRule
from crm.models.score_rule import EXCHANGES, FACTS, FAIR, GOOD, TOP, Rules, group_of, rules_now
from crm.services.contact import change_contact
from crm.tables.score_rule import points_text
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin

Subject = ScoreRule.Subject
# The kinds of record behind lines.
SOURCES: dict[str, Any] = {"crm.activity": Activity, "crm.deal": Deal, "crm.company": Company}
# What would raise the score, said as what to do.
ADVICE = {
    Subject.EMAIL: gettext_lazy("fill in the e-mail address"),
    Subject.PHONE: gettext_lazy("fill in a phone number"),
    Subject.COMPANY: gettext_lazy("fill in the company"),
    Subject.NAME: gettext_lazy("fill in first and last name"),
    Subject.JOB_TITLE: gettext_lazy("fill in the job title"),
    Subject.CITY: gettext_lazy("fill in the town"),
    Subject.OWNER: gettext_lazy("assign a salesperson"),
    Subject.MEETING: gettext_lazy("plan a meeting"),
    Subject.VIDEO: gettext_lazy("plan a video call"),
    Subject.CALL: gettext_lazy("plan a call"),
    Subject.MAIL: gettext_lazy("write an e-mail"),
    Subject.DEAL_OPEN: gettext_lazy("open a deal"),
}
ADVISED = 3
# Who may read scores of solvency (sync/apps.py): others see that points come of it, not how the firm stands.
SOLVENCY_RIGHT = "sync.solvency"


def band_label(score: int) -> str:
    """The score in a word."""
    return _("Good") if score >= GOOD else _("Fair") if score >= FAIR else pgettext("score", "Low")


def level_of(score: int) -> str:
    """The colour of a score."""
    return "good" if score >= GOOD else "warn" if score >= FAIR else "bad"


def score_lines(user: Any, contact: Contact, rules: Rules) -> list[dict[str, Any]]:
    """All that adds up to the score. A record behind a line is named to those only who may see it."""
    lines = [
        _line(fact, rules[fact].points, timezone.localdate(contact.updated_at))
        for fact in FACTS
        if fact in rules and contact.knows(fact)
    ]
    ledger = list(contact.score_ledger.order_by("-on", "-id"))
    sources = _sources(user, ledger)
    for entry in sorted(ledger, key=lambda entry: list(Subject.values).index(entry.rule)):
        source = sources.get((entry.source_type, entry.source_id))
        line = {**_line(entry.rule, entry.points, entry.on, entry.expires_on), "source": source}
        if group_of(entry.rule) == ScoreRule.Group.SOLVENCY and not user.can(SOLVENCY_RIGHT, "view"):
            line |= {
                "rule": None,
                "label": str(ScoreRule.Group.SOLVENCY.label),
                "on": None,
                "expires_on": None,
            }
        lines.append(line)
    return lines


def _line(rule: str, points: int, on: Any, expires_on: Any = None) -> dict[str, Any]:
    return {
        "rule": str(rule),
        "label": str(Subject(rule).label),
        "group": group_of(rule),
        "points": points,
        "text": points_text(points),
        "on": on,
        "expires_on": expires_on,
        "source": None,
    }


def _sources(user: Any, ledger: list[ScoreLine]) -> dict[tuple[str, int], Any]:
    """The records behind these lines that `user` may see."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in ledger:
        wanted[entry.source_type].add(entry.source_id)
    return {
        (kind, pk): record
        for kind, pks in wanted.items()
        for pk, record in SOURCES[kind].objects.visible_to(user).in_bulk(list(pks)).items()
    }


def describe_score(user: Any, contact: Contact, *, changes: bool) -> dict[str, Any]:
    """What the contact's page shows of the score."""
    rules = rules_now()
    lines = score_lines(user, contact, rules)
    raw = sum(line["points"] for line in lines)
    groups = [
        {
            "label": group.label,
            "lines": found,
            "points": (points := sum(line["points"] for line in found)),
            "total": points_text(points),
            # What is known stands on the left of the page too.
            "open": group != ScoreRule.Group.COMPLETENESS,
        }
        for group in ScoreRule.Group
        if (found := [line for line in lines if line["group"] == group])
    ]
    over = contact.score - raw
    return {
        "score": contact.score,
        "band": band_label(contact.score),
        "level": level_of(contact.score),
        "groups": groups,
        # Beyond its ends the score is held, and what is shown adds up all the same.
        "held": {"top": over < 0, "text": points_text(over)} if over else None,
        "advice": [] if raw >= TOP else _advice(user, contact, rules, lines, changes=changes),
    }


def _advice(
    user: Any, contact: Contact, rules: Rules, lines: list[dict[str, Any]], *, changes: bool
) -> list[dict[str, Any]]:
    """What would raise the score most, among what this person may do."""
    earned = [line["rule"] for line in lines]
    found: list[dict[str, Any]] = []
    for rule, text in ADVICE.items():
        worth = rules.get(rule)
        if worth is None or worth.points <= 0 or earned.count(rule) >= worth.limit:
            continue
        url = _url_of(user, contact, rule, changes=changes)
        if url:
            found.append(
                {"points": worth.points, "gain": points_text(worth.points), "text": text, "url": url}
            )
    found.sort(key=lambda one: -one["points"])
    return found[:ADVISED]


def _url_of(user: Any, contact: Contact, rule: str, *, changes: bool) -> str:
    """Where that is done; "" for who may not."""
    if rule in FACTS:
        return reverse("crm:contact_edit", args=[contact.pk]) if changes else ""
    if rule == Subject.DEAL_OPEN:
        allowed, name, values = user.can(Deal.module, "create"), "crm:deal_new", {}
    else:
        kind = next(kind for kind, subject in EXCHANGES.items() if subject == rule)
        allowed, name, values = user.can(Activity.module, "create"), "crm:activity_new", {"kind": kind}
    return f"{reverse(name)}?{urlencode({'contact': contact.pk, **values})}" if allowed else ""


def describe_rating(contact: Contact, *, changes: bool) -> dict[str, Any]:
    """The stars, and where they are clicked."""
    given = contact.rating or 0
    return {
        "given": given,
        "label": contact.get_rating_display() if given else _("Not rated"),
        "stars": [
            {"value": value, "label": label, "on": value <= given, "current": value == given}
            for value, label in Contact.Rating.choices
        ],
        "url": reverse("crm:contact_rating", args=[contact.pk]) if changes else "",
    }


class ContactRatingView(RecordMixin):
    """A click on a star."""

    module = Contact.module
    model = Contact
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        contact = self.get_object()
        wanted = request.POST.get("rating", "")
        if wanted not in ("", *(str(value) for value in Contact.Rating.values)):
            return HttpResponse(status=422)
        try:
            with transaction.atomic():
                values = {"rating": int(wanted) if wanted else None}
                change_contact(user=request.user, contact=contact, values=values)
        except (Contact.DoesNotExist, ValidationError):
            return HttpResponse(status=409)
        if request.htmx:  # type: ignore[attr-defined]
            context = {"rating": describe_rating(contact, changes=True), "saved": True}
            return render(request, "crm/contact/rating.html", context)
        toast(request, _("The rating is saved."))
        return HttpResponseRedirect(contact.get_absolute_url())
