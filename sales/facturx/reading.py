"""Files that others send us → facts: PDF with Factur-X or ZUGFeRD inside, or bare XML (CII, UBL).

Everything here is unknown and may be hostile. PDFs are opened in a process of their own (`unpacking.py`); XML
with a DTD is refused before a parser follows it, so no entity is ever expanded or fetched; sizes, depth and
numbers of elements are bounded. Whatever cannot be read is Unreadable, with words for people.
"""

import logging
import subprocess
import sys
import xml.sax
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import defusedxml.sax
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from facturx.facturx import get_flavor, get_level
from facturx.parse_xml import parse_ubl_cii_xml
from lxml import etree

from sales.facturx.facts import Invoice
from sales.facturx.gathering import NotAnInvoice, gather
from sales.facturx.unpacking import MOST_BYTES, NO_XML

logger = logging.getLogger(__name__)

SECONDS = 40
MOST_ELEMENTS = 400_000
MOST_DEPTH = 60
PROGRAM = Path(__file__).with_name("unpacking.py")
# Profiles that hold too little to be an invoice in the sense of the reform.
SHORT_PROFILES = frozenset({"minimum", "basicwl"})


class Unreadable(Exception):
    """No invoice can be read out of the file. `str()` says why, for people; `code` for programs."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Reading:
    """What was read: the facts, the XML they stand in, its format and profile."""

    invoice: Invoice
    xml: bytes
    # "cii" or "ubl".
    syntax: str
    # "en16931", "extended" … or "" for one that we do not know.
    profile: str
    # The name of the attachment; "" for a bare XML.
    attachment: str = ""


def read_file(path: str | Path) -> Reading:
    """Read a file by its content, whatever its name says. Raises Unreadable."""
    with open(path, "rb") as file:
        head = file.read(1024)
        if b"%PDF-" in head:
            name, content = xml_of_pdf(path)
            return read_xml(content, attachment=name)
        rest = file.read(MOST_BYTES + 1)
    return read_xml(head + rest)


def xml_of_pdf(path: str | Path) -> tuple[str, bytes]:
    """(name, bytes) of the invoice's XML inside a PDF, taken out by another process. Raises Unreadable."""
    command = [sys.executable, "-I", str(PROGRAM), str(Path(path).resolve())]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=SECONDS, check=False, env={"LANG": "C.UTF-8"}, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(_("The PDF took too long to be opened."), "slow") from None
    if done.returncode == NO_XML:
        text = _(
            "This PDF has no electronic invoice (XML) inside: it is an ordinary PDF or a scan. Ask the"
            " supplier for the Factur-X file, or for the one of your accredited platform."
        )
        raise Unreadable(text, "no-xml")
    name, newline, content = done.stdout.partition(b"\n")
    if done.returncode or not newline:
        if b"encrypted" in done.stderr[-400:]:
            raise Unreadable(_("The PDF is protected by a password: it cannot be read."), "encrypted")
        raise Unreadable(_("The PDF is damaged: it cannot be opened."), "damaged")
    return name.decode("utf-8", "replace"), content


def read_xml(xml: bytes, *, attachment: str = "") -> Reading:
    """Read an XML invoice. Raises Unreadable."""
    root = parse(xml)
    try:
        flavor = get_flavor(root)
    except Exception:  # the library raises no narrower one for a root that it does not know
        text = _("This is no invoice in one of the formats of the reform (Factur-X, CII, UBL).")
        raise Unreadable(text, "format") from None
    if flavor == "zugferd":
        text = _("This is ZUGFeRD 1, a format of 2014 that the reform does not accept: ask for Factur-X.")
        raise Unreadable(text, "old")
    if flavor == "order-x":
        raise Unreadable(_("This is an order (Order-X), not an invoice."), "order")
    try:
        profile = get_level(root, flavor)
    except ValueError:
        profile = ""
    try:
        fields = parse_ubl_cii_xml(root, flavor=flavor, level=profile or "en16931", check_xsd=False)
        invoice = gather(fields)
    except NotAnInvoice as error:
        raise Unreadable(str(error), "incomplete") from None
    except Exception as error:
        # The library trusts what it reads: dates that are none and the like make it raise nearly anything.
        logger.warning("An XML invoice could not be read: %s", type(error).__name__)
        raise Unreadable(
            _("The invoice is not written as its format wants it: it cannot be read."), "content"
        ) from error
    return Reading(invoice, xml, "cii" if flavor == "factur-x" else "ubl", profile, attachment)


class _Bounds(xml.sax.ContentHandler):
    """Counts what it passes, keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.elements = 0

    def startElement(self, name: str, attrs: Any) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MOST_DEPTH or self.elements > MOST_ELEMENTS:
            raise Unreadable(_("The XML is larger or deeper than any invoice."), "large")

    def endElement(self, name: str) -> None:
        self.depth -= 1


def parse(xml: bytes) -> Any:
    """The root of an XML that is safe to look at. Raises Unreadable."""
    if not xml.strip():
        raise Unreadable(_("The file is empty."), "empty")
    if len(xml) > MOST_BYTES:
        raise Unreadable(_("The XML is larger than any invoice."), "large")
    try:
        defusedxml.sax.parseString(xml, _Bounds(), forbid_dtd=True)
    except DefusedXmlException:
        text = _("The XML has declarations (DTD, entities) that no invoice has and that can do harm.")
        raise Unreadable(text, "dtd") from None
    except Unreadable:
        raise
    except Exception as error:  # expat, and codecs that it calls
        raise Unreadable(_("The file is neither a PDF nor readable XML."), "xml") from error
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(_("The file is neither a PDF nor readable XML."), "xml") from error
    if root.getroottree().docinfo.internalDTD is not None:
        text = _("The XML has declarations (DTD, entities) that no invoice has and that can do harm.")
        raise Unreadable(text, "dtd")
    return root
