"""What a conversation will say, exchange by exchange, before a word of it is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from brightrun.simulator import feelings_path
from brightrun.simulator.prompt import Brief
from brightrun.simulator.writing_style import WritingStyle


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer."""

    position: int
    last: bool
    emotion: str
    intensity: float
    concept: tuple[str, str]
    before: str
    """The concept of the exchange before; empty in the first."""
    visit: int
    """0 when the concept comes up for the first time."""
    objects: bool
    brings_event: bool

    @property
    def first(self) -> bool:
        return self.position == 0


def outline(brief: Brief, style: WritingStyle, emotions: Collection[str], rng: Random) -> list[Exchange]:
    """The exchanges of a brief: which concept each is about, what is felt, who objects where."""
    count = brief.exchanges
    way = feelings_path.path(rng, count, brief.start, brief.end, emotions)
    concepts = list(brief.topic.concepts)
    rng.shuffle(concepts)
    chosen = concepts[: max(1, min(len(concepts), max(2, count - 1)))]
    middle = list(range(1, count - 1))
    rng.shuffle(middle)
    objecting = set(middle[: style.pushback])
    event_at = int(rng.random() * min(2, count)) if brief.life_event else -1
    exchanges: list[Exchange] = []
    for i, (emotion, intensity) in enumerate(way):
        # The last exchange rounds off what was being talked about.
        at = i - 1 if i == count - 1 and i > 0 else i
        exchanges.append(
            Exchange(
                position=i,
                last=i == count - 1,
                emotion=emotion,
                intensity=intensity,
                concept=chosen[at % len(chosen)],
                before=exchanges[-1].concept[0] if exchanges else "",
                visit=at // len(chosen) + (at != i),
                objects=i in objecting,
                brings_event=i == event_at,
            )
        )
    return exchanges
