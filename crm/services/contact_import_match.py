"""Who and what the rows of an import meet: contacts by e-mail and phone, companies by SIRET and name.

Everything that a batch may meet is fetched before its first row; what the batch itself writes is added as it
goes, so that a row meets the same whether the rows before it are in its batch or in an earlier one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from crm.importing.draft import TEXTS, CompanyDraft, Draft
from crm.importing.plan import Settings
from crm.importing.reading import Ready
from crm.models import (
    Company,
    Contact,
    ContactImport,
    ContactImportCompany,
    ContactImportRow,
    ContactTag,
    Tag,
)
from digiweb.fulltext import fold
from digiweb.inserts import numbers_where
from digiweb.querysets import reach_of

# How much the person may do with a contact that a row meets.
MAY_CHANGE, MAY_SEE, HIDDEN = 0, 1, 2


class Contacts:
    """The contacts of the whole house that a batch may meet."""

    def __init__(self, run: ContactImport, user: Any, choices: Settings, *, customs: bool = False) -> None:
        self.run, self.user, self.choices = run, user, choices
        # Whether the file fills custom fields.
        self.customs = customs
        self.updates = choices.on_duplicate == "update"
        self._by_email: dict[str, list[Draft]] = {}
        self._by_phone: dict[str, list[Draft]] = {}
        self._rank: dict[int, int] = {}
        self.stored: dict[int, Draft] = {}

    def load(self, batch: Sequence[Ready]) -> None:
        rows = [ready.clean.data for ready in batch if not ready.problems]
        found: set[int] = set()
        if self.choices.by_email:
            found.update(numbers_where(Contact, "email", {row["email"] for row in rows if "email" in row}))
        if self.choices.by_phone:
            phones = {row[name] for row in rows for name in ("phone", "mobile") if name in row}
            found.update(numbers_where(Contact, "phone", phones), numbers_where(Contact, "mobile", phones))
        if found:
            self._fetch(sorted(found))

    def _fetch(self, pks: list[int]) -> None:
        contacts = Contact.objects.filter(pk__in=pks).order_by("pk")
        if self.updates:
            contacts = contacts.select_for_update()
        names = ["pk", "owner_id", "version", "company_id", "created_at", "score_events", *TEXTS]
        names += ["custom"] if self.customs else []
        rows = list(contacts.values_list(*names))
        companies: dict[int, CompanyDraft] = {}
        if self.updates:
            wanted = {row[3] for row in rows if row[3]}
            for pk, name, siret in Company.objects.filter(pk__in=wanted).values_list("pk", "name", "siret"):
                companies[pk] = CompanyDraft(pk=pk, name=name, siret=siret)
        for pk, owner_id, version, company_id, created_at, score_events, *texts in rows:
            custom = texts.pop() if self.customs else None
            draft = Draft(dict(zip(TEXTS, texts, strict=True)), pk=pk, owner_id=owner_id, version=version)
            draft.company = companies.get(company_id or 0)
            draft.custom = custom
            draft.created_at, draft.score_events = created_at, score_events
            self.stored[pk] = draft
            self.add(draft)
        if self.updates:
            self._load_tags(list(self.stored))
        self._load_ranks(list(self.stored))

    def _load_tags(self, pks: list[int]) -> None:
        for pk, key in ContactTag.objects.filter(contact_id__in=pks).values_list("contact_id", "tag__key"):
            self.stored[pk].tags.add(key)

    def _load_ranks(self, pks: list[int]) -> None:
        seen, changed = self._allowed("view", pks), self._allowed("change", pks)
        own = ContactImportRow.objects.filter(
            run=self.run, contact_id__in=pks, outcome=ContactImportRow.Outcome.CREATED
        )
        for pk, number in own.values_list("contact_id", "number"):
            self.stored[pk or 0].row = number
        for pk in pks:
            if self.stored[pk].row or (pk in changed and pk in seen):
                self._rank[pk] = MAY_CHANGE
            else:
                self._rank[pk] = MAY_SEE if pk in seen else HIDDEN

    def _allowed(self, action: str, pks: list[int]) -> set[int]:
        if reach_of(self.user, Contact.module, action) == "all":
            return set(pks)
        return set(
            Contact.objects.visible_to(self.user, action).filter(pk__in=pks).values_list("pk", flat=True)
        )

    def rank(self, draft: Draft) -> int:
        """A contact that this run created itself is the person's to change, whoever it went to."""
        return self._rank.get(draft.pk, MAY_CHANGE) if draft.pk else MAY_CHANGE

    def match(self, data: dict[str, str]) -> Draft | None:
        """The contact that a row is about: the one the person can do most with, then the oldest."""
        found: list[Draft] = []
        if self.choices.by_email and "email" in data:
            found = self._by_email.get(data["email"], [])
        if not found and self.choices.by_phone:
            phones = {data[name] for name in ("phone", "mobile") if name in data}
            found = [draft for phone in phones for draft in self._by_phone.get(phone, ())]
        if not found:
            return None
        return min(found, key=lambda draft: (self.rank(draft), draft.pk or _LAST, draft.row))

    def add(self, draft: Draft) -> None:
        """From now on rows meet this contact."""
        if self.choices.on_duplicate == "create":
            return
        if draft.email:
            self._by_email.setdefault(draft.email, []).append(draft)
        for phone in {draft.phone, draft.mobile}:
            if phone:
                self._by_phone.setdefault(phone, []).append(draft)

    def remove(self, draft: Draft) -> None:
        """Before its e-mail or phones change; `add` it again afterwards."""
        if draft.email:
            self._by_email[draft.email].remove(draft)
        for phone in {draft.phone, draft.mobile}:
            if phone:
                self._by_phone[phone].remove(draft)


_LAST = 1 << 62


class Companies:
    """The companies that the rows of a batch may name: those in the person's sight, and the run's own."""

    def __init__(self, run: ContactImport, user: Any) -> None:
        self.run, self.user = run, user
        self._by_siret: dict[str, CompanyDraft] = {}
        self._by_name: dict[str, list[CompanyDraft]] = {}
        self._folded: dict[str, str] = {}
        self.created: list[CompanyDraft] = []
        self.used: dict[int, CompanyDraft] = {}

    def load(self, batch: Sequence[Ready]) -> None:
        rows = [ready.clean.data for ready in batch if not ready.problems]
        sirets = {row["siret"] for row in rows if "siret" in row}
        names = {self._key(row["company"]) for row in rows if "company" in row}
        columns = ("pk", "name", "siret", "postcode", "city", "country")
        found: dict[int, CompanyDraft] = {}
        for condition in ({"siret__in": sirets}, {"sort_name__in": names}):
            if any(condition.values()):
                for row in Company.objects.filter(**condition).values_list(*columns):
                    draft = CompanyDraft(**dict(zip(columns, row, strict=True)))
                    found[draft.pk] = draft
        for pk in sorted(self._in_sight(list(found))):
            self._remember(found[pk])

    def _in_sight(self, pks: list[int]) -> set[int]:
        if not pks or reach_of(self.user, Company.module, "view") == "all":
            return set(pks)
        seen = set(Company.objects.visible_to(self.user).filter(pk__in=pks).values_list("pk", flat=True))
        used = ContactImportCompany.objects.filter(run=self.run, company_id__in=pks)
        return seen | set(used.values_list("company_id", flat=True))

    def resolve(self, data: dict[str, str]) -> CompanyDraft | None:
        """The company that a row names, created when there is none; None when it names none."""
        name, siret = data.get("company", ""), data.get("siret", "")
        if not name and not siret:
            return None
        found = self._by_siret.get(siret) if siret else None
        if found is None and name:
            found = self._by_its_name(self._key(name), siret, data)
        if found is None:
            found = self._create(name or f"SIRET {siret}", siret, data)
        if found.pk:
            self.used[found.pk] = found
        return found

    def touch(self, company: CompanyDraft) -> None:
        """A company that lost a contact stays known to the run."""
        if company.pk:
            self.used[company.pk] = company

    def _by_its_name(self, key: str, siret: str, data: dict[str, str]) -> CompanyDraft | None:
        same = [c for c in self._by_name.get(key, ()) if not (siret and c.siret and c.siret != siret)]
        postcode, city = data.get("postcode", ""), data.get("city", "")
        if not postcode and not city:
            return same[0] if same else None
        for company in same:
            if (postcode and company.postcode == postcode) or (
                city and self._key(company.city) == self._key(city)
            ):
                return company
        return next((c for c in same if not c.postcode and not c.city), None)

    def _create(self, name: str, siret: str, data: dict[str, str]) -> CompanyDraft:
        company = CompanyDraft(
            name=name,
            siret=siret,
            postcode=data.get("postcode", ""),
            city=data.get("city", ""),
            country=data.get("country", "FR"),
        )
        self.created.append(company)
        self._remember(company)
        return company

    def _remember(self, company: CompanyDraft) -> None:
        if company.siret:
            self._by_siret.setdefault(company.siret, company)
        if company.sort_name:
            self._by_name.setdefault(company.sort_name, []).append(company)

    def _key(self, name: str) -> str:
        key = self._folded.get(name)
        if key is None:
            key = self._folded[name] = fold(name).strip()[:200]
        return key


def known_tags(keys: Iterable[str]) -> dict[str, str]:
    """{key: name} of the tags that exist."""
    return dict(Tag.objects.filter(key__in=set(keys)).values_list("key", "name"))
