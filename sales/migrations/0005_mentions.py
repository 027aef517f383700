"""The mentions that the law asks of French quotes and invoices, as they stood in November 2026."""

from datetime import date
from typing import Any

from django.db import migrations

SINCE = date(2013, 1, 1)
MENTIONS = [
    (
        "penalty",
        "fr",
        "En cas de retard de paiement, des pénalités sont exigibles de plein droit dès le lendemain de la date "
        "d’échéance, au taux appliqué par la Banque centrale européenne à son opération de refinancement la plus "
        "récente majoré de 10 points de pourcentage.",
        "Code de commerce, article L. 441-10, II",
    ),
    (
        "penalty",
        "en",
        "Late payment incurs penalties from the day after the due date, at the European Central Bank’s most recent "
        "refinancing rate plus 10 percentage points.",
        "Code de commerce, article L. 441-10, II",
    ),
    (
        "indemnity",
        "fr",
        "Tout retard de paiement entraîne de plein droit une indemnité forfaitaire pour frais de recouvrement "
        "de 40 €.",
        "Code de commerce, articles L. 441-10, II et D. 441-5",
    ),
    (
        "indemnity",
        "en",
        "Late payment also incurs a fixed recovery charge of €40.",
        "Code de commerce, articles L. 441-10, II et D. 441-5",
    ),
    ("early", "fr", "Pas d’escompte pour paiement anticipé.", "Code de commerce, article L. 441-9"),
    ("early", "en", "No discount for early payment.", "Code de commerce, article L. 441-9"),
    ("franchise", "fr", "TVA non applicable, article 293 B du CGI", "CGI, article 293 E, II"),
    ("franchise", "en", "VAT not applicable, article 293 B of the French tax code", "CGI, article 293 E, II"),
    ("reverse", "fr", "Autoliquidation", "CGI, annexe II, article 242 nonies A, I-13°"),
    ("reverse", "en", "Reverse charge", "CGI, annexe II, article 242 nonies A, I-13°"),
    (
        "intra",
        "fr",
        "Autoliquidation – TVA due par le preneur, article 283, 2 du CGI et article 196 de la directive 2006/112/CE",
        "CGI, article 283, 2 ; directive 2006/112/CE, article 196",
    ),
    (
        "intra",
        "en",
        "Reverse charge – VAT due by the customer, article 196 of Directive 2006/112/EC",
        "CGI, article 283, 2 ; directive 2006/112/CE, article 196",
    ),
    (
        "export",
        "fr",
        "TVA non applicable – prestation de services située hors de France, article 259, 1° du CGI",
        "CGI, article 259, 1°",
    ),
    (
        "export",
        "en",
        "VAT not applicable – services supplied outside France, article 259, 1° of the French tax code",
        "CGI, article 259, 1°",
    ),
    (
        "debits",
        "fr",
        "Option pour le paiement de la taxe d'après les débits",
        "CGI, annexe II, article 242 nonies A, I-11° bis",
    ),
    ("debits", "en", "VAT paid on debits by option", "CGI, annexe II, article 242 nonies A, I-11° bis"),
    (
        "quote",
        "fr",
        "Devis gratuit. L’acceptation vaut commande aux conditions du présent devis : date, nom, qualité et "
        "signature précédés de la mention « Bon pour accord ».",
        "Usage ; Code de la consommation, article L. 112-1",
    ),
    (
        "quote",
        "en",
        "This quote is free of charge. Acceptance is an order under its terms: date, name, capacity and signature.",
        "Usage ; Code de la consommation, article L. 112-1",
    ),
]


def write(apps: Any, schema_editor: Any) -> None:
    """Once: run again, it adds nothing."""
    Mention = apps.get_model("sales", "Mention")
    for code, language, text, source in MENTIONS:
        Mention.objects.get_or_create(
            agency=None,
            code=code,
            language=language,
            valid_from=SINCE,
            defaults={"text": text, "source": source},
        )


class Migration(migrations.Migration):
    dependencies = [("sales", "0004_documents")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
