"""Company data of the demo: firms that were looked up, and scores of solvency that were asked for."""

from datetime import timedelta

from django.utils import timezone

from crm.models import Company
from crm.services.company_data import set_solvency
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sync.coface.mapping import scores_of
from sync.make_believe import pappers_answer, publications
from sync.models import CompanyLookup, Solvency
from sync.pappers.mapping import firm_of

SEED = 20261122
LOOKED_UP, SCORED, PENDING = 120, 45, 2


def build_company_data(demo: Demo) -> None:
    """By a draw of its own: what is told here changes nothing in the rest of the story."""
    draw = Draw(SEED)
    known = list(Company.objects.exclude(siren="").order_by("pk"))
    draw.random.shuffle(known)
    clients = [company for company in known if company.status == Company.Status.CLIENT]
    demo.insert(_lookup(demo, draw, company) for company in known[:LOOKED_UP])
    scored = [_score(demo, draw, company) for company in clients[:SCORED]]
    pending = [_order(demo, draw, company, days=(3, 0)) for company in clients[SCORED : SCORED + PENDING]]
    demo.insert(sorted([*scored, *pending], key=lambda row: row.pk))
    for row in scored:
        set_solvency(company=row.company, value=row.value, on=row.released_on, today=demo.today)


def _lookup(demo: Demo, draw: Draw, company: Company) -> CompanyLookup:
    firm = firm_of(pappers_answer("/entreprise", {"siren": company.siren}))
    at = draw.working_moment(max(company.created_at, demo.end - timedelta(days=60)), demo.end)
    return CompanyLookup(
        pk=demo.number(CompanyLookup),
        provider="pappers",
        key=company.siren,
        payload=firm.as_json() if firm else {},
        fetched_at=at,
        asked_by=company.owner or demo.people["manager"],
        demo=True,
    )


def _order(demo: Demo, draw: Draw, company: Company, *, days: tuple[int, int]) -> Solvency:
    """An order placed so many days ago, by somebody who may."""
    person = demo.people["manager" if draw.chance(0.6) else "admin"]
    at = draw.working_moment(demo.end - timedelta(days=days[0]), demo.end - timedelta(days=days[1]))
    demo.happened(at, person, "solvency_asked", company, data={"source": "Coface"})
    return Solvency(
        pk=demo.number(Solvency),
        company=company,
        siren=company.siren,
        order_number=f"demo-{company.siren}",
        asked_by=person,
        demo=True,
        created_at=at,
        updated_at=at,
    )


def _score(demo: Demo, draw: Draw, company: Company) -> Solvency:
    row = _order(demo, draw, company, days=(150, 3))
    day = timezone.localdate(row.created_at)
    first, *earlier = scores_of(publications(company.siren, day))
    row.state, row.value, row.text = Solvency.State.SCORED, first.value, first.text
    row.released_on, row.default_probability = first.released_on, first.default_probability
    row.history = [[str(score.released_on), score.value] for score in earlier]
    data = {"source": "Coface", "value": first.value, "on": str(first.released_on)}
    moment = row.created_at + timedelta(seconds=2)
    demo.happened(moment, row.asked_by, "solvency_scored", company, data=data)
    return row
