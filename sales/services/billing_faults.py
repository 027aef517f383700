"""What would keep the next invoice of a plan from being issued or sent, told before anybody tries."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sales.models import Agency, BillingPlan, Mandate
from sales.services.billing_charges import last_day
from sales.services.document_facts import buyer_facts, what_buyer_lacks
from sales.vat import proposed_treatment


class Buyer:
    """The buyer as the invoice would have it."""

    def __init__(self, client: Any) -> None:
        self.company, self.contact = client.company, client.contact


def find_faults(plans: Sequence[BillingPlan]) -> None:
    """Set `plan.faults` on each, in words; one query for all."""
    pairs = {(plan.client_id, plan.agency_id) for plan in plans if plan.payment_method == "debit"}
    mandates = Mandate.objects.filter(
        client__in={client for client, _agency in pairs}, status=Mandate.Status.ACTIVE
    )
    known = set(mandates.values_list("client_id", "agency_id")) if pairs else set()
    for plan in plans:
        any_plan: Any = plan
        any_plan.faults = faults_of(plan, has_mandate=(plan.client_id, plan.agency_id) in known)


def faults_of(plan: BillingPlan, *, has_mandate: bool) -> list[str]:
    """All that lacks, in words."""
    agency = plan.agency
    buyer = buyer_facts(Buyer(plan.client))
    treatment = proposed_treatment(agency, country=buyer.get("country") or "FR", is_firm=buyer["is_firm"])
    told = what_buyer_lacks(buyer, treatment)
    columns = {field.name: field for field in Agency._meta.concrete_fields}
    lacking = [str(columns[name].verbose_name) for name in agency.what_lacks()]
    if plan.payment_method == "transfer" and not agency.iban:
        lacking.append("IBAN")
    if plan.payment_method == "debit" and not agency.ics:
        lacking.append("ICS")
    if lacking:
        text = _("The agency “%(agency)s” lacks: %(parts)s.")
        told.append(text % {"agency": agency, "parts": ", ".join(lacking)})
    if not agency.is_active:
        told.append(
            _("The agency “%(agency)s” is out of use: it makes no new documents.") % {"agency": agency}
        )
    if plan.payment_method == "debit" and not has_mandate:
        told.append(_("The client has no mandate for direct debits of this agency."))
    if agency.recurring == Agency.Recurring.SEND and not buyer.get("email"):
        told.append(_("The client has no e-mail address: the invoice will not be sent."))
    end = last_day(plan)
    if end is not None and plan.billed_until is not None and plan.billed_until > end:
        text = _("Invoiced until %(until)s, though it ended on %(end)s: make a credit note for the rest.")
        days = {"until": plan.billed_until, "end": end}
        told.append(text % {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()})
    return told
