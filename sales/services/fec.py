"""The FEC of an agency's fiscal year: its closed entries, checked before anybody gets the file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.audit import record
from digiweb.jobs import enqueue, function_at
from sales.books.check_fec import check_fec
from sales.books.fec import COLUMNS, FecLine, file_name, write_fec
from sales.books.years import FiscalYear, fiscal_year
from sales.models import Agency, BookEntry, BookExport, BookLine, BookTerms
from sales.services.closing import closed_until

MODULE = "sales.accounting"
LABEL = gettext_lazy("FEC")
BATCH = 1000


@dataclass(frozen=True)
class Made:
    """A file, and what is wrong with it: then it is not to be used."""

    name: str
    content: bytes
    lines: int
    problems: list[str]


def make_fec(agency: Agency, year: int) -> Made:
    """The FEC of the fiscal year that ends in `year`: closed entries, by number."""
    period = fiscal_year(year, agency.fiscal_month)
    name = file_name(agency.siren or "000000000", period.last)
    problems = []
    if not agency.siren:
        problems.append(_("The agency “%(agency)s” lacks: %(parts)s.") % {"agency": agency, "parts": "SIREN"})
    if not BookEntry.objects.filter(agency=agency, fiscal_year=year).exists():
        problems.append(_("No entry of this year is closed: the file holds closed entries only."))
        return Made(name, b"", 0, problems)
    terms = BookTerms.objects.filter(agency=agency).first()
    lines = list(lines_of(agency, period))
    content = write_fec(lines)
    opening = terms.opening_code if terms is not None else ""
    problems += check_fec(content, name, first=period.first, last=period.last, opening=opening)
    return Made(name, content, len(lines), problems)


def lines_of(agency: Agency, period: FiscalYear) -> Iterator[FecLine]:
    """Lines as they were closed; letters of this year beside them."""
    found = BookLine.objects.filter(agency=agency, entry__fiscal_year=period.year)
    joined = found.select_related("entry", "invoice__letter", "payment__letter").only(
        "entry", "account", "account_label", "aux", "aux_label", "debit", "credit", "role",
        "invoice__letter", "payment__letter",
    )  # fmt: skip
    for line in joined.order_by("entry__number", "pk").iterator(BATCH):
        entry, letter = line.entry, line.letter
        if letter is not None and letter.lettered_on > period.last:
            letter = None
        yield FecLine(
            journal_code=entry.journal_code,
            journal_label=entry.journal_label,
            number=str(entry.number),
            entry_on=entry.entry_on,
            account=line.account,
            account_label=line.account_label,
            aux=line.aux,
            aux_label=line.aux_label or line.aux,
            piece=entry.piece,
            piece_on=entry.piece_on,
            label=entry.label,
            debit=line.debit,
            credit=line.credit,
            letter=letter.code if letter is not None else "",
            lettered_on=letter.lettered_on if letter is not None else None,
            validated_on=entry.validated_on or entry.entry_on,
        )


def description_of(agency: Agency, year: int) -> str:
    """The text that goes with the file (article A47 A-1, VII, 4°): in French, for the administration."""
    period = fiscal_year(year, agency.fiscal_month)
    closed = closed_until(agency)
    until = min(closed, period.last) if closed is not None else None
    told = [
        f"Descriptif du fichier {file_name(agency.siren, period.last)}",
        "",
        f"Entreprise : {agency.name} (SIREN {agency.siren})",
        f"Exercice du {period.first:%d/%m/%Y} au {period.last:%d/%m/%Y}",
        f"Écritures validées jusqu’au {until:%d/%m/%Y}" if until else "Aucune écriture validée",
        "Périmètre : ventes, encaissements et opérations diverses tenus dans DigiWeb ERP.",
        "",
        "Fichier à plat, une ligne par écriture élémentaire, première ligne : noms des champs.",
        "Séparateur de champs : tabulation. Fin de ligne : CR LF. Jeu de caractères : ISO 8859-15.",
        "Dates : AAAAMMJJ. Montants en euros, virgule décimale, deux décimales.",
        "EcritureNum : numérotation continue par exercice, à-nouveaux en tête.",
        "ValidDate : date de la clôture de période qui a rendu l’écriture intangible.",
        "CompAuxNum : 411 et le numéro du client ; 411E pour une société tierce, 411P pour un particulier.",
        "EcritureLet et DateLet : lettrage des comptes clients, au dernier jour de l’exercice.",
        "Montantdevise et Idevise : vides, toutes les opérations sont en euros.",
        "",
        "Champs :",
        *(f"{place}. {name}" for place, name in enumerate(COLUMNS, start=1)),
        "",
    ]
    return "\r\n".join(told)


@transaction.atomic
def ask_for_fec(*, user: Any, agency: Agency, year: int) -> BookExport:
    """Have a job make the FEC of a year. Raises PermissionDenied without the grant to export, ValidationError
    for a year that has not begun.
    """
    if not user.can(MODULE, "export"):
        raise PermissionDenied
    if fiscal_year(year, agency.fiscal_month).first > timezone.localdate():
        raise ValidationError(_("This fiscal year has not begun."))
    export = BookExport.objects.create(agency=agency, fiscal_year=year, asked_by=user)
    data = {"list": MODULE, "format": "FEC", "columns": [], "agency": agency.code, "year": year}
    record(user=user, action="exported", data=data)
    enqueue(
        function_at("sales.jobs.make_fec"),
        user=user,
        label=str(LABEL),
        key=f"fec-{export.pk}",
        url="/sales/accounting/",
        export_id=export.pk,
    )
    return export


def run_export(export_id: int) -> BookExport | None:
    """Make what was asked for; made already: nothing happens. A file with problems is not kept."""
    export = BookExport.objects.select_related("agency").filter(pk=export_id, problems__isnull=True).first()
    if export is None:
        return None
    made = make_fec(export.agency, export.fiscal_year)
    with transaction.atomic():
        export.problems, export.lines = made.problems, made.lines
        if not made.problems:
            export.sha256 = hashlib.sha256(made.content).hexdigest()
            export.file.save(made.name, ContentFile(made.content), save=False)
        export.save()
    return export
