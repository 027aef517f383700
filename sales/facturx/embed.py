"""HTML + XML → a PDF/A-3b that carries its XML as `factur-x.xml`, with the metadata that Factur-X asks for.

The same page, XML and moment give the same bytes: nothing of the clock and nothing random goes in.
"""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from weasyprint import HTML, Attachment

from digiweb.pdf import ARCHIVE, About, describe

__all__ = ["FILE_NAME", "About", "write_pdf"]

FILE_NAME = "factur-x.xml"
PROFILE = "EN 16931"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
_PREFIXES = {"fx": _FX, "pdfaExtension": _EXTENSION, "pdfaSchema": _SCHEMA, "pdfaProperty": _PROPERTY}
# What PDF/A wants to be told about properties that it does not know (ISO 19005-3, 6.6.2.3).
_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER",
    "Version": "The actual version of the standard applying to the embedded XML document",
    "ConformanceLevel": "The conformance level of the embedded XML document",
}
_VALUES = {
    "DocumentType": "INVOICE",
    "DocumentFileName": FILE_NAME,
    "Version": "1.0",
    "ConformanceLevel": PROFILE,
}


def write_pdf(html: HTML, xml: bytes, about: About) -> bytes:
    """The invoice as PDF/A-3b with its XML inside (relationship Data, profile EN 16931).

    `html` is WeasyPrint's, or a `digiweb.pdf.Paper`, with the fonts and pictures that it may load; all of
    them end up in the PDF.
    """
    document = html.render(pdf_variant=ARCHIVE)
    moment = describe(document, about)
    metadata: Any = document.metadata
    metadata.attachments = [
        Attachment(
            string=xml,
            url_fetcher=_fetch_nothing,
            name=FILE_NAME,
            description="Factur-X XML",
            relationship="Data",
            created=moment,
            modified=moment,
        )
    ]
    # Whatever WeasyPrint adds after its own RDF would be a second RDF: ours goes into the first.
    plain = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *asked: _with_factur_x(plain(*asked))
    written: bytes = document.write_pdf(finisher=_tidy, pdf_variant=ARCHIVE)
    return written


def _fetch_nothing(url: str) -> Any:
    """WeasyPrint would otherwise make a fetcher with its certificates, which costs more than the rest."""
    raise ValueError(url)


def _with_factur_x(rdf: bytes) -> bytes:
    """WeasyPrint's RDF with the two descriptions that Factur-X asks for."""
    end = rdf.rindex(b"</rdf:RDF>")
    return rdf[:end] + b"".join(_descriptions()) + rdf[end:]


def _descriptions() -> Iterable[bytes]:
    for prefix, address in _PREFIXES.items():
        register_namespace(prefix, address)
    schemas = _description()
    bag = SubElement(SubElement(schemas, f"{{{_EXTENSION}}}schemas"), f"{{{_RDF}}}Bag")
    schema = SubElement(bag, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
    _say(schema, _SCHEMA, schema="Factur-X PDFA Extension Schema", namespaceURI=_FX, prefix="fx")
    rows = SubElement(SubElement(schema, f"{{{_SCHEMA}}}property"), f"{{{_RDF}}}Seq")
    for name, text in _PROPERTIES.items():
        row = SubElement(rows, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
        _say(row, _PROPERTY, name=name, valueType="Text", category="external", description=text)
    yield tostring(schemas, encoding="utf-8", xml_declaration=False)
    values = _description()
    _say(values, _FX, **_VALUES)
    yield tostring(values, encoding="utf-8", xml_declaration=False)


def _description() -> Element:
    return Element(f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})


def _say(parent: Element, namespace: str, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{namespace}}}{name}").text = text


def _tidy(document: Any, pdf: Any) -> None:
    """Name the attachment once (WeasyPrint names it twice in /AF), and under both of its keys."""
    associated = pdf.catalog["AF"]
    pdf.catalog["AF"] = type(associated)(dict.fromkeys(associated))
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Type") == "/Filespec":
            each["EF"]["UF"] = each["EF"]["F"]
