"""Agencies that may issue documents."""

from sales.models import Agency


def make_agency(**values: object) -> Agency:
    """An agency that may issue invoices; saved."""
    given = {
        "name": "Digiflow Agency",
        "code": "DF",
        "legal_form": "SAS",
        "siren": "732829320",
        "vat_number": "FR44732829320",
        "address": "12 rue de la République",
        "postcode": "69002",
        "city": "Lyon",
    }
    return Agency.objects.create(**(given | values))
