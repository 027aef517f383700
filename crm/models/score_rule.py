"""What a contact's score is made of: rules that an administrator sets (SPEC C2)."""

import time
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet

# A score is held within 0 and this.
TOP = 100
# From here on it is fair, from there on good.
FAIR, GOOD = 40, 70
# How long a process may reckon with rules that it read (seconds). What another process wrote by rules that
# had just changed is mended every night (crm/services/score.py).
KEPT_SECONDS = 1.0


class Worth(NamedTuple):
    """What a rule gives: points a line, for so many days (None: as long as it is so), so many lines."""

    points: int
    valid_days: int | None = None
    limit: int = 1


class Rules(dict[str, Worth]):
    """{subject: worth} of the rules that count, and the versions of all rules that they were read from."""

    versions: dict[int, int]


class ScoreRuleQuerySet(ScopedQuerySet):
    """The rules of the house: one a subject."""

    def in_force(self) -> Rules:
        """The rules as they are in the database now; a subject without a row has its default."""
        rules, versions = dict(DEFAULTS), {}
        every: Any = self.all()
        for rule in every:
            versions[rule.pk] = rule.version
            if rule.active and rule.points:
                rules[rule.subject] = rule.worth
            else:
                rules.pop(rule.subject, None)
        found = Rules(rules)
        found.versions = versions
        return found


class ScoreRule(Record):
    """One fact or happening, and what it adds to a score. There is one for each subject."""

    module = "crm.scorerule"

    class Subject(models.TextChoices):
        EMAIL = "email", _("E-mail known")
        PHONE = "phone", _("Phone known")
        COMPANY = "company", _("Company known")
        NAME = "name", _("First and last name known")
        JOB_TITLE = "job_title", _("Job title known")
        CITY = "city", _("Town known")
        OWNER = "owner", _("Assigned to a salesperson")
        MEETING = "meeting_done", _("Meeting held")
        VIDEO = "video_done", _("Video call held")
        CALL = "call_done", _("Call made")
        MAIL = "email_done", _("E-mail exchanged")
        DEAL_OPEN = "deal_open", _("Deal under way")
        DEAL_LATE = "deal_late", _("Deal at proposal or negotiation")
        DEAL_WON = "deal_won", _("Deal won")
        DEAL_LOST = "deal_lost", _("Deal lost")
        SOLVENT = "solvent", _("Solvent company (7 to 10)")
        FRAGILE = "fragile", _("Company at risk (0 to 3)")

    class Group(models.TextChoices):
        COMPLETENESS = "completeness", _("Completeness")
        EXCHANGES = "exchanges", _("Exchanges")
        DEALS = "deals", _("Deals")
        SOLVENCY = "solvency", _("Solvency")

    subject = models.CharField(_("rule"), max_length=16, choices=Subject, unique=True, editable=False)
    points = models.SmallIntegerField(
        _("points"), validators=[MinValueValidator(-TOP), MaxValueValidator(TOP)]
    )
    valid_days = models.PositiveSmallIntegerField(
        _("counts for (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("From the day on which it happened. Empty: as long as it is so."),
    )
    limit = models.PositiveSmallIntegerField(
        _("times at most"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("The latest ones count, so many at the most."),
    )
    active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False, db_index=True)
    # The version by which all scores were last worked out.
    applied_version = models.PositiveIntegerField(default=0, editable=False)

    objects = ScoreRuleQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("rule of the score")
        verbose_name_plural = _("rules of the score")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(points__gte=-TOP, points__lte=TOP), name="crm_scorerule_points"
            ),
            models.CheckConstraint(condition=models.Q(limit__gte=1), name="crm_scorerule_limit"),
        ]

    def __str__(self) -> str:
        return str(self.get_subject_display())

    def get_absolute_url(self) -> str:
        return record_address("crm:score_rule_edit", self.pk)

    def clean(self) -> None:
        if self.is_a_fact and self.valid_days is not None:
            raise ValidationError({"valid_days": _("What is known of a contact does not grow old.")})
        if self.is_a_fact and self.limit != 1:
            raise ValidationError({"limit": _("What is known of a contact counts once.")})

    @property
    def worth(self) -> Worth:
        return Worth(self.points, self.valid_days, self.limit)

    @property
    def is_a_fact(self) -> bool:
        """About what is known of the contact, rather than what happened with them."""
        return self.group == self.Group.COMPLETENESS

    @property
    def group(self) -> "ScoreRule.Group":
        return group_of(self.subject)


Subject = ScoreRule.Subject
# The columns by which one knows it; any of them does, but for the name, which takes both.
FACTS: dict[str, tuple[str, ...]] = {
    Subject.EMAIL: ("email",),
    Subject.PHONE: ("phone", "mobile"),
    Subject.COMPANY: ("company_id",),
    Subject.NAME: ("first_name", "last_name"),
    Subject.JOB_TITLE: ("job_title",),
    Subject.CITY: ("city",),
    Subject.OWNER: ("owner_id",),
}
# By kind of activity.
EXCHANGES: dict[str, str] = {
    "meeting": Subject.MEETING,
    "video": Subject.VIDEO,
    "call": Subject.CALL,
    "email": Subject.MAIL,
}
# The company's solvency, of 10: from here on it is solvent, up to there it is at risk.
SOLVENT_FROM, FRAGILE_TO = 7, 3
# A complete record alone is worth 38, below "fair": the rest is earned by what happens with the contact.
DEFAULTS: dict[str, Worth] = {
    Subject.EMAIL.value: Worth(8),
    Subject.PHONE.value: Worth(8),
    Subject.COMPANY.value: Worth(8),
    Subject.NAME.value: Worth(6),
    Subject.JOB_TITLE.value: Worth(4),
    Subject.CITY.value: Worth(2),
    Subject.OWNER.value: Worth(2),
    Subject.MEETING.value: Worth(12, 90, 2),
    Subject.VIDEO.value: Worth(10, 90, 2),
    Subject.CALL.value: Worth(6, 60, 2),
    Subject.MAIL.value: Worth(3, 30, 2),
    Subject.DEAL_OPEN.value: Worth(10),
    Subject.DEAL_LATE.value: Worth(10),
    Subject.DEAL_WON.value: Worth(15, 365, 2),
    Subject.DEAL_LOST.value: Worth(-10, 180),
    Subject.SOLVENT.value: Worth(8, 365),
    Subject.FRAGILE.value: Worth(-15, 365),
}


def group_of(subject: str) -> ScoreRule.Group:
    if subject in FACTS:
        return ScoreRule.Group.COMPLETENESS
    if subject in (Subject.SOLVENT, Subject.FRAGILE):
        return ScoreRule.Group.SOLVENCY
    return ScoreRule.Group.EXCHANGES if subject in EXCHANGES.values() else ScoreRule.Group.DEALS


def held(points: int) -> int:
    """A sum of points as a score."""
    return max(0, min(TOP, points))


def rules_now() -> Rules:
    """The rules in force. They are nobody's secret: every page of a contact shows what they give."""
    return ScoreRule.objects.in_force()


_kept: tuple[float, Rules] | None = None


def rules_kept() -> Rules:
    """The rules in force, read a moment ago at the most: for what is derived on every write."""
    global _kept
    now = time.monotonic()
    if _kept is None or not 0 <= now - _kept[0] < KEPT_SECONDS:
        _kept = (now, rules_now())
    return _kept[1]


def forget_rules(*_args: Any) -> None:
    """Read them anew next time."""
    global _kept
    _kept = None
