"""Banks of sentence frames, and drawing from them without repeating oneself.

A frame is a text in which `[one|another]` is a choice, and may be empty, and `{slot}` is filled by the
one who draws. A frame that asks for a slot that is missing is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from random import Random

WRITTEN_OUT_LIMIT = 64
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_CONTINUED = re.compile(r"\n +")
_SLOT = re.compile(r"\{(\w+)\}")


class Frame:
    """One frame, taken apart."""

    __slots__ = ("_required", "_slotted", "_written_out", "parts")

    def __init__(self, text: str) -> None:
        pieces = _CHOICE.split(text)
        self.parts: list[str | tuple[str, ...]] = [
            tuple(piece.split("|")) if i % 2 else piece for i, piece in enumerate(pieces)
        ]
        # Small frames are written out when first drawn: one choice is quicker than several.
        self._written_out: tuple[str, ...] = ()
        slots = set(_SLOT.findall(text))
        self._slotted = bool(slots)
        # A verb's ending (`s_c`) may be empty; everything else has to be there.
        self._required = [slot for slot in slots if not slot.startswith("s_")]

    def fits(self, slots: Mapping[str, str]) -> bool:
        """Is there something for every slot?"""
        return all(map(slots.get, self._required))

    def fill(self, rng: Random, slots: Mapping[str, str]) -> str:
        random = rng.random
        texts = self._written_out or self._write_out()
        if texts:
            text = texts[int(random() * len(texts))]
        else:
            text = "".join([p if isinstance(p, str) else p[int(random() * len(p))] for p in self.parts])
        return text.format_map(slots) if self._slotted else text

    def _write_out(self) -> tuple[str, ...]:
        choices = [(part,) if isinstance(part, str) else part for part in self.parts]
        if prod(map(len, choices)) <= WRITTEN_OUT_LIMIT:
            self._written_out = tuple(map("".join, product(*choices)))
        return self._written_out


class Bank:
    """Frames that serve the same purpose."""

    def __init__(self, frames: Iterable[str]) -> None:
        self.frames = tuple(Frame(text.strip()) for text in frames)


def bank(lines: str) -> Bank:
    """A bank written one frame a line; an indented line goes on with the frame above it."""
    return Bank(_CONTINUED.sub(" ", lines).strip().splitlines())


class Drawer:
    """Draws for one conversation: no frame twice as long as there are others."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._used: dict[int, set[int]] = {}

    def draw(self, source: Bank, slots: Mapping[str, str]) -> str:
        """A filled frame, or nothing when there is none whose slots can all be filled."""
        frames = source.frames
        used = self._used.setdefault(id(source), set())
        start = int(self._rng.random() * len(frames))
        for again in (False, True):
            for step in range(len(frames)):
                at = (start + step) % len(frames)
                if (again or at not in used) and frames[at].fits(slots):
                    used.add(at)
                    return frames[at].fill(self._rng, slots)
        return ""
