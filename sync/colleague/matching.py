"""Which of our contacts a prospect is: by e-mail, else by phone; where two answer to it, a person says.

Nothing here depends on the order of the list: prospects without an e-mail come last (sync/colleague/walk.py),
and two prospects whose e-mails differ are never one contact because of a phone alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crm.models import Contact
from sync.colleague.shape import Prospect
from sync.models import ColleagueConflict, ImportedRecord


@dataclass
class Match:
    """A contact; or several, of which nobody knows which; or none, then a new one is made."""

    contact: Contact | None = None
    candidates: Sequence[Contact] = ()
    reason: str = ""
    by_phone: bool = False
    # Somebody else has the phone, and is kept apart.
    shares_phone: bool = False


class Contacts:
    """The contacts that the prospects of a batch may be, those made within the batch among them."""

    def __init__(self) -> None:
        self.by_email: dict[str, list[Contact]] = defaultdict(list)
        self.by_phone: dict[str, list[Contact]] = defaultdict(list)
        # Contacts that are a prospect of the source already.
        self.bound: set[int | None] = set()
        self.settled: dict[str, ColleagueConflict] = {}

    def load(self, prospects: Iterable[Prospect], keys: Collection[str]) -> None:
        """A few queries, however many prospects there are."""
        wanted = list(prospects)
        emails = {each.email for each in wanted if each.email}
        phones = {each.phone for each in wanted if each.phone}
        found: dict[int, Contact] = {}
        if emails:
            found.update(Contact.objects.filter(email__in=emails).in_bulk())
        for name in ("phone", "mobile"):
            if phones:
                found.update(Contact.objects.filter(**{f"{name}__in": phones}).in_bulk())
        records = ImportedRecord.objects.filter(kind=ImportedRecord.Kind.PROSPECT)
        said = list(records.filter(phone__in=phones).values_list("target_id", "phone"))
        found.update(Contact.objects.in_bulk({pk for pk, _phone in said if pk} - found.keys()))
        for _pk, contact in sorted(found.items()):
            self.add(contact)
        for pk, phone in said:
            if pk in found:
                self.answers_to(phone, found[pk])
        self.bound |= set(records.filter(target_id__in=found).values_list("target_id", flat=True))
        # Held, alone: whoever settles one meanwhile does so after us, and is not overwritten.
        held = ColleagueConflict.objects.select_for_update().filter(key__in=keys).order_by("pk")
        conflicts = held.prefetch_related("contact")
        self.settled = {each.key: each for each in conflicts}

    def add(self, contact: Contact, *, bound: bool = False) -> None:
        if contact.email:
            self.by_email[contact.email].append(contact)
        for phone in (contact.phone, contact.mobile):
            self.answers_to(phone, contact)
        if bound:
            self.bind(contact)

    def answers_to(self, phone: str, contact: Contact) -> None:
        """A phone of a contact; or of a prospect that it is, of whose several it keeps one."""
        if phone and contact not in self.by_phone[phone]:
            self.by_phone[phone].append(contact)

    def bind(self, contact: Contact) -> None:
        self.bound.add(id(contact) if contact.pk is None else contact.pk)

    def _is_bound(self, contact: Contact) -> bool:
        return (id(contact) if contact.pk is None else contact.pk) in self.bound

    def match(self, prospect: Prospect, key: str) -> Match:
        conflict = self.settled.get(key)
        if conflict is not None and conflict.state == ColleagueConflict.State.SETTLED:
            # Chosen by a person; a contact that is gone since leaves a new one to be made.
            return Match(self._same(conflict.contact))
        same = self.by_email.get(prospect.email, []) if prospect.email else []
        if len(same) > 1:
            return Match(candidates=same, reason=ColleagueConflict.Reason.EMAIL)
        if same:
            return Match(same[0])
        near = self.by_phone.get(prospect.phone, []) if prospect.phone else []
        others = [
            each for each in near if prospect.email and each.email and self._is_bound(each)
        ]  # whose e-mail differs, or they would have been found by it
        near = [each for each in near if each not in others]
        if len(near) > 1:
            return Match(candidates=near, reason=ColleagueConflict.Reason.PHONE)
        return Match(near[0] if near else None, shares_phone=bool(others), by_phone=bool(near))

    def _same(self, contact: Contact | None) -> Contact | None:
        """The instance that this batch works with already."""
        if contact is None:
            return None
        known = self.by_email.get(contact.email, []) + self.by_phone.get(contact.phone or contact.mobile, [])
        return next((each for each in known if each.pk == contact.pk), contact)
