"""Takes the XML out of a PDF. Run as a program: a hostile file ends this process, not the worker.

Answers on its standard output: the name of the attachment, a line's end, its bytes. Ends with 3 where there
is none. It imports nothing of the project.
"""

import sys
from typing import Any

SECONDS = 30
MEMORY = 1 << 30
MOST_BYTES = 10 * 1024 * 1024
MOST_ATTACHMENTS = 50
NO_XML = 3
# What the norms call it, the likeliest first; any other XML that is an invoice comes after these.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")
ROOTS = (b"CrossIndustryInvoice", b"CrossIndustryDocument", b"Invoice", b"CreditNote")


def _rank(name: str) -> int:
    return NAMES.index(name) if name in NAMES else len(NAMES)


def _is_invoice(content: bytes) -> bool:
    """Whether it may be one, by its beginning; reading it comes later, and elsewhere."""
    head = content[:8192].replace(b"\0", b"")  # UTF-16 too
    return any(root in head for root in ROOTS)


def find_xml(path: str) -> tuple[str, bytes] | None:
    """(name, content) of the invoice's XML in a PDF."""
    import logging

    from pypdf import PdfReader

    logging.disable(logging.CRITICAL)
    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("encrypted")
    found: list[tuple[int, str, Any]] = []
    for number, each in enumerate(reader.attachment_list):
        if number >= MOST_ATTACHMENTS:
            break
        name = str(each.name or "").lower()
        if name.endswith(".xml"):
            found.append((_rank(name), name, each))
    for _order, name, each in sorted(found, key=lambda one: one[:2]):
        content = each.content
        if content and len(content) <= MOST_BYTES and _is_invoice(content):
            return name, content
    return None


def main(path: str) -> int:
    import resource

    # What an honest PDF needs many times over: addresses, seconds of work, no files.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    found = find_xml(path)
    if found is None:
        return NO_XML
    name, content = found
    sys.stdout.buffer.write(name.encode() + b"\n" + content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
