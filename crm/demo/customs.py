"""Custom fields of the demo: what a web agency wants to know besides, filled in on part of the records."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Model

from crm.demo.companies import Firm
from crm.models import Company, Contact, CustomField, Deal
from crm.models.custom_field import clean_choices, key_from
from crm.services.custom_value import index_values
from digiweb.custom import PREFIX, set_value, told
from digiweb.demo import Demo
from digiweb.demo.draw import Draw

# Its own die: the rest of the story stays as it was.
SEED = 16
FIELDS = {
    Contact: (
        ("Canal préféré", "choice", "Téléphone, E-mail, SMS, Visioconférence", ""),
        ("Anniversaire", "date", "", "Pour la carte de vœux."),
    ),
    Company: (
        (
            "CMS actuel",
            "choice",
            "WordPress, PrestaShop, Shopify, Wix, Joomla, Sur mesure, Aucun site",
            "Ce que dit le code source de la page d’accueil.",
        ),
        ("Hébergeur", "choice", "OVHcloud, o2switch, Ionos, Gandi, Infomaniak, Scaleway", ""),
        ("Site audité le", "date", "", ""),
        ("Sous contrat de maintenance", "yes_no", "", ""),
    ),
    Deal: (
        ("Pages prévues", "number", "", "Sans les mentions légales."),
        ("Concurrent", "text", "", "L’agence à laquelle on nous compare."),
    ),
}
RIVALS = ("Agence Pixelune", "Studio Grain de Sel", "WebOuest", "Atelier Numérique du Rhône", "Kiwi & Co")
PAGES = {"Refonte": (8, 40), "Création": (5, 18), "Boutique": (15, 60)}


def build_customs(
    demo: Demo, firms: Sequence[Firm], contacts: Sequence[Contact], deals: Sequence[Deal]
) -> None:
    """The fields, and the values that somebody filled in after each record was made."""
    draw = Draw(SEED)
    _define(demo)
    shops = {firm.company.pk for firm in firms if firm.trade.naf == "47.91B"}
    companies = [firm.company for firm in firms]
    _fill(demo, draw, companies, lambda company: _of_company(demo, draw, company, company.pk in shops))
    _fill(demo, draw, contacts, lambda contact: _of_contact(demo, draw))
    _fill(demo, draw, deals, lambda deal: _of_deal(draw, deal))


def _define(demo: Demo) -> None:
    at = demo.start - timedelta(days=2, hours=-10)
    fields = []
    for model, lines in FIELDS.items():
        for place, (label, kind, choices, help_text) in enumerate(lines, start=1):
            fields.append(
                CustomField(
                    pk=demo.number(CustomField),
                    subject=model._meta.label_lower,
                    key=key_from(label),
                    label=label,
                    kind=kind,
                    choices=clean_choices(choices.split(", ") if choices else [], []),
                    help_text=help_text,
                    position=place,
                    created_at=at,
                    updated_at=at,
                )
            )
    demo.insert(fields)


def _fill(demo: Demo, draw: Draw, records: Iterable[Any], values_of: Callable[[Any], dict[str, Any]]) -> None:
    touched: list[Any] = []
    book = {field.key: field for field in CustomField.objects.order_by("pk")}
    for record in records:
        values = {f"{PREFIX}{key}": value for key, value in values_of(record).items() if value is not None}
        if not values:
            continue
        at = min(record.created_at + timedelta(hours=draw.between(1, 60), minutes=7), demo.end)
        for name, value in values.items():
            set_value(record, name, value)
        record.version += 1
        record.updated_at = max(at, record.updated_at)
        changes = told(type(record), {name: [None, value] for name, value in values.items()}, book)
        demo.happened(at, record.owner or demo.people["manager"], "changed", record, changes=changes)
        touched.append(record)
    if touched:
        model: type[Model] = type(touched[0])
        model._default_manager.bulk_update(touched, ["custom", "version", "updated_at"], batch_size=500)
        index_values(touched)


def _of_company(demo: Demo, draw: Draw, company: Company, shop: bool) -> dict[str, Any]:
    """A firm without a site has no host and no audit; only clients have a contract."""
    if not draw.chance(0.7):
        return {}
    if not company.website:
        return {"cms-actuel": "aucun-site"}
    usual = (
        ("wordpress", 52),
        ("wix", 14),
        ("joomla", 8),
        ("sur-mesure", 12),
        ("prestashop", 8),
        ("shopify", 6),
    )
    shops = (("prestashop", 48), ("shopify", 34), ("wordpress", 18))
    cms = draw.weighted(shops if shop else usual)
    hosts = (
        ("ovhcloud", 45),
        ("o2switch", 20),
        ("ionos", 15),
        ("gandi", 8),
        ("infomaniak", 7),
        ("scaleway", 5),
    )
    hosted = cms not in ("wix", "shopify") and draw.chance(0.85)
    audited = demo.moment(company.created_at).date() if draw.chance(0.5) else None
    client = company.status == Company.Status.CLIENT
    return {
        "cms-actuel": cms,
        "hebergeur": draw.weighted(hosts) if hosted else None,
        "site-audite-le": audited.isoformat() if audited else None,
        "sous-contrat-de-maintenance": draw.chance(0.6) if client else None,
    }


def _of_contact(demo: Demo, draw: Draw) -> dict[str, Any]:
    channels = (("telephone", 42), ("e-mail", 38), ("sms", 8), ("visioconference", 12))
    channel = draw.weighted(channels) if draw.chance(0.45) else None
    born = demo.today.replace(day=1) - timedelta(days=draw.between(24 * 365, 63 * 365))
    return {"canal-prefere": channel, "anniversaire": born.isoformat() if draw.chance(0.18) else None}


def _of_deal(draw: Draw, deal: Deal) -> dict[str, Any]:
    """Pages where there is a site to make; a rival where one was named."""
    low, high = next((span for word, span in PAGES.items() if word in deal.title), (0, 0))
    pages = str(draw.between(low, high)) if high and draw.chance(0.75) else None
    rival = draw.pick(RIVALS)
    likely = 0.9 if deal.lost_reason == Deal.LostReason.COMPETITOR else 0.12
    return {"pages-prevues": pages, "concurrent": rival if draw.chance(likely) else None}
