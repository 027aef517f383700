"""The members whom the source's salespeople are; asked for before a batch: who is new locks the team."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from people.models import Salesperson, User
from people.services.salesperson import salesperson_by_email
from sync.colleague.report import Outcome, Report
from sync.colleague.shape import Prospect

# Members that are remembered for the length of a run.
MOST_KNOWN = 10_000


class Sellers:
    """Each salesperson is asked for once a run."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, UUID | None], User | None] = {}

    def of(self, prospect: Prospect, report: Report, number: int | None) -> User | None:
        """The prospect's salesperson; None when it has none, or none that could be a member."""
        said = prospect.salesperson
        key = (said.email if said else "", said.source_id if said else prospect.salesperson_id)
        if key == ("", None):
            return None
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._find(said, key[1], report, number)
        return self._known[key]

    def _find(self, said: Any, source_id: UUID | None, report: Report, number: int | None) -> User | None:
        if said is None or not said.email:
            profile = Salesperson.objects.filter(source_id=source_id).select_related("user").first()
            if profile is None:
                report.tell(Outcome.NOTICE, "salesperson", "no_salesperson", number=number, path="commercial")
            return profile.user if profile else None
        known = User.objects.filter(email=said.email).exists()
        try:
            person = salesperson_by_email(
                user=None,
                email=said.email,
                first_name=said.first_name,
                last_name=said.last_name,
                phone=said.phone,
                source_id=source_id,
            )
        except ValidationError as error:
            report.count("salesperson", "failed")
            why = " ".join(error.messages)[:200]
            report.tell(
                Outcome.FAILED, "salesperson", "refused_here", number=number, path="commercial", why=why
            )
            return None
        report.count("salesperson", "unchanged" if known else "created")
        return person
