"""Deals: what might be sold, to whom, for how much, and how far it is."""

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.tag import Tag
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedDateField, DerivedIntegerField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import CustomRecord
from digiweb.scopes import OwnerScope

# Columns of a sort are never NULL: a deal without an expected date comes after all the others.
NO_DATE = date(9999, 12, 31)
CENT = Decimal("0.01")


class Deal(CustomRecord):
    """A sale under way, or ended. It always has an owner: salespeople see only their own (SPEC T3)."""

    module = "crm.deal"
    ownership = OwnerScope("owner")

    class Stage(models.TextChoices):
        DISCOVERY = "discovery", _("Discovery")
        QUALIFICATION = "qualification", _("Qualification")
        PROPOSAL = "proposal", _("Proposal")
        NEGOTIATION = "negotiation", _("Negotiation")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    class LostReason(models.TextChoices):
        PRICE = "price", _("Too expensive")
        COMPETITOR = "competitor", _("Chose a competitor")
        BUDGET = "budget", _("No budget")
        TIMING = "timing", _("Project put off")
        NEED = "need", _("No need any more")
        SILENT = "silent", _("Gives no answer")
        OTHER = "other", _("Another reason")

    OPEN = (Stage.DISCOVERY, Stage.QUALIFICATION, Stage.PROPOSAL, Stage.NEGOTIATION)
    CLOSED = (Stage.WON, Stage.LOST)
    # How likely a sale is at each stage, in percent, unless the salesperson says otherwise.
    USUAL = {"discovery": 10, "qualification": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}
    # How far a deal in each stage has come; one that is won has come through all of them.
    RANK = {"discovery": 1, "qualification": 2, "proposal": 3, "negotiation": 4, "won": 4, "lost": 1}

    title = models.CharField(_("title"), max_length=160)
    company = models.ForeignKey(
        Company, models.SET_NULL, verbose_name=_("company"), null=True, blank=True, related_name="deals"
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="deals"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("assigned salesperson"),
        related_name="deals",
    )
    stage = models.CharField(_("stage"), max_length=13, choices=Stage, default=Stage.DISCOVERY)
    amount = models.DecimalField(
        _("amount (€)"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    # What the salesperson believes; empty: as usual at this stage.
    own_probability = models.PositiveSmallIntegerField(
        _("probability by hand (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    probability = DerivedIntegerField(_("probability (%)"), source="derive_probability")
    expected_on = models.DateField(_("expected closing date"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    lost_reason = models.CharField(_("reason of the loss"), max_length=10, choices=LostReason, blank=True)
    lost_comment = models.CharField(_("what happened"), max_length=500, blank=True)
    # How many times the expected date was pushed back.
    postponed_count = models.PositiveSmallIntegerField(_("times put off"), default=0, editable=False)
    stage_since = models.DateTimeField(_("in this stage since"), default=timezone.now, editable=False)
    # Where it came from; taken over from its contact unless said otherwise.
    source = models.CharField(_("source"), max_length=60, blank=True)
    # The furthest stage that it ever got to (`RANK`), so that funnels need no history.
    furthest = models.PositiveSmallIntegerField(_("furthest stage"), default=1, editable=False)
    # When something was done on it last: an activity, a move, its beginning. Kept as `next_activity_at` is.
    last_activity_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)
    # Kept by crm/services/next_activity.py.
    next_activity_at = models.DateTimeField(_("next activity"), null=True, blank=True, editable=False)
    tags = models.ManyToManyField(
        Tag, through="DealTag", verbose_name=_("tags"), blank=True, related_name="deals"
    )
    expected_key = DerivedDateField(source="derive_expected_key", default=NO_DATE)
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="crm_deal_amount_positive"),
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="crm_deal_probability"),
            # A deal that has ended says when, a lost one why; an open one neither.
            models.CheckConstraint(
                condition=models.Q(stage__in=["won", "lost"], closed_on__isnull=False)
                | (~models.Q(stage__in=["won", "lost"]) & models.Q(closed_on__isnull=True)),
                name="crm_deal_closed",
            ),
            models.CheckConstraint(
                condition=(models.Q(stage="lost") & ~models.Q(lost_reason=""))
                | (~models.Q(stage="lost") & models.Q(lost_reason="")),
                name="crm_deal_lost",
            ),
        ]
        # Each sort alone, within a stage, for an owner, and for an owner within a stage; a list of several
        # stages or owners is read branch by branch (crm/filters/deal.py, digiweb/scopes.py). Those of a stage
        # also say whether a deal is late and whether something is planned: both are asked in any order.
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *(each for each in more if each not in sort)],
                    name=f"crm_deal{prefix}_{name}",
                )
                for prefix, lead, more in (
                    ("", [], []),
                    ("_s", ["stage"], ["expected_key", "next_activity_at"]),
                    ("_o", ["owner"], []),
                    ("_os", ["owner", "stage"], ["expected_key", "next_activity_at"]),
                )
                for name, sort in (
                    ("new", []),
                    ("expected", ["expected_key"]),
                    ("amount", ["amount"]),
                    ("since", ["stage_since"]),
                    ("quiet", ["last_activity_at"]),
                    ("name", ["sort_name"]),
                )
                if lead or sort
            ),
            models.Index(fields=["created_at", "id"], name="crm_deal_created"),
            models.Index(fields=["owner", "created_at", "id"], name="crm_deal_o_created"),
            # Deals on which nothing is planned, newest first.
            models.Index(fields=["stage", "next_activity_at", "id"], name="crm_deal_s_next"),
            models.Index(fields=["owner", "stage", "next_activity_at", "id"], name="crm_deal_os_next"),
            # Won or lost between two days.
            models.Index(fields=["stage", "closed_on", "id"], name="crm_deal_s_closed"),
            models.Index(fields=["owner", "stage", "closed_on", "id"], name="crm_deal_os_closed"),
            models.Index(fields=["source", "id"], name="crm_deal_source"),
            models.Index(fields=["owner", "source", "id"], name="crm_deal_o_source"),
            models.Index(fields=["postponed_count", "id"], name="crm_deal_postponed"),
            models.Index(fields=["owner", "postponed_count", "id"], name="crm_deal_o_postponed"),
            FullTextIndex(fields=["search_text"], name="crm_deal_words"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return record_address("crm:deal_detail", self.pk)

    def clean(self) -> None:
        if not self.is_open and self.closed_on is None:
            self.closed_on = timezone.localdate()  # so that a missing reason is the only complaint
        for name, value in self.settled({}).items():
            setattr(self, name, value)

    def settled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` about to be set on this deal, with all that follows from them.

        Raises ValidationError when a lost deal has no reason.
        """
        after = copy(self)
        for name, value in values.items():
            setattr(after, name, value)
        follows: dict[str, Any] = {"amount": Decimal(after.amount or 0).quantize(CENT)}
        moved = after.stage != self.stage
        if after.is_open:
            follows["closed_on"] = None
        elif after.closed_on is None or (moved and after.closed_on == self.closed_on):
            follows["closed_on"] = timezone.localdate() if moved else self.closed_on or timezone.localdate()
        if after.stage != self.Stage.LOST:
            follows |= {"lost_reason": "", "lost_comment": ""}
        elif not after.lost_reason:
            raise ValidationError({"lost_reason": _("Say why the deal was lost.")})
        if moved:
            follows["stage_since"] = follows["last_activity_at"] = timezone.now()
        follows["furthest"] = max(self.furthest, self.RANK[after.stage])
        if self.pk and self.expected_on and after.expected_on and after.expected_on > self.expected_on:
            follows["postponed_count"] = self.postponed_count + 1
        return {**values, **follows}

    # --- What follows from the columns

    def derive_probability(self) -> int:
        if self.own_probability is None or self.stage in self.CLOSED:
            return self.usual_probability
        return self.own_probability

    def derive_expected_key(self) -> date:
        return self.expected_on or NO_DATE

    def derive_sort_name(self) -> str:
        return fold(self.title).strip()[:160]

    def derive_search_text(self) -> str:
        words = [self.title]
        if self.company_id and self.company:
            words.append(self.company.name)
        if self.contact_id and self.contact:
            words.append(self.contact.full_name)
        return search_text(words)

    @property
    def usual_probability(self) -> int:
        return self.USUAL[self.stage]

    @property
    def weighted(self) -> Decimal:
        """The amount by its probability, exact (four decimals)."""
        return Decimal(self.amount) * self.derive_probability() / 100

    @property
    def is_open(self) -> bool:
        return self.stage not in self.CLOSED

    @property
    def is_late(self) -> bool:
        """Still open after the day on which it was to be closed."""
        return self.is_open and self.expected_on is not None and self.expected_on < timezone.localdate()

    def days_in_stage(self, now: datetime | None = None) -> int:
        return max(((now or timezone.now()) - self.stage_since).days, 0)

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.title.split()[:2]).upper()


class DealTag(models.Model):
    """A tag on a deal; read from the tag's side in the order of deals."""

    deal = models.ForeignKey(Deal, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        verbose_name = _("tag on a deal")
        verbose_name_plural = _("tags on deals")
        constraints = [models.UniqueConstraint(fields=["tag", "deal"], name="one_deal_a_tag")]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.tag_id}"
