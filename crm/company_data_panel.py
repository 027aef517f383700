"""The panel of legal data beside a company."""

from typing import Any

from django.urls import reverse

from crm.company_data import last_known
from crm.services.company_data import differences, state_of


def legal_panel(user: Any, company: Any) -> dict[str, Any]:
    """Beside a company: whose legal data are known, of when, and what one must know of the firm."""
    known = last_known(company.siren) if company.siren else None
    changes = user.can("crm.company", "change", company)
    return {
        "known": known,
        "warnings": state_of(known.firm) if known else [],
        "differences": len(differences(known.firm, vars(company))) if known and changes else 0,
        "edit_url": reverse("crm:company_edit", args=[company.pk]) if changes else "",
    }
