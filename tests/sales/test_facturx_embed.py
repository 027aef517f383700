"""The PDF that carries its XML: PDF/A-3b, metadata as Factur-X wants them, the same bytes each time."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from facturx import get_facturx_xml_from_pdf
from lxml import etree
from pypdf import PdfReader
from weasyprint import HTML

from digiweb.pdf import About
from sales.facturx.embed import write_pdf
from sales.facturx.xml import write_xml
from tests.sales.invoice_facts import invoice

ABOUT = About("Facture FA-2026-0042", "Digiflow Agency & Cie", datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
PAGE = "<html lang=fr><body><h1>Facture é</h1><p>1 000 € <a href='https://example.org'>ici</a></p></html>"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


@pytest.fixture(scope="module")
def xml() -> bytes:
    return write_xml(invoice())


@pytest.fixture(scope="module")
def pdf(xml: bytes) -> bytes:
    return write_pdf(HTML(string=PAGE), xml, ABOUT)


def test_the_xml_comes_out_as_it_went_in(pdf: bytes, xml: bytes) -> None:
    assert get_facturx_xml_from_pdf(io.BytesIO(pdf)) == ("factur-x.xml", xml)


def test_it_is_associated_once_as_data(pdf: bytes) -> None:
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    (file,) = (each.get_object() for each in root["/AF"])
    assert file["/AFRelationship"] == "/Data"
    assert file["/EF"]["/F"] == file["/EF"]["/UF"]
    assert file["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"


def test_metadata_are_one_rdf_that_says_what_it_is(pdf: bytes) -> None:
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    packet = root["/Metadata"].get_data()
    tree = etree.fromstring(packet[packet.index(b"<x:xmpmeta") : packet.index(b"<?xpacket end")])
    (rdf,) = tree.findall(f"{RDF}RDF")
    said = {
        name: rdf.findtext(f"{RDF}Description/{FX}{name}") for name in ("DocumentType", "ConformanceLevel")
    }
    assert said == {"DocumentType": "INVOICE", "ConformanceLevel": "EN 16931"}
    part = "{http://www.aiim.org/pdfa/ns/id/}"
    described = rdf.find(f"{RDF}Description[@{part}part]")
    assert (described.get(f"{part}part"), described.get(f"{part}conformance")) == ("3", "B")
    # Every property of ours is declared, as PDF/A wants it.
    names = rdf.iter("{http://www.aiim.org/pdfa/ns/property#}name")
    assert {each.text for each in names} == {
        "DocumentFileName",
        "DocumentType",
        "Version",
        "ConformanceLevel",
    }


def test_every_font_is_inside(pdf: bytes) -> None:
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            described: Any = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)


def test_same_bytes_in_another_process(pdf: bytes, xml: bytes, tmp_path: Any) -> None:
    (tmp_path / "a.xml").write_bytes(xml)
    program = (
        "import sys; import django; django.setup(); from datetime import UTC, datetime;"
        "from pathlib import Path; from weasyprint import HTML; from digiweb.pdf import About;"
        "from sales.facturx.embed import write_pdf;"
        f"about = About({ABOUT.title!r}, {ABOUT.author!r}, datetime(2026, 11, 21, 9, 30, tzinfo=UTC));"
        "xml = Path(sys.argv[1]).read_bytes();"
        f"sys.stdout.buffer.write(write_pdf(HTML(string={PAGE!r}), xml, about))"
    )
    env = {"PYTHONHASHSEED": "7", "DJANGO_SETTINGS_MODULE": "digiweb.settings_test"}
    command = [sys.executable, "-c", program, str(tmp_path / "a.xml")]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, **env})
    assert done.stdout == pdf
