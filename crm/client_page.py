"""What the page of a client shows beside its facts, and what its tabs tell the forms opened in them."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Activity, Client
from crm.services.client import client_of
from crm.services.client_health import band, held, level, lines_of
from crm.tables.activity import moment_text
from crm.tables.client import NEAR, about, amount, plan_url, renewal_text
from digiweb.numbers import whole_number
from digiweb.phones import format_phone


def who_is(user: Any, client: Client) -> list[dict[str, Any]]:
    """Company and contact in a few lines, with a link for those who may open them."""
    found: list[dict[str, Any]] = []
    company, contact = client.company, client.contact
    if company is not None:
        place = " ".join(part for part in (company.postcode, company.city) if part)
        siret = _("SIRET %(number)s") % {"number": company.siret} if company.siret else ""
        lines = [
            *([] if contact is not None else reach(company.email, company.phone)),
            ("map-pin", place, ""),
            ("id", siret, ""),
            ("user", company.legal_manager, ""),
        ]
        found.append(_block(user, _("Company"), company, lines))
    if contact is not None:
        phones = (contact.phone, contact.mobile)
        lines = [("briefcase", contact.job_title, ""), *reach(contact.email, *phones)]
        found.append(_block(user, _("Contact"), contact, lines))
    return found


def reach(email: str, *phones: str) -> list[tuple[str, str, str]]:
    """(icon, text, address) of an e-mail address and phone numbers."""
    numbers = [("phone", format_phone(each), f"tel:{each}") for each in dict.fromkeys(phones) if each]
    return [("mail", email, f"mailto:{email}"), *numbers]


def _block(user: Any, heading: str, record: Any, lines: Any) -> dict[str, Any]:
    return {
        "name": record._meta.model_name,
        "heading": heading,
        "record": record,
        "url": record.get_absolute_url() if user.can(record.module, "view", record) else "",
        "lines": [{"icon": icon, "text": text, "url": url} for icon, text, url in lines if text],
    }


def strip_of(user: Any, client: Client) -> dict[str, Any]:
    """The figures under the title."""
    left = (client.renewal_on - timezone.localdate()).days if client.renewal_on else None
    active = client.status == Client.Status.ACTIVE
    planned = next_of(user, client)
    moment = planned.starts_at if planned is not None else client.next_activity_at
    return {
        "mrr": amount(client.mrr),
        "arr": amount(client.arr),
        "left": renewal_text(left) if left is not None else "",
        "tone": "bad" if active and left is not None and left < 0 else "warn" if near(left, active) else "",
        "late": client.next_activity_at is not None and client.next_activity_at < timezone.now(),
        "next": planned,
        "moment": moment_text(moment) if moment else "",
        "plan_url": plan_url(client) if user.can(Activity.module, "create") else "",
    }


def next_of(user: Any, client: Client) -> Any:
    """What is planned first with the client, within the person's sight; None where there is nothing."""
    if client.next_activity_at is None:
        return None
    about_it = Q()
    for name, pk in about(client).items():
        about_it |= Q(**{f"{name}_id": pk})
    planned = Activity.objects.visible_to(user).filter(about_it, status=Activity.Status.PLANNED)
    return planned.only("subject", "starts_at").order_by("starts_at", "pk").first()


def near(left: int | None, active: bool) -> bool:
    """Whether a renewal is so near that it asks for attention."""
    return active and left is not None and 0 <= left <= NEAR


def describe_health(client: Client) -> dict[str, Any]:
    """The health with the lines that add up to it, and what holds it within 0 and 100."""
    lines = [{**line, "text": f"{line['points']:+d}".replace("-", "−")} for line in lines_of(client)]
    total = sum(line["points"] for line in lines)
    return {
        "health": client.health,
        "level": level(client.health),
        "band": band(client.health),
        "lines": lines,
        "held": None
        if held(total) == total
        else {"top": total > 100, "text": f"{held(total) - total:+d}".replace("-", "−")},
    }


def client_action(user: Any, subject: Any) -> list[dict[str, Any]]:
    """On the page of a company or a contact: the way to its client, or « make a client »."""
    if not user.can(Client.module, "view"):
        return []
    client = client_of(subject, Client.objects.visible_to(user))
    if client is not None:
        return [{"label": _("See the client"), "url": client.get_absolute_url(), "icon": "user-heart"}]
    if not user.can(Client.module, "create") or client_of(subject) is not None:
        return []
    url = reverse(f"crm:{subject._meta.model_name}_make_client", args=[subject.pk])
    return [{"label": _("Make a client"), "url": url, "icon": "user-heart", "post": True}]


class ClientTabMixin:
    """A list that is a tab of the client's page: a new record there is about its company and person."""

    def tab_initial(self, value: str) -> dict[str, Any]:
        view: Any = self
        if view.within != "client":
            return {view.within: value}
        number = whole_number(value)
        found = Client.objects.visible_to(view.request.user).filter(pk=number) if number is not None else None
        client = found.first() if found is not None else None
        return about(client) if client is not None else {}
