"""Documents of the demo: specifications, orders, lists of prices and mock-ups on deals and clients."""

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from crm.models import Contact, Deal
from digiweb.demo import Demo
from digiweb.demo.files import csv_of, page_mockup, pdf_of, small_picture
from digiweb.filenames import clean_file_name
from timeline.models import Document
from timeline.models.document import owner_column, preview_of
from timeline.models.event import subject_of

COLOURS = ((70, 52, 199), (23, 102, 57), (10, 95, 158), (138, 75, 0), (176, 30, 44))
NEEDS = (
    "Présenter l’entreprise, son équipe et ses réalisations",
    "Prendre rendez-vous en ligne, avec rappel par e-mail",
    "Être trouvé dans un rayon de trente kilomètres",
    "Mettre à jour les horaires et les actualités soi-même",
    "Vendre en ligne une trentaine de produits, paiement par carte",
    "Recevoir les demandes de devis dans la boîte de l’entreprise",
    "Reprendre les textes et les photos du site actuel",
    "Respecter la charte graphique fournie",
)
PRODUCTS = (
    ("Création du site", "2 400,00"), ("Page supplémentaire", "120,00"), ("Reportage photo", "650,00"),
    ("Référencement, par mois", "290,00"), ("Hébergement, par an", "180,00"), ("Formation", "450,00"),
)  # fmt: skip


def build_documents(demo: Demo, contacts: Sequence[Contact], deals: Sequence[Deal], number: int) -> None:
    """`number` small real files, most of them on deals; a die of their own leaves the rest as it is."""
    die = random.Random(20_261_101)  # noqa: S311 (repeatable on purpose)
    about = [deal for deal in deals if deal.company_id]
    clients = [contact for contact in contacts if contact.company_id and contact.owner_id]
    chosen: list[Any] = die.sample(about, min(number * 2 // 3, len(about)))
    for place, contact in enumerate(die.sample(clients, min(number - len(chosen), len(clients)))):
        chosen.append(contact.company if place % 2 else contact)
    dated = sorted(((_added(demo, die, record), record) for record in chosen), key=lambda each: each[0])
    demo.insert([_document(demo, die, record, at) for at, record in dated])


def _added(demo: Demo, die: random.Random, record: Any) -> datetime:
    """Within weeks of the record's first day."""
    later = timedelta(days=die.randrange(40), minutes=die.randrange(60, 300))
    at: datetime = min(record.created_at + later, demo.end)
    return at


def _document(demo: Demo, die: random.Random, record: Any, at: datetime) -> Document:
    make = die.choice(MAKERS if isinstance(record, Deal) else MAKERS_OF_CLIENTS)
    firm = str(getattr(record, "company", None) or record)
    name, content = make(die, firm, record)
    owner = getattr(record, "owner", None) or demo.people["admin"]
    key = f"{die.getrandbits(128):032x}"
    kind, pk = subject_of(record)
    column = owner_column(type(record))
    document = Document(
        pk=demo.number(Document),
        subject_type=kind,
        subject_id=pk,
        owner_id=getattr(record, column) if column else None,
        name=clean_file_name(name),
        kind={"pdf": "pdf", "csv": "csv", "png": "png"}[name.rpartition(".")[2]],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        file=f"documents/{key[:2]}/{key[2:4]}/{key}",
        added_by=owner,
        created_at=at,
        updated_at=at,
    )
    _write(document, content)
    data = {"document": document.pk, "added": [document.name]}
    demo.happened(at, owner, "document_added", record, data=data, also=(document,))
    return document


def _write(document: Document, content: bytes) -> None:
    path = Path(settings.MEDIA_ROOT) / str(document.file.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if document.kind == "csv":
        return
    Path(preview_of(str(path))).write_bytes(small_picture(content))
    document.preview = Document.Preview.READY
    document.pages = 1 if document.kind == "pdf" else None


Made = tuple[str, bytes]


def _specification(die: random.Random, firm: str, record: Any) -> Made:
    needs = die.sample(NEEDS, 5)
    lines = [firm, "", "Ce que le site doit permettre :", *(f"  – {need}" for need in needs), ""]
    lines += [
        f"Budget envisagé : {die.randrange(20, 90) * 100:,} € HT".replace(",", " "),
        "Délai : trois mois",
    ]
    return f"Cahier des charges – {firm}.pdf", pdf_of("Cahier des charges", lines)


def _minutes(die: random.Random, firm: str, record: Any) -> Made:
    lines = [firm, "", "Décidé ensemble :", *(f"  – {need}" for need in die.sample(NEEDS, 3))]
    lines += ["", "Prochain point dans deux semaines, par visio."]
    return f"Compte rendu de réunion – {firm}.pdf", pdf_of("Compte rendu de réunion", lines)


def _order(die: random.Random, firm: str, record: Any) -> Made:
    lines = [firm, "", f"Objet : {record.title}", "", "Bon pour accord, conditions générales acceptées.", ""]
    lines += ["Signé le jour de la commande."]
    return f"Bon de commande signé – {firm}.pdf", pdf_of("Bon de commande", lines)


def _prices(die: random.Random, firm: str, record: Any) -> Made:
    rows = [("Prestation", "Prix HT"), *die.sample(PRODUCTS, 4)]
    return f"Tarifs – {firm}.csv", csv_of(rows)


def _mockup(die: random.Random, firm: str, record: Any) -> Made:
    return f"Maquette d’accueil – {firm}.png", page_mockup(firm, die.choice(COLOURS))


def _extract(die: random.Random, firm: str, record: Any) -> Made:
    lines = [firm, "", "Extrait d’immatriculation remis par le client.", "", "Document de démonstration."]
    return f"Extrait Kbis – {firm}.pdf", pdf_of("Extrait Kbis", lines)


Maker = Callable[[random.Random, str, Any], Made]
MAKERS: tuple[Maker, ...] = (_specification, _specification, _minutes, _order, _prices, _mockup)
MAKERS_OF_CLIENTS: tuple[Maker, ...] = (_extract, _minutes, _mockup)
