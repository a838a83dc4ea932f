"""The way from one feeling to another: an emotion and an intensity for every user message."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

from brightrun.simulator.phrases_feelings import FAMILY_OF, HEAVY

ON_THE_WAY: dict[str, tuple[str, ...]] = {
    "confused": ("doubt", "curiosity", "understanding", "curiosity"),
    "ashamed": ("embarrassment", "sadness", "hope", "calm"),
    "frustrated": ("impatience", "wariness", "curiosity", "understanding"),
    "angry": ("resentment", "frustration", "wariness", "doubt"),
    "afraid": ("worry", "doubt", "hope", "calm"),
    "overwhelmed": ("exhaustion", "worry", "hope", "calm"),
    "guilty": ("doubt", "sadness", "understanding", "hope"),
    "sad": ("exhaustion", "sadness", "wariness", "worry"),
    "doubtful": ("wariness", "curiosity", "understanding", "hope"),
    "neutral": ("neutral", "curiosity", "neutral", "understanding"),
}
DEFAULT_WAY = ("worry", "doubt", "curiosity", "hope")


def path(
    rng: Random,
    count: int,
    start: tuple[str, float],
    end: tuple[str, float],
    allowed: Collection[str],
) -> list[tuple[str, float]]:
    """`count` emotions with intensities: the first is the start, the last the end, none outside `allowed`."""
    first, last = (_allowed(start[0], allowed), start[1]), (_allowed(end[0], allowed), end[1])
    if count < 2:
        return [first][:count]
    way = [e for e in ON_THE_WAY.get(FAMILY_OF.get(start[0], ""), DEFAULT_WAY) if not allowed or e in allowed]
    middle: list[tuple[str, float]] = []
    inner = count - 2
    for i in range(inner):
        progress = (i + 1) / (count - 1)
        at = int(progress * (len(way) + 1)) - (rng.random() < 0.3)
        emotion = first[0] if at <= 0 or not way else way[min(at, len(way)) - 1]
        middle.append((emotion, _intensity(rng, emotion, progress, start[1], end[1])))
    return [first, *middle, last]


def _intensity(rng: Random, emotion: str, progress: float, start: float, end: float) -> float:
    heavy = FAMILY_OF.get(emotion) in HEAVY
    level = start * (1 - 0.5 * progress) if heavy else end * (0.55 + 0.35 * progress)
    return round(min(0.95, max(0.1, level + (rng.random() - 0.5) * 0.12)), 2)


def _allowed(emotion: str, allowed: Collection[str]) -> str:
    if not allowed or emotion in allowed:
        return emotion
    family = FAMILY_OF.get(emotion)
    kin = [other for other in allowed if family and FAMILY_OF.get(other) == family]
    return kin[0] if kin else next(iter(allowed))
