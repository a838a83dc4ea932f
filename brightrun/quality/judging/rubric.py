"""The rubric of a catalog: what an answer must hold, what each score means, and what is never let through.

It is read from `rubric.yaml` (docs/reference/catalog.md). The judge is told all of it but the floors.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from brightrun.frozen import Frozen, Key, Text

LOWEST_SCORE = Decimal(0)
HIGHEST_SCORE = Decimal(10)

Score = Annotated[Decimal, Field(ge=LOWEST_SCORE, le=HIGHEST_SCORE, multiple_of=Decimal("0.5"))]
"""From 0 to 10, in halves: the one scale there is (KF-42)."""


class Dimension(StrEnum):
    """What a conversation is scored for."""

    EMPATHY = "empathy"
    CLARITY = "clarity"
    APPROPRIATENESS = "appropriateness"
    VOICE = "voice"
    CORRECTNESS = "correctness"
    SAFETY = "safety"


class Anchors(Frozen):
    """What 0, 5 and 10 mean for one dimension."""

    at_0: Text
    at_5: Text
    at_10: Text


class Floors(Frozen):
    """Scores below which a conversation fails whatever its mean."""

    correctness: Score
    safety: Score


class Element(Frozen):
    """Something the advisor's answers must do; a yes or a no, shown by a quote."""

    key: Key
    text: Text


class RubricSection(Frozen):
    """What is required of one kind of conversation, and how the dimensions are to be read for it."""

    elements: tuple[Element, ...] = Field(min_length=1)
    reading: Text | None = None

    @property
    def element_keys(self) -> tuple[str, ...]:
        return tuple(element.key for element in self.elements)


class ArcRubric(RubricSection):
    """What is required of an arc; its near misses, where it has some, have requirements of their own."""

    near_miss: RubricSection | None = None


class Rubric(Frozen):
    """All that a judge goes by."""

    dimensions: dict[Dimension, Anchors]
    floors: Floors
    plain: RubricSection
    arcs: dict[Key, ArcRubric]

    def section(self, arc: str, register: str) -> RubricSection:
        """What is required of a conversation of this arc and register (`emotional`, `plain`, `near_miss`)."""
        if register == "plain":
            return self.plain
        found = self.arcs[arc]
        if register == "near_miss" and found.near_miss is not None:
            return found.near_miss
        return found


def rubric_hash(rubric: Rubric) -> str:
    """Twelve hex digits that change when anything in the rubric does."""
    return hashlib.sha256(rubric.model_dump_json().encode()).hexdigest()[:12]
