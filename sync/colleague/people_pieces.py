"""The contacts and clients that prospects are: found or made, and brought up to date field by field."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.models import Client, Contact
from crm.services.client import change_client, client_of, make_client
from crm.services.contact import change_contact
from crm.services.intake import import_clients, import_contacts
from digiweb.changes import change_record
from sync.colleague.matching import Contacts, Match
from sync.colleague.recent import Told, merged, remembered
from sync.colleague.report import Outcome, Report
from sync.colleague.work import Work, told_of
from sync.models import ColleagueConflict
from timeline.models import Event
from timeline.services.merge import kept_instead

OF_THE_CONTACT = ["first_name", "last_name", "email", "phone"]
# Events of a record that are looked through for the last change by hand of a field.
LOOKED_AT = 200


class PeoplePieces:
    """The contacts and clients of one batch."""

    def __init__(
        self, works: Sequence[Work], report: Report, started: datetime, data: dict[str, Any]
    ) -> None:
        self.works = works
        self.report = report
        self.started = started
        self.data = data
        self.contacts = Contacts()
        self.new_contacts: list[Contact] = []
        self.new_clients: dict[int, Client] = {}  # by the identity of their contact

    def write(self) -> list[Work]:
        """Give each work its client; returns those that have one, the others wait for a person."""
        self._load()
        ready = [work for work in self.works if self._settle(work)]
        import_contacts(user=None, contacts=self.new_contacts, data=self.data)
        self._clients(ready)
        return ready

    def _load(self) -> None:
        known = [work.record for work in self.works if work.record is not None]
        around = Client.objects.select_related("company", "contact", "owner")
        clients = found_or_kept(around, {one.client_id for one in known if one.client_id})
        people = Contact.objects.select_related("owner")
        contacts = found_or_kept(people, {one.target_id for one in known if one.target_id})
        for work in self.works:
            if work.record is not None:
                work.client = clients.get(work.record.client_id or 0)
                contact = contacts.get(work.record.target_id or 0)
                work.contact = contact or (work.client.contact if work.client else None)
        unknown = [work for work in self.works if work.contact is None]
        self.contacts.load([work.prospect for work in unknown], [work.key for work in self.works])

    # --- Contacts

    def _settle(self, work: Work) -> bool:
        """Find the contact, or plan a new one; False when a person must say which it is."""
        if work.contact is not None:
            self._bring_up_to_date(work)
            self.contacts.answers_to(work.prospect.phone, work.contact)
            return True
        match = self.contacts.match(work.prospect, work.key)
        conflict = self.contacts.settled.get(work.key)
        if match.candidates:
            self._ask(work, match, conflict)
            return False
        if conflict is not None and conflict.state == ColleagueConflict.State.OPEN:
            conflict.state = ColleagueConflict.State.GONE
            conflict.save(update_fields=["state", "updated_at"])
        if match.shares_phone:
            self.report.tell(Outcome.NOTICE, "contact", "shared_phone", number=work.number, path="telephone")
        if match.contact is None:
            self._plan(work)
        else:
            work.contact = match.contact
            self.contacts.bind(match.contact)
            if match.contact.pk is None:
                self._fill(work)
            else:
                self._bring_up_to_date(work, by_phone=match.by_phone)
            self.contacts.answers_to(work.prospect.phone, match.contact)
        return True

    def _plan(self, work: Work) -> None:
        prospect = work.prospect
        contact = Contact(
            **{name: getattr(prospect, name) for name in OF_THE_CONTACT},
            status=Contact.Status.CLIENT,
            source=_("Colleague’s system"),
            owner=work.seller,
        )
        work.contact = contact
        self.new_contacts.append(contact)
        self.contacts.add(contact, bound=True)
        self.report.count("contact", "created")

    def _fill(self, work: Work) -> None:
        """Two prospects of one batch are one new contact: the second says what the first left empty."""
        assert work.contact is not None  # noqa: S101 (just given)
        for name in OF_THE_CONTACT:
            if not getattr(work.contact, name):
                setattr(work.contact, name, getattr(work.prospect, name))
        self.report.count("contact", "unchanged")

    def _bring_up_to_date(self, work: Work, *, by_phone: bool = False) -> None:
        contact = work.contact
        assert contact is not None  # noqa: S101 (asked for those who have one)
        told = told_of(work.prospect, self.started, OF_THE_CONTACT)
        told |= self.told_owner(work)
        if contact.mobile and contact.mobile == work.prospect.phone:
            told.pop("phone", None)  # it is known, in the other box
        if by_phone:
            # A phone alone makes nobody somebody else: what is filled in stays.
            told = {name: replace(one, dated=False) for name, one in told.items()}
        last = work.record.values if work.record else {}
        values, worth = merged(contact, told, last, lambda name: changed_by_hand(contact, name))
        self.report.tell_wins("contact", contact, worth, work.number)
        if values:
            change_contact(user=None, contact=contact, values=values)
        self.report.count("contact", "updated" if values else "unchanged")

    def told_owner(self, work: Work) -> dict[str, Told]:
        """The prospect's salesperson; that it has none says nothing about whoever looks after the client."""
        if work.seller is None:
            return {}
        said = work.prospect.salesperson
        at = (said.updated_at if said else None) or work.prospect.updated_at
        # Who looked after somebody before the source spoke of them goes on doing so.
        dated = at is not None and work.record is not None
        return {"owner": Told(work.seller, at or self.started, dated)}

    def _ask(self, work: Work, match: Match, conflict: ColleagueConflict | None) -> None:
        prospect = work.prospect
        conflict = conflict or ColleagueConflict(key=work.key)
        conflict.number = work.number
        conflict.name = f"{prospect.first_name} {prospect.last_name}".strip()
        conflict.email, conflict.phone = prospect.email, prospect.phone
        conflict.reason = ColleagueConflict.Reason(match.reason)
        conflict.candidates = sorted(each.pk for each in match.candidates if each.pk)
        conflict.contracts = len(prospect.contracts)
        conflict.state = ColleagueConflict.State.OPEN
        conflict.save()
        self.report.count("prospect", "failed")
        self.report.tell(
            Outcome.CONFLICT, "prospect", "candidates", number=work.number, about=conflict, path="",
        )  # fmt: skip
        work.clean = False

    # --- Clients

    def _clients(self, ready: Sequence[Work]) -> None:
        new = set(map(id, self.new_contacts))
        for work in ready:
            contact = work.contact
            assert contact is not None  # noqa: S101 (settled)
            if work.client is not None:
                self._change_client(work, work.client)
            elif id(contact) in self.new_clients:
                work.client = self.new_clients[id(contact)]
                self.report.count("client", "unchanged")
            elif id(contact) in new:
                work.client = self.new_clients[id(contact)] = self._new_client(work, contact)
                self.report.count("client", "created")
            else:
                self._make_client(work, contact)
        import_clients(user=None, clients=list(self.new_clients.values()), data=self.data)

    def _new_client(self, work: Work, contact: Contact) -> Client:
        return Client(contact=contact, **self._first_values(work))

    def _first_values(self, work: Work) -> dict[str, Any]:
        card = work.prospect.identity_card
        return {
            "owner": work.seller,
            "signed_on": first_signature(work),
            "identity_card": dict(card) if card else None,
        }

    def _make_client(self, work: Work, contact: Contact) -> None:
        """A contact who was here before: the client is that of their company, when they have one."""
        present = client_of(contact)
        if present is not None:
            work.client = present
            self._change_client(work, present)
            return
        values = self._first_values(work)
        if values["owner"] is None or contact.owner_id is not None:
            del values["owner"]  # who looks after the contact
        work.client = make_client(user=None, subject=contact, values=values)
        self.report.count("client", "created")

    def _change_client(self, work: Work, client: Client) -> None:
        told = self.told_owner(work)
        last = work.record.values if work.record else {}
        values, worth = merged(client, told, last, lambda name: changed_by_hand(client, name))
        if values:
            change_client(user=None, client=client, values=values)
        card = told_of(work.prospect, self.started, ["identity_card"])
        carded = merged(client, card, last, lambda name: None)[0]
        if carded:
            # Nobody changes it here: the source's own word stands. The log says that, not what it holds.
            given = carded["identity_card"]
            change_record(
                user=None,
                obj=client,
                values={"identity_card": dict(given) if given else None},
                unlogged=("identity_card",),
                data=self.data,
            )
        self.report.tell_wins("client", client, worth, work.number)
        self.report.count("client", "updated" if values or carded else "unchanged")

    def remembered(self, work: Work) -> dict[str, Any]:
        """What the source said of the person, for the next time."""
        told = told_of(work.prospect, self.started, [*OF_THE_CONTACT, "identity_card"])
        return remembered(told | self.told_owner(work), work.record.values if work.record else {})


def found_or_kept(rows: QuerySet[Any], pks: Collection[int]) -> dict[int, Any]:
    """{number: its row}; that of a record which was merged into another is the other's."""
    found = rows.in_bulk(pks)
    instead = kept_instead(rows.model, set(pks) - found.keys())
    kept = rows.in_bulk(set(instead.values()) - found.keys()) | found if instead else found
    return found | {pk: kept[end] for pk, end in instead.items() if end in kept}


def first_signature(work: Work) -> date | None:
    days = [each.signed_on for each in work.prospect.contracts if each.signed_on]
    return min(days, default=None)


def changed_by_hand(obj: Any, name: str) -> datetime | None:
    """When somebody changed a field of a record last; what the house does by itself has nobody's name."""
    events = Event.objects.filter(
        subject_type=obj._meta.label_lower, subject_id=obj.pk, actor_id__isnull=False
    ).order_by("-id")
    for at, changes in events.values_list("at", "changes")[:LOOKED_AT]:
        if name in changes:
            return at  # type: ignore[no-any-return]
    return obj.updated_at  # type: ignore[no-any-return]
