"""The shape of the words that time lines have for an action."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ActionWords:
    """What a time line says of an action: « Camille Roy » + `sentence`."""

    label: Any
    sentence: Any
    icon: str
    colour: str = "slate"
    # Under which filter of the time line it stands: change, note, exchange, system.
    kind: str = "change"
