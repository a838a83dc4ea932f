"""Banks of sentence frames, and drawing from them without repeating oneself.

A frame is a text in which `[one|another]` is a choice, and may be empty, and `{slot}` is filled by the
one who draws. A frame that asks for a slot that is missing is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_CONTINUED = re.compile(r"\n +")
_SLOT = re.compile(r"\{(\w+)\}")


class Frame:
    """One frame, taken apart."""

    __slots__ = ("_parts", "slots")

    def __init__(self, text: str) -> None:
        pieces = _CHOICE.split(text)
        self._parts: list[str | tuple[str, ...]] = [
            tuple(piece.split("|")) if i % 2 else piece for i, piece in enumerate(pieces)
        ]
        self.slots = tuple(sorted(set(_SLOT.findall(text))))

    def fits(self, slots: Mapping[str, str]) -> bool:
        """Is there something for every slot? Verb endings may be empty."""
        for slot in self.slots:
            if not slots.get(slot) and not slot.startswith("s_"):
                return False
        return True

    def fill(self, rng: Random, slots: Mapping[str, str]) -> str:
        random = rng.random
        pieces = [part if isinstance(part, str) else part[int(random() * len(part))] for part in self._parts]
        text = "".join(pieces)
