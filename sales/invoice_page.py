"""What the page of an invoice shows beside its facts: its life, and what stands around it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sales.models import Invoice, Reminder, ReminderPlan
from sales.models.document import NO_DAY
from sales.tables.invoice import status_text
from sales.tables.reminder import stage_text

SHOWN = 8


def life_of(invoice: Invoice) -> list[dict[str, Any]]:
    """Created, issued, sent, opened, paid: the steps in their order, each with its moment or none."""
    steps: list[dict[str, Any]] = [
        {"label": pgettext("invoice", "Created"), "icon": "file-plus", "at": invoice.created_at},
        {"label": pgettext("invoice", "Issued"), "icon": "file-check", "at": invoice.issued_on},
        {"label": pgettext("invoice", "Sent"), "icon": "send", "at": invoice.sent_at},
        {"label": pgettext("invoice", "Opened"), "icon": "eye", "at": invoice.opened_at},
    ]
    if not invoice.is_credit_note:
        steps.append({"label": pgettext("invoice", "Paid"), "icon": "circle-check", "at": invoice.paid_on})
    return steps


def neighbours_of(user: Any, invoice: Invoice) -> list[dict[str, Any]]:
    """What hangs together with it, as far as `user` sees it: deal, quote, contract, other invoices."""
    found: list[dict[str, Any]] = []
    links: tuple[tuple[Any, Any, str], ...] = (
        (_("Deal"), invoice.deal, "amount"),
        (_("Quote"), invoice.quote, "net"),
        (_("Contract"), invoice.contract, "amount"),
        (_("Subscription"), invoice.subscription, "monthly_amount"),
    )
    for kind, other, amount in links:
        if other is not None and user.can(other.module, "view", other):
            found.append(
                {
                    "kind": kind,
                    "label": str(other),
                    "url": other.get_absolute_url(),
                    "word": str(getattr(other, "status_label", "")),
                    "amount": getattr(other, amount),
                }
            )
    lease = getattr(invoice.quote, "lease", None) if invoice.delivery_id else None
    if lease is not None and user.can("sales.quote", "view", invoice.quote):
        found.append(
            {
                "kind": _("Lease (LOCAM)"),
                "label": lease.reference or str(lease.get_status_display()),
                "url": f"{lease.quote.get_absolute_url()}#quote-lease",
                "word": str(lease.get_status_display()),
                "amount": lease.quote.net,
            }
        )
    return found + [
        {
            "kind": str(other.get_kind_display()),
            "label": str(other),
            "url": other.get_absolute_url(),
            "word": status_text(other),
            "amount": other.gross * other.sign,
        }
        for other in related_invoices(user, invoice)
    ]


def related_invoices(user: Any, invoice: Invoice) -> list[Invoice]:
    """The one that it corrects, its credit notes, the deposits that it takes off, and who took it off."""
    seen = Invoice.objects.visible_to(user).exclude(pk=invoice.pk).order_by("pk")
    numbers: set[int] = set()
    if invoice.corrects_id:
        numbers.add(invoice.corrects_id)
    numbers |= set(Invoice.objects.filter(corrects=invoice).values_list("pk", flat=True)[:SHOWN])
    numbers |= set(invoice.lines.filter(deducts__isnull=False).values_list("deducts_id", flat=True))
    numbers |= set(invoice.deductions.values_list("invoice_id", flat=True))
    if invoice.quote_id:
        numbers |= set(Invoice.objects.filter(quote=invoice.quote_id).values_list("pk", flat=True)[:SHOWN])
    numbers.discard(invoice.pk)
    return list(seen.filter(pk__in=numbers)[:SHOWN]) if numbers else []


def reminders_of(user: Any, invoice: Invoice) -> dict[str, Any] | None:
    """What was told of an invoice that is overdue, and what comes next; None where that is not seen."""
    if invoice.is_draft or invoice.is_credit_note or not user.can(ReminderPlan.module, "view"):
        return None
    mine = ReminderPlan.objects.visible_to(user).filter(invoice=invoice)
    plan = mine.select_related("stage", "invoice").first()
    gone = Reminder.objects.visible_to(user).filter(invoice=invoice).defer("body").order_by("-id")
    following = ""
    if plan is not None:
        following = stage_text(plan) or str(plan.get_state_display())
    return {
        "plan": plan,
        "next": following,
        "day": plan.leaves_on if plan is not None and plan.leaves_on < NO_DAY else None,
        "gone": list(gone[:SHOWN]),
        "changes": plan is not None and user.may("change", plan),
        "disputes": user.may("change", invoice),
    }
