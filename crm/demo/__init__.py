"""The demo's companies, contacts, deals and activities: a year of work."""

from datetime import timedelta

from crm.demo.activities import build_activities
from crm.demo.clients import build_clients
from crm.demo.companies import Firm, build_companies, build_lessor
from crm.demo.contacts import build_contacts
from crm.demo.customs import build_customs
from crm.demo.deals import build_deals
from crm.demo.documents import build_documents
from crm.demo.scale import scale as scale_contacts
from crm.demo.scale_clients import scale_clients
from crm.demo.scale_deals import scale_deals
from crm.models import ScoreRule, Tag
from crm.models.tag import tag_key
from crm.services.client_signs import touch_clients
from crm.services.company import refresh_companies
from crm.services.score import touch_scores
from crm.services.tally import adjust_tally, tally_of
from digiweb.demo import Demo
from digiweb.demo.scale import Scale

__all__ = ["build", "finish", "scale"]

COMPANIES, CONTACTS, ALONE, DEALS, ACTIVITIES, DOCUMENTS = 400, 900, 96, 350, 2500, 120


def build(demo: Demo) -> None:
    """Tags, companies, contacts, deals, activities; and the counts, by the services that keep them."""
    # Rules come with `migrate`, of whatever day that was.
    ScoreRule.objects.update(created_at=demo.start, updated_at=demo.start)
    tags = _tags(demo)
    lessor = build_lessor(demo, tags)
    firms: list[Firm] = build_companies(demo, COMPANIES, tags)
    contacts = build_contacts(demo, firms, CONTACTS, ALONE, tags)
    adjust_tally(tally_of(contacts))
    refresh_companies([lessor.pk, *(firm.company.pk for firm in firms)])
    deals = build_deals(demo, contacts, DEALS, tags)
    build_activities(demo, contacts, deals, ACTIVITIES)
    touch_scores((contact.pk for contact in contacts), demo.today)
    build_documents(demo, contacts, deals, DOCUMENTS)
    build_customs(demo, firms, contacts, deals)
    build_clients(demo, deals)


def finish(demo: Demo) -> None:
    """What clients show of others, once everything about them is written."""
    touch_clients((client.pk for client in demo.clients), demo.today)


def scale(scale: Scale) -> None:
    """Many contacts with their surroundings, then clients and deals of them."""
    scale_contacts(scale)
    scale_clients(scale)
    scale_deals(scale)


def _tags(demo: Demo) -> dict[str, Tag]:
    names = {
        "VIP": Tag.Colour.RED,
        "À rappeler": Tag.Colour.AMBER,
        "Newsletter": Tag.Colour.GREEN,
        "Refonte de site": Tag.Colour.BLUE,
        "Référencement": Tag.Colour.PURPLE,
        "E-commerce": Tag.Colour.BLUE,
        "Réseaux sociaux": Tag.Colour.PURPLE,
        f"Salon {demo.today.year}": Tag.Colour.SLATE,
        "Partenaire": Tag.Colour.GREEN,
    }
    at = demo.start - timedelta(days=3, hours=-10)
    tags = [
        Tag(
            pk=demo.number(Tag),
            name=name,
            key=tag_key(name),
            colour=colour,
            created_at=at,
            updated_at=at,
        )
        for name, colour in names.items()
    ]
    demo.insert(tags)
    return {tag.name: tag for tag in tags}
