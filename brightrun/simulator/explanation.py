"""A concept's explanation, taken apart and said in slightly other words."""

from __future__ import annotations

import re
from functools import lru_cache
from random import Random

from brightrun.simulator.grammar import capitalised, sentences

_HALF = re.compile(r"; (?!(?:and|but|or|nor|while|though|although|which|because|since|so|with|not|yet|then)\b)")
_OTHER_WORDS: tuple[tuple[str, str], ...] = (
    ("because", "since"), ("usually", "in most cases"), ("rarely", "seldom"), ("cannot", "can't"),
    ("is not", "isn't"), ("are not", "aren't"), ("does not", "doesn't"), ("do not", "don't"),
    ("every year", "each year"), ("each month", "every month"),
    ("several", "a number of"), ("often", "frequently"), ("though", "although"), ("larger", "bigger"),
    ("begin", "start"), ("for instance", "for example"), ("such as", "like"), ("whereas", "while"),
    ("and not", "rather than"), ("at once", "right away"), ("until", "till"),
    ("nearly", "almost"), ("commonly", "typically"), ("in advance", "beforehand"), ("anyway", "in any case"),
)  # fmt: skip
_SWAPS = dict(_OTHER_WORDS)
_PATTERN = re.compile(rf"\b({'|'.join(map(re.escape, _SWAPS))})\b")


@lru_cache(maxsize=4096)
def units(explanation: str) -> tuple[tuple[str, int], ...]:
    """The explanation as whole sentences with their words, split where a semicolon joins two of them."""
    found = []
    for one in sentences(explanation):
        for part in _HALF.split(one):
            text = capitalised(part.strip().rstrip(";,"))
            found.append(text if text.endswith((".", "!", "?")) else f"{text}.")
    return tuple((text, len(text.split())) for text in found)


def reworded(text: str, rng: Random) -> str:
    """The same statement with some of its small words changed."""
    parts = _parts(text)
    if len(parts) == 1:
        return text
    random = rng.random
    return "".join([_SWAPS[part] if i % 2 and random() < 0.6 else part for i, part in enumerate(parts)])


@lru_cache(maxsize=8192)
def _parts(text: str) -> list[str]:
    """The text cut at the words that may change: every second part is one of them."""
    return _PATTERN.split(text)
