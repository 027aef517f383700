# ruff: noqa: SIM905 (columns read better as text)
"""Many companies and contacts for `seed_scale`, tuple by tuple.

What the models derive (sort_name, search_text, score) is put together here from folded pieces, several
times faster than by the models; tests/digiweb/test_demo.py compares both.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from django.db.models import Max
from django.utils import timezone

from crm.models import (
    Company,
    CompanyAccess,
    Contact,
    ContactTag,
    Industry,
    Tag,
)
from crm.models.score_rule import rules_now
from crm.services.tally import adjust_tally
from digiweb.demo.draw import luhn_digit, slug_of
from digiweb.demo.names import FIRST_NAMES
from digiweb.demo.scale import BATCH, RARE_NAME, RARE_ROWS, Scale, batches, surnames, without_words
from digiweb.demo.towns import TOWNS
from digiweb.demo.trades import SOURCES, TRADES, WORDS
from digiweb.fulltext import WORD, fold
from digiweb.geo.places import Location, locate
from digiweb.identifiers import vat_of_siren
from digiweb.scopes import EVERYBODY

FEW, MANY, UNOWNED = 200, 100_000, 0.05
LARGE_COMPANY = 1_000
# Filters that benchmarks use (tests/bench): a tag and a town on about one row of a hundred.
TAGS = (("Bench fréquent", 0.2), ("Bench moyen", 0.01), ("Bench rare", 0.0005))
CONTACT = (
    "id created_at updated_at version first_name last_name email phone mobile job_title company_id address "
    "postcode city country status source owner_id score sort_name search_text"
).split()
COMPANY = (
    "id created_at updated_at version name status industry headcount turnover siren siret vat_number "
    "naf_code legal_form legal_manager email phone website address postcode city country owner_id "
    "contact_count place department sort_name search_text"
).split()


def words(text: str) -> tuple[str, ...]:
    """The searchable words of a text, as `digiweb.fulltext.search_text` sees them."""
    return tuple(WORD.findall(fold(text)))


def suffixes(national: str) -> list[str]:
    """The endings of a French number, as `digiweb.phones.phone_suffixes` gives them."""
    return [national[start:] for start in range(7)]


class Surroundings:
    """Who owns what and who works where, decided before anything is written."""

    def __init__(self, scale: Scale) -> None:
        rng, number = scale.random, scale.contacts
        self.scale = scale
        self.company_count = max(number // 3, 1)
        self.first_contact = (Contact.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.first_company = (Company.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        sellers = [pk for key, pk in scale.people.items() if key.startswith("seller")]
        # Company 0 is the large one of filters by company; 0 stands for no company below.
        self.owner_of_company = array("q", rng.choices(sellers, k=self.company_count))
        self.companies = array("q", rng.choices(range(self.company_count), k=number))
        self.owners = array("q", (self.owner_of_company[place] for place in self.companies))
        for place in rng.sample(range(number), number // 12):
            self.companies[place] = -1
            self.owners[place] = rng.choice(sellers)
        places = rng.sample(range(number), number)
        large = min(LARGE_COMPANY, max(min(60, number), number // 100))
        for place in places[:large]:
            self.companies[place] = 0
        few, many = min(FEW, number // 5), min(MANY, number // 4)
        nobody = int(number * UNOWNED)
        rng.shuffle(places)
        for place in places[:few]:
            self.owners[place] = scale.people["few"]
        for place in places[few : few + many]:
            self.owners[place] = scale.people["many"]
        for place in places[few + many : few + many + nobody]:
            self.owners[place] = 0
        rng.shuffle(places)
        self.rare = set(places[:RARE_ROWS])
        self.names, self.name_weights = surnames(rng, min(20_000, 500 + number // 20))
        # A tenth of the rows in the first town of the list's largest, the others by weight.
        self.town_weights = list(accumulate(town.weight for town in TOWNS))

    def company_name(self, place: int) -> str:
        """The same name whenever it is asked for."""
        last = self.names[(place * 7919) % len(self.names)]
        pattern = TRADES[place % len(TRADES)].names[0]
        word, first = WORDS[place % len(WORDS)], FIRST_NAMES[place % len(FIRST_NAMES)]
        return pattern.format(last=last, last2=last, first=first, town=self.town(place).name, word=word)

    def town(self, place: int) -> Any:
        return TOWNS[(place * 31) % len(TOWNS)]

    def located(self, place: int) -> Location:
        town = self.town(place)
        return locate(town.postcode, town.name, "FR")  # `locate` remembers: there are a few hundred towns


def scale(scale: Scale) -> None:
    """Tags, companies, contacts, and the counts that hang on them."""
    with without_words(Company, Contact):
        _fill(scale)


def _fill(scale: Scale) -> None:
    here = Surroundings(scale)
    counts: Counter[int] = Counter(here.companies)
    seen = {(here.owner_of_company[place], place) for place in range(here.company_count)}
    pairs = zip(here.owners, here.companies, strict=True)
    seen.update((owner or EVERYBODY, place) for owner, place in pairs if place >= 0)
    # Everybody stands alone (crm.services.company.seers).
    free = {place for owner, place in seen if owner == EVERYBODY}
    seen = {pair for pair in seen if pair[0] == EVERYBODY or pair[1] not in free}
    names = [here.company_name(place) for place in range(here.company_count)]
    scale.write(Company, COMPANY, _companies(here, names, counts), here.company_count)
    keys = [fold(name).strip()[:200] for name in names]
    in_order = sorted(seen, key=_by_company)
    access = (
        (
            person,
            here.first_company + place,
            keys[place],
            status_of(place),
            industry_of(place),
            *reversed(here.located(place)),
        )
        for person, place in in_order
    )
    scale.write(CompanyAccess, ("person_id", "company_id", *CompanyAccess.carries), access, len(seen))
    del seen
    tally: Counter[tuple[int, str, str]] = Counter()
    scale.write(Contact, CONTACT, _contacts(here, names, tally), scale.contacts)
    for lines in batches(iter(sorted(tally.items())), BATCH):
        adjust_tally(Counter(dict(lines)))
    _tag(here)
    scale.busy.append((Contact._meta.label_lower, here.first_contact + scale.contacts // 2))


INDUSTRIES = [value for value in Industry.values if value]


def status_of(place: int) -> str:
    """The status of a company."""
    return ("prospect", "client", "former")[(place * 7) % 10 // 4]


def industry_of(place: int) -> str:
    """Its line of business."""
    return INDUSTRIES[(place // 3) % len(INDUSTRIES)]


def _by_company(pair: tuple[int, int]) -> tuple[int, int]:
    return pair[1], pair[0]


def _companies(here: Surroundings, names: list[str], counts: Counter[int]) -> Iterator[tuple[Any, ...]]:
    scale, rng = here.scale, here.scale.random
    for place in range(here.company_count):
        at = scale.moment(place, here.company_count).replace(tzinfo=None)
        name, town, trade = names[place], here.town(place), TRADES[place % len(TRADES)]
        digits = f"{30_000_000 + place * 17:08d}"
        siren = digits + luhn_digit(digits)
        siret = f"{siren}0001"
        siret += luhn_digit(siret)
        boss = f"{FIRST_NAMES[place % 187]} {here.names[place % len(here.names)]}"
        email = f"contact@{slug_of(name)}.example"
        national = f"019900{place % 10_000:04d}"
        found = dict.fromkeys((*words(name), *words(town.name), town.postcode, *words(boss), *words(email)))
        found.update({siren: None, siret: None})
        found.update(dict.fromkeys(suffixes(national)))
        yield (
            here.first_company + place, at, at, 1, name,
            status_of(place), industry_of(place), 1 + place % 60, 50_000 + place % 1000 * 5_000,
            siren, siret, vat_of_siren(siren), trade.naf, trade.forms[0], boss, email, "+33" + national[1:],
            f"https://www.{slug_of(name)}.example", f"{1 + rng.randrange(140)} rue Pasteur", town.postcode,
            town.name, "FR", here.owner_of_company[place], counts[place], *here.located(place),
            fold(name).strip()[:200],
            " ".join(found),
        )  # fmt: skip


def _contacts(
    here: Surroundings, names: list[str], tally: Counter[tuple[int, str, str]]
) -> Iterator[tuple[Any, ...]]:
    scale, rng, number = here.scale, here.scale.random, here.scale.contacts
    firsts = [(name, words(name), slug_of(name)) for name in FIRST_NAMES]
    lasts = [(name, words(name), slug_of(name)) for name in here.names]
    rare = (RARE_NAME, words(RARE_NAME), slug_of(RARE_NAME))
    towns = [(town, (*words(town.name), town.postcode)) for town in TOWNS]
    jobs = [(job, words(job)) for job in dict.fromkeys(job for trade in TRADES for job in trade.jobs)]
    sources, source_weights = zip(*SOURCES, strict=True)
    # No activities and no deals yet: the score is what is known.
    points = {fact: worth.points for fact, worth in rules_now().items()}
    always = sum(points.get(fact, 0) for fact in ("name", "job_title", "city"))
    by_email, by_phone, by_firm, by_owner = (points.get(f, 0) for f in ("email", "phone", "company", "owner"))
    day, day_of = "", 0
    for start in range(0, number, BATCH):
        size = min(BATCH, number - start)
        columns = zip(
            range(start, start + size),
            rng.choices(firsts, k=size),
            rng.choices(lasts, cum_weights=here.name_weights, k=size),
            rng.choices(towns, cum_weights=here.town_weights, k=size),
            rng.choices(jobs, k=size),
            rng.choices(sources, weights=source_weights, k=size),
            rng.choices(("lead", "prospect", "client"), weights=(45, 33, 22), k=size),
            rng.choices(range(10_000_000, 99_999_999), k=size),
            rng.choices(range(10_000_000, 99_999_999), k=size),
            strict=True,
        )
        for place, first, last, (town, town_words), (job, job_words), source, status, line, cell in columns:
            moment = scale.moment(place, number)
            if int(moment.timestamp()) // 3600 != day_of:
                day_of = int(moment.timestamp()) // 3600
                day = timezone.localtime(moment).date().isoformat()
            if place in here.rare:
                last = rare
            owner, firm = here.owners[place] or None, here.companies[place]
            tally[owner or 0, status, day] += 1
            mailbox = f"{first[2]}.{last[2]}{place % 1000}"
            domain = slug_of(names[firm]) if firm >= 0 else "courriel"
            email = f"{mailbox}@{domain}.example" if place % 10 else ""
            phone = f"0{1 + line % 5}{line}" if place % 3 else ""
            mobile = f"06{cell}" if place % 2 else ""
            found = dict.fromkeys((*first[1], *last[1]))
            if email:
                found.update(dict.fromkeys(words(email)))
            found.update(dict.fromkeys((*town_words, *job_words)))
            if firm >= 0:
                found.update(dict.fromkeys(words(names[firm])))
            if phone:
                found.update(dict.fromkeys(suffixes(phone)))
            if mobile:
                found.update(dict.fromkeys(suffixes(mobile)))
            score = (
                always + bool(email) * by_email + bool(phone or mobile) * by_phone + (firm >= 0) * by_firm
                + bool(owner) * by_owner
            )  # fmt: skip
            at = moment.replace(tzinfo=None)
            yield (
                here.first_contact + place, at, at, 1, first[0], last[0], email, phone and "+33" + phone[1:],
                mobile and "+33" + mobile[1:], job, here.first_company + firm if firm >= 0 else None, "",
                town.postcode, town.name, "FR", status, source, owner, score,
                fold(f"{last[0]} {first[0]}"), " ".join(found),
            )  # fmt: skip


def _tag(here: Surroundings) -> None:
    """Each tag on its share of the contacts, the middle one on sixty at least."""
    number, rng = here.scale.contacts, here.scale.random
    for name, share in TAGS:
        tag, _made = Tag.objects.get_or_create(key=fold(name), defaults={"name": name})
        chosen = sorted(rng.sample(range(number), min(number, max(60, int(number * share)))))
        rows = _tagged([here.first_contact + place for place in chosen], tag.pk)
        here.scale.write(ContactTag, ("tag_id", "contact_id", *ContactTag.carries), rows, len(chosen))


def _tagged(pks: list[int], tag: int) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(pks), BATCH):
        contacts = Contact.objects.filter(pk__in=pks[start : start + BATCH]).order_by("pk")
        for copied in contacts.values_list("pk", *ContactTag.carries):
            yield (tag, *copied)
