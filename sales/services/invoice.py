"""Verbs of invoices while they are drafts: made, changed, copied, thrown away. Page, API, bulk action call
these.

Issuing is in invoice_issue.py, credit notes in invoice_credit.py, deposits and what follows them in
invoice_progress.py.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from crm.services.client import client_of
from digiweb.audit import record
from digiweb.changes import change_many, change_record, create_record
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from sales.amounts import Sums
from sales.models import Invoice, InvoiceLine
from sales.services.agency import default_agency
from sales.services.invoice_credit_left import left_by_rate
from sales.services.invoice_sums import as_values, bounded, figures_of, invoice_sums, line_net, lines_text
from sales.services.money_totals import adjust_money, invoice_figures
from sales.vat import buyer_of, proposed_language, proposed_treatment
from timeline.services.bin import move_to_bin

AROUND = ("agency", "client__company", "client__contact", "company", "contact", "deal", "owner")
# What sums depend on besides the lines.
SUMMED = ("treatment", "discount_percent", "discount_amount")
# What a copy takes over: neither days nor what it was made from.
COPIED = (
    "agency", "client", "company", "contact", "owner", "deal", "subject", "introduction", "terms",
    "order_reference", "language", "treatment", "discount_percent", "discount_amount", "payment_method",
    "delivery", "contract",
)  # fmt: skip


@transaction.atomic
def create_invoice(*, user: Any, invoice: Invoice, lines: Sequence[Mapping[str, Any]] = ()) -> Invoice:
    """Save a new draft with its lines. It has no number: that comes when it is issued.

    What is left out follows: the parties from deal or client, VAT and language from the buyer's country.
    Raises PermissionDenied for an owner for whom `user` may not create invoices, ValidationError for what
    cannot be.
    """
    _settle_parties(invoice)
    _settle_terms(invoice)
    _settle_owner(user, invoice)
    for name, value in figures_of(sums_of_invoice(invoice, lines)).items():
        setattr(invoice, name, value)
    create_record(user=user, obj=invoice, also=also_of(invoice))
    write_lines(invoice, lines)
    return invoice


@transaction.atomic
def change_invoice(
    *,
    user: Any,
    invoice: Invoice,
    values: Mapping[str, Any],
    version: int | None = None,
    lines: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, list[Any]]:
    """Change a draft; `lines` None leaves them. Its sums follow.

    Raises StaleVersion when `version` is no longer the current one, ValidationError for an issued invoice,
    for the lines of a credit note and for what cannot be.
    """
    before = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    prefetch_related_objects([before], *AROUND, "corrects")
    check_draft(before)
    present = as_values(before.lines.order_by("position", "id"))
    after = present if lines is None else with_origins(before, present, lines)
    settled = dict(values)
    for name, value in values.items():
        setattr(before, name, value)
    settled |= _settle_parties(before)
    if settled.get("treatment") == "":
        settled["treatment"] = before.treatment = _treatment_of(before)
    settled |= figures_of(sums_of_invoice(before, after))
    unlogged = ("vat", "gross")
    changes = change_record(user=user, obj=invoice, values=settled, also=also_of(before), unlogged=unlogged)
    if present != after:
        write_lines(invoice, after)
        invoice.version += 1
        invoice.save(update_fields=["version", "updated_at"])
        told = {"lines": [lines_text(present), lines_text(after)]}
        record(user=user, action="changed", obj=invoice, changes=told)
        changes |= told
    return changes


@transaction.atomic
def change_invoices(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many invoices, issued ones too (salesperson alone); returns how many
    differed.
    """
    if set(values) - {"owner"}:
        raise ValueError(sorted(values))
    invoices = list(Invoice.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    prefetch_related_objects(invoices, *AROUND)
    issued = [invoice for invoice in invoices if not invoice.is_draft]
    before = [invoice_figures(invoice) for invoice in issued]
    changed = change_many(user=user, objs=invoices, values=values, also=also_of)
    adjust_money(before, [invoice_figures(invoice) for invoice in issued])
    return len(changed)


@transaction.atomic
def delete_invoices(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move drafts with their lines to the bin as one batch; returns the batch.

    Raises ValidationError for an issued one: it stays, a credit note corrects it.
    """
    invoices = list(Invoice.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    for invoice in invoices:
        check_draft(invoice)
    return move_to_bin(user=user, objs=invoices, batch=batch)


@transaction.atomic
def duplicate_invoice(*, user: Any, invoice: Invoice) -> Invoice:
    """A new draft with the same parties and lines; of a final invoice without what it took off."""
    lines = [
        {**line, "quote_line": None, "progress": None, "deducts": None, "credits": None}
        for line in as_values(invoice.lines.order_by("position", "id"))
        if not line["deducts"]
    ]
    copy = Invoice(kind=Invoice.Kind.INVOICE, **{name: getattr(invoice, name) for name in COPIED})
    return create_invoice(user=user, invoice=copy, lines=lines)


# --- Parts of them


def also_of(invoice: Invoice) -> tuple[Any, ...]:
    """On whose time lines the events of an invoice show too."""
    others = (invoice.deal, invoice.client, invoice.company, invoice.contact)
    return tuple(other for other in others if other is not None)


def check_draft(invoice: Invoice) -> None:
    """Raises ValidationError for an invoice that was issued."""
    if not invoice.is_draft:
        raise ValidationError(
            _("“%(invoice)s” is issued and is not changed any more: correct it by a credit note."),
            code="frozen",
            params={"invoice": invoice},
        )


def sums_of_invoice(invoice: Invoice, lines: Sequence[Mapping[str, Any]]) -> Sums:
    """What lines of this invoice come to, under its discount and its VAT; a credit note's never too much."""
    sums = invoice_sums(lines, **{name: getattr(invoice, name) for name in SUMMED})
    if invoice.corrects is not None:
        return bounded(sums, left_by_rate(invoice.corrects, without=invoice.pk))
    return sums


def with_origins(
    invoice: Invoice, present: Sequence[dict[str, Any]], given: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Lines as a form gives them, with where they come from: a form neither shows nor changes that.

    A line keeps its origin while it says the same as before; raises ValidationError where one with an origin
    was changed or is gone.
    """
    origins = ("quote_line", "progress", "deducts", "credits")
    bound = [line for line in present if any(line[name] is not None for name in origins)]
    after = []
    for line in given:
        plain = {name: value for name, value in line.items() if name not in origins}
        twin = next((one for one in bound if all(one[name] == plain[name] for name in plain)), None)
        if twin is not None:
            bound.remove(twin)
        after.append(
            {**dict.fromkeys(origins), **plain, **({} if twin is None else {n: twin[n] for n in origins})}
        )
    if bound:
        text = _("“%(line)s” follows from another document and stays as it is: make the draft anew instead.")
        raise ValidationError({"lines": text % {"line": bound[0]["label"]}})
    return after


def write_lines(invoice: Invoice, lines: Sequence[Mapping[str, Any]]) -> None:
    """Make `lines` the invoice's, in their order."""
    invoice.lines.all().delete()
    links = ("offer", "quote_line", "deducts", "credits")
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=place,
            net=line_net(line),
            **{f"{name}_id": line.get(name) for name in links},
            **{name: value for name, value in line.items() if name not in links},
        )
        for place, line in enumerate(lines)
    )


def _settle_parties(invoice: Invoice) -> dict[str, Any]:
    """Who buys, filled from what is known of them; returns what it set. Raises ValidationError for nobody."""
    before = {name: getattr(invoice, name) for name in ("client", "company", "contact")}
    if invoice.deal is not None and not any(before.values()):
        invoice.company, invoice.contact = invoice.deal.company, invoice.deal.contact
    if invoice.client is not None and invoice.company is None and invoice.contact is None:
        invoice.company, invoice.contact = invoice.client.company, invoice.client.contact
    buyer = invoice.company or invoice.contact
    if buyer is None:
        raise ValidationError({"company": _("Say for whom it is: a client, a company or a contact.")})
    if invoice.client is None:
        invoice.client = client_of(buyer)
    if not invoice.subject.strip():
        raise ValidationError({"subject": _("Say what the invoice is about.")})
    return {name: getattr(invoice, name) for name in before if getattr(invoice, name) != before[name]}


def _settle_terms(invoice: Invoice) -> None:
    """Agency, VAT and language as they usually are, where nobody said."""
    if invoice.agency_id is None:
        agency = default_agency()
        if agency is None:
            raise ValidationError({"agency": _("There is no agency yet: an administrator makes one.")})
        invoice.agency = agency
    if not invoice.treatment:
        invoice.treatment = _treatment_of(invoice)
    if not invoice.language:
        invoice.language = proposed_language(buyer_of(invoice)[0])
    if invoice.discount_amount is None:
        invoice.discount_amount = Decimal(0)


def _treatment_of(invoice: Invoice) -> str:
    country, is_firm = buyer_of(invoice)
    return proposed_treatment(invoice.agency, country=country, is_firm=is_firm)


def _settle_owner(user: Any, invoice: Invoice) -> None:
    """One's own invoices, for a manager the team's, for who sees all anybody's; the system's whose ever."""
    seller = getattr(invoice.deal or invoice.client or invoice.company or invoice.contact, "owner", None)
    if user is None or invoice.corrects_id is not None:
        if invoice.owner_id is None and seller is not None:
            invoice.owner = seller
        return
    reach = reach_of(user, Invoice.module, "create")
    people = None if reach == "all" else people_in(user, reach) if reach else []
    if invoice.owner_id is None:
        known = seller is not None and (people is None or seller.pk in people)
        invoice.owner = seller if known else user
    elif invoice.owner_id != user.pk and people is not None and invoice.owner_id not in people:
        raise PermissionDenied
