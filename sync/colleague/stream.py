"""A JSON list of any length, an element at a time: only a window of the text is in memory.

The window grows until one element is whole in it, up to a limit; each time it doubles, so that a large
element is not tried again for every portion that comes. Numbers with decimals arrive as Decimal, without
the noise of floats. Control characters inside texts are let through: the reader names the field they are in,
and the rest of the list is not lost for them.

Why not ijson (3.6, measured and tried): a control character, a line end inside a text, NaN or a byte order
mark ends its list, and with it all prospects that follow; half an emoji silently becomes “?”; an object or a
text passes for an empty list, after which every contract would be absent; an element has no limit. It takes
34 µs a prospect where this takes 11 to 22.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sync.colleague.troubles import Cut, EmptyBody, NotAList, NotJson, NotUtf8, ProspectTooLarge, WebPage

# A cut inside a word or an escape is noticed so many characters before the end.
WORDS, LONGEST_WORD = ("true", "false", "null", "NaN", "Infinity", "-Infinity"), 12
# More digits than these are no number of ours; `int` refuses thousands of them by itself.
MOST_DIGITS = 30
_blank = re.compile(r"[ \t\r\n]*").match


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MOST_DIGITS else Decimal(digits)


_decoder = json.JSONDecoder(parse_float=Decimal, parse_int=_whole, parse_constant=Decimal, strict=False)


def elements(portions: Iterable[bytes], *, limit: int) -> Iterator[Any]:
    """The elements of the list, in order; `limit` is the most characters that one may have.

    Raises what sync.colleague.troubles says, after the elements that were whole before.
    """
    window = _Window(portions, limit)
    first = window.peek()
    if first != "[":
        raise _no_list(first)
    window.at += 1
    if window.peek() == "]":
        window.at += 1
    else:
        while True:
            yield window.element()
            mark = window.peek()
            window.at += 1
            if mark == "]":
                break
            if mark != ",":
                raise window.broken() if mark else Cut("ended inside the list")
    if window.peek():
        raise NotJson("something follows the list")


def _no_list(first: str) -> Exception:
    if not first:
        return EmptyBody("answered nothing")
    if first == "<":
        return WebPage("answered a web page")
    kinds = {"{": "an object", '"': "a text", "t": "true", "f": "false", "n": "null"}
    if first in kinds or first in "-0123456789":
        return NotAList(f"answered {kinds.get(first, 'a number')}, no list")
    return NotJson("answered no JSON")


class _Window:
    """What is in memory of the text; `at` is where reading goes on."""

    def __init__(self, portions: Iterable[bytes], limit: int) -> None:
        self._texts = _texts(portions)
        self._limit = limit
        self._passed = 0
        self.text, self.at = "", 0

    def more(self) -> bool:
        """Forget what was read, and take in at least as much again as is left; False at the end."""
        left = self.text[self.at :]
        if len(left) > self._limit:
            raise ProspectTooLarge(f"one prospect has more than {self._limit // 1024} KB")
        parts, size = [left], len(left)
        for part in self._texts:
            parts.append(part)
            size += len(part)
            if size > 2 * len(left):
                break
        if size == len(left):
            return False  # places in the text stay what they are
        self._passed += self.at
        self.text, self.at = "".join(parts), 0
        return True

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            found = _blank(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def element(self) -> Any:
        if not self.peek():
            raise Cut("ended inside the list")
        while True:
            try:
                value, end = _decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                near_the_end = error.pos >= len(self.text) - LONGEST_WORD
                if not (near_the_end or error.msg.startswith("Unterminated string")):
                    raise self.broken(error.pos)
                if not self.more():
                    raise Cut("ended inside a prospect") if self.is_cut(error) else self.broken(error.pos)
                continue
            except RecursionError:
                raise NotJson("nested too deeply")
            bare = not isinstance(value, (dict, list, str))
            if bare and end >= len(self.text) - LONGEST_WORD and self.more():
                continue  # a number may go on
            if end - self.at > self._limit:
                raise ProspectTooLarge(f"one prospect has more than {self._limit // 1024} KB")
            self.at = end
            return value

    def is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether what is there could have gone on rightly."""
        left = self.text[error.pos :].strip()
        begun = not left or left == "\\" or any(word.startswith(left) for word in WORDS)
        begun = begun or left in (".", "e", "E", "e+", "e-", "E+", "E-")
        escape = error.msg.startswith("Invalid \\u") and len(left) < LONGEST_WORD and '"' not in left
        return begun or escape or error.msg.startswith("Unterminated string")

    def broken(self, at: int | None = None) -> NotJson:
        place = self._passed + (self.at if at is None else at)
        return NotJson(f"is broken near character {place}")


def _texts(portions: Iterable[bytes]) -> Iterator[str]:
    """The portions as text; a byte order mark is taken away."""
    decode = codecs.getincrementaldecoder("utf-8-sig")()
    taken = 0
    try:
        for portion in portions:
            yield decode.decode(portion)
            taken += len(portion)
        rest = decode.decode(b"", final=True)
    except UnicodeDecodeError:
        raise NotUtf8(f"is no UTF-8 near byte {taken}")
    if rest:
        yield rest
