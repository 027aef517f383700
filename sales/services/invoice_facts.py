"""What an invoice says of other documents and of the account that it is debited from."""

from typing import Any

from sales.models import Invoice
from sales.services.mandate import mandate_for


def preceding_facts(invoice: Invoice) -> list[dict[str, str]]:
    """The invoices that it corrects or whose deposits it takes off: number and day of each (BG-3)."""
    found: dict[int, Invoice] = {}
    if invoice.corrects is not None:
        found[invoice.corrects.pk] = invoice.corrects
    if invoice.kind == Invoice.Kind.FINAL:
        lines = invoice.lines.filter(deducts__isnull=False).select_related("deducts")
        found |= {line.deducts.pk: line.deducts for line in lines if line.deducts is not None}
    earlier = sorted(found.values(), key=lambda one: one.pk)
    return [
        {"number": str(one.number), "on": one.issued_on.isoformat() if one.issued_on else ""}
        for one in earlier
    ]


def debit_facts(invoice: Invoice) -> dict[str, str] | None:
    """The mandate (BT-89) and the masked account of a direct debit; None where no mandate may be used.

    The whole number goes into the XML alone (BT-91), by `invoice.debited_iban`, which is no column.
    """
    if invoice.payment_method != "debit" or invoice.is_credit_note or invoice.client_id is None:
        return None
    mandate = mandate_for(invoice.client_id, invoice.agency_id)
    if mandate is None:
        return None
    any_invoice: Any = invoice
    any_invoice.debited_iban = mandate.account.iban
    return {"mandate": mandate.rum, "account": mandate.account.masked}
