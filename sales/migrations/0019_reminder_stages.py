"""The stages of reminders that a house begins with, and the rates of penalties as they were published."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

# (days, name, formal, attaches, tells penalties, subject and message in French, in English)
STAGES = [
    (
        -3,
        "Rappel avant échéance",
        False,
        True,
        False,
        "Facture {number} : échéance le {due}",
        "Bonjour {name},\n\nla facture {number} ({subject}) arrive à échéance le {due}. Il reste {left} à régler.\n\n"
        "Si votre règlement est déjà parti, ne tenez pas compte de ce message.\n\n"
        "Bien cordialement,\n{seller}\n{agency}",
        "Invoice {number}: due on {due}",
        "Hello {name},\n\ninvoice {number} ({subject}) is due on {due}. {left} is left to pay.\n\n"
        "If your payment is already on its way, please disregard this message.\n\n"
        "Kind regards,\n{seller}\n{agency}",
    ),
    (
        1,
        "Première relance",
        False,
        True,
        False,
        "Facture {number} : règlement en attente",
        "Bonjour {name},\n\nsauf erreur de notre part, nous n’avons pas reçu le règlement de la facture {number} "
        "({subject}), échue le {due}. Il reste {left} à régler.\n\n"
        "Si vous venez de la régler, merci de ne pas tenir compte de ce message. En cas de question, répondez "
        "simplement à cet e-mail.\n\nBien cordialement,\n{seller}\n{agency}",
        "Invoice {number}: payment outstanding",
        "Hello {name},\n\nunless we are mistaken, we have not received payment of invoice {number} ({subject}), "
        "which was due on {due}. {left} is left to pay.\n\n"
        "If you have just paid, please disregard this message. If anything is unclear, simply reply to this "
        "e-mail.\n\nKind regards,\n{seller}\n{agency}",
    ),
    (
        8,
        "Deuxième relance",
        False,
        True,
        True,
        "Deuxième relance : facture {number}, {left} à régler",
        "Bonjour {name},\n\nmalgré notre premier message, la facture {number} du {issued}, échue le {due}, reste "
        "impayée : {left} à régler, avec {days} jours de retard.\n\n"
        "Merci de procéder au règlement dès réception, ou de nous dire ce qui vous en empêche.\n\n{charges}\n\n"
        "Bien cordialement,\n{seller}\n{agency}",
        "Second reminder: invoice {number}, {left} to pay",
        "Hello {name},\n\ndespite our first message, invoice {number} of {issued}, due on {due}, is still unpaid: "
        "{left}, {days} days late.\n\n"
        "Please pay it on receipt of this message, or tell us what stands in the way.\n\n{charges}\n\n"
        "Kind regards,\n{seller}\n{agency}",
    ),
    (
        15,
        "Dernière relance avant mise en demeure",
        False,
        True,
        True,
        "Dernière relance avant mise en demeure : facture {number}",
        "Bonjour {name},\n\nla facture {number} du {issued}, échue le {due}, n’est toujours pas réglée : {left} "
        "à régler, avec {days} jours de retard.\n\n"
        "Sans règlement de votre part, nous vous adresserons une mise en demeure.\n\n{charges}\n\n"
        "Bien cordialement,\n{seller}\n{agency}",
        "Last reminder before formal notice: invoice {number}",
        "Hello {name},\n\ninvoice {number} of {issued}, due on {due}, is still unpaid: {left}, {days} days "
        "late.\n\nWithout your payment we shall send you a formal notice.\n\n{charges}\n\n"
        "Kind regards,\n{seller}\n{agency}",
    ),
    (
        30,
        "Mise en demeure",
        True,
        True,
        True,
        "Mise en demeure de payer : facture {number}",
        "Bonjour {name},\n\nvous trouverez ci-joint la mise en demeure de régler la facture {number} du {issued}, "
        "échue le {due} : {left} restent à régler, avec {days} jours de retard.\n\n"
        "Nous vous demandons de régler cette somme sous huit jours.\n\n{charges}\n\n"
        "Cordialement,\n{seller}\n{agency}",
        "Formal notice to pay: invoice {number}",
        "Hello {name},\n\nplease find attached the formal notice to pay invoice {number} of {issued}, due on "
        "{due}: {left} is left to pay, {days} days late.\n\n"
        "We ask you to pay this sum within eight days.\n\n{charges}\n\n"
        "Yours sincerely,\n{seller}\n{agency}",
    ),
]
BCE = "Banque centrale européenne, opérations principales de refinancement"
LEGAL = "Code monétaire et financier, article L. 313-2 ; arrêté du ministre de l’économie"
RATES = [
    ("ecb", date(2023, 9, 20), "4.50", BCE),
    ("ecb", date(2024, 6, 12), "4.25", BCE),
    ("ecb", date(2024, 9, 18), "3.65", BCE),
    ("ecb", date(2024, 10, 23), "3.40", BCE),
    ("ecb", date(2024, 12, 18), "3.15", BCE),
    ("ecb", date(2025, 2, 5), "2.90", BCE),
    ("ecb", date(2025, 3, 12), "2.65", BCE),
    ("ecb", date(2025, 4, 23), "2.40", BCE),
    ("ecb", date(2025, 6, 11), "2.15", BCE),
    ("legal", date(2024, 1, 1), "5.07", LEGAL),
    ("legal", date(2024, 7, 1), "4.92", LEGAL),
    ("legal", date(2025, 1, 1), "3.71", LEGAL),
    ("legal", date(2025, 7, 1), "2.76", LEGAL),
    ("legal", date(2026, 1, 1), "2.62", f"{LEGAL} du 15 décembre 2025"),
]


def write(apps: Any, schema_editor: Any) -> None:
    """Once: run again, it adds nothing."""
    Stage = apps.get_model("sales", "ReminderStage")
    for days, name, formal, attaches, tells, subject_fr, body_fr, subject_en, body_en in STAGES:
        values = {
            "name": name,
            "is_formal": formal,
            "attaches_invoice": attaches,
            "tells_penalties": tells,
            "subject_fr": subject_fr,
            "body_fr": body_fr,
            "subject_en": subject_en,
            "body_en": body_en,
        }
        Stage.objects.get_or_create(agency=None, days=days, defaults=values)
    Rate = apps.get_model("sales", "PenaltyRate")
    for kind, day, percent, source in RATES:
        values = {"percent": Decimal(percent), "source": source}
        Rate.objects.get_or_create(kind=kind, valid_from=day, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("sales", "0018_reminders")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
