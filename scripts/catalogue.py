"""Translations: reads `.po`, writes `.mo`. The `.mo` are not in git, and gettext may not be installed.

python3 -m scripts.catalogue        # compiles what changed
"""

import ast
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path

from scripts.processes import ROOT, give_up, say


@dataclass
class Entry:
    """One message. `texts` has one translation, or one for each plural form."""

    msgid: str = ""
    context: str | None = None
    plural: str | None = None
    texts: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False
    obsolete: bool = False

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.msgid

    @property
    def translated(self) -> bool:
        return bool(self.texts) and all(self.texts.values())


def read(path: Path) -> list[Entry]:
    """The entries of a `.po` file, the header (empty msgid) among them."""
    entries: list[Entry] = []
    entry = Entry()
    part = ""

    def close() -> None:
        nonlocal entry
        if entry.texts:
            entries.append(entry)
        entry = Entry()

    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        obsolete = line.startswith("#~")
        if obsolete:
            line = line[2:].lstrip("| ").strip()
        if line.startswith("#"):
            if entry.texts:
                close()
            entry.fuzzy = entry.fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line:
            close()
            continue
        word, _, rest = line.partition(" ")
        if word in ("msgctxt", "msgid") and entry.texts:
            close()
        if not line.startswith('"'):
            part = word
        try:
            text = ast.literal_eval(line if line.startswith('"') else rest)
        except (SyntaxError, ValueError):
            give_up(f"{path}:{number}: not a quoted text: {line}")
        entry.obsolete = entry.obsolete or obsolete
        if part == "msgctxt":
            entry.context = (entry.context or "") + text
        elif part == "msgid":
            entry.msgid += text
        elif part == "msgid_plural":
            entry.plural = (entry.plural or "") + text
        elif part.startswith("msgstr"):
            index = int(part[7:-1]) if part != "msgstr" else 0
            entry.texts[index] = entry.texts.get(index, "") + text
        else:
            give_up(f"{path}:{number}: neither msgid nor msgstr: {line}")
    close()
    return entries


def compile_file(source: Path, target: Path) -> None:
    """The format of gettext's `.mo`: sorted ids, sorted texts, tables of (length, offset), no hash table."""
    messages: dict[bytes, bytes] = {}
    for entry in read(source):
        if entry.obsolete or (entry.fuzzy and entry.msgid) or not entry.translated:
            continue
        key = entry.msgid if entry.context is None else f"{entry.context}\x04{entry.msgid}"
        if entry.plural is not None:
            key += f"\0{entry.plural}"
        messages[key.encode()] = "\0".join(entry.texts[index] for index in sorted(entry.texts)).encode()
    ids = texts = b""
    offsets = []
    for msgid, text in sorted(messages.items()):
        offsets.append((len(ids), len(msgid), len(texts), len(text)))
        ids += msgid + b"\0"
        texts += text + b"\0"
    start = 7 * 4 + 16 * len(messages)
    id_table = [number for at, size, _, _ in offsets for number in (size, start + at)]
    text_table = [number for _, _, at, size in offsets for number in (size, start + len(ids) + at)]
    head = struct.pack("<7I", 0x950412DE, 0, len(messages), 28, 28 + 8 * len(messages), 0, 0)
    data = head + struct.pack(f"<{len(id_table) * 2}I", *id_table, *text_table) + ids + texts
    unfinished = target.with_suffix(".mo.part")
    unfinished.write_bytes(data)
    os.replace(unfinished, target)  # never half a file, even when stopped here


def compile_all() -> None:
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_file(source, target)
            say(f"  Compiled {source.relative_to(ROOT)}")


if __name__ == "__main__":
    compile_all()
