"""The catalog: personas, emotional arcs, training topics, prompt templates, the advisor's voice and the rubric.

A catalog is YAML in a folder (docs/reference/catalog.md). These are its models; `catalog_loading`
reads and checks them. All are frozen: a catalog never changes while a job runs.
"""

from __future__ import annotations

import math
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from brightrun.frozen import Frozen, Key, Text
from brightrun.person_ranges import Condition, IdentityRanges
from brightrun.quality.judging.rubric import Rubric

Emotion = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

SHARE_TOLERANCE = 1e-6
MOST_EXCHANGES = 50


class Outcome(StrEnum):
    """How a conversation may end."""

    RESOLVED = "resolved"
    PARTIAL = "partial"
    STALLED = "stalled"
    LEAVES = "leaves"


class Register(StrEnum):
    """How emotional a conversation is: as its arc, a plain question, or a near miss of an edge arc."""

    EMOTIONAL = "emotional"
    PLAIN = "plain"
    NEAR_MISS = "near_miss"


class Feeling(Frozen):
    """An emotion and the band of its intensity, 0 to 1."""

    emotion: Emotion
    intensity: tuple[float, float]

    @model_validator(mode="after")
    def _is_a_band(self) -> Self:
        low, high = self.intensity
        if not 0 <= low <= high <= 1:
            raise ValueError(f"an intensity band is two numbers from 0 to 1, the lower first; [{low}, {high}] is not")
        return self


class Persona(Frozen):
    """A kind of person who asks."""

    key: Key
    name: Text
    archetype: Text
    summary: Text
    background: Text
    voice: Text
    worries: tuple[Text, ...] = Field(min_length=1)
    speech_habits: tuple[Text, ...] = Field(min_length=1)
    identity: IdentityRanges


class Phase(Frozen):
    """One stretch of an arc: what happens in the one who asks, and what the one who answers does."""

    name: Text
    user: Text
    assistant: Text


class Technique(Frozen):
    name: Text
    how: Text


class Ending(Feeling):
    """How a conversation ends for one outcome: the feeling to arrive at, and what it looks like."""

    ending: Text


class FeelingSpan(Frozen):
    start: Feeling
    end: Feeling


class NearMissCase(Frozen):
    """Something that looks like the arc and is not: what is said and meant, and the right response."""

    key: Key
    text: Text
    response: Text


class NearMisses(Frozen):
    share: Share
    emotion: FeelingSpan
    cases: tuple[NearMissCase, ...] = Field(min_length=1)


class EmotionalArc(Frozen):
    """The way a person's feeling takes through a conversation, and how the advisor goes along."""

    key: Key
    name: Text
    category: Literal["core", "edge"]
    start: Feeling
    end: Feeling
    strategy: Text
    exchanges: tuple[int, int]
    complexity: int = Field(ge=1, le=10)
    summary: Text
    phases: tuple[Phase, ...] = Field(min_length=1)
    principles: tuple[Text, ...] = Field(min_length=1)
    techniques: tuple[Technique, ...] = Field(min_length=1)
    avoid: tuple[Text, ...] = Field(min_length=1)
    outcomes: dict[Outcome, Ending] = Field(min_length=1)
    requires: dict[Key, Condition] = Field(default_factory=dict)
    near_misses: NearMisses | None = None
    suitable_personas: tuple[Key, ...] = ()
    suitable_topics: tuple[Key, ...] = ()

    @property
    def is_edge(self) -> bool:
        return self.category == "edge"

    @field_validator("exchanges")
    @classmethod
    def _is_a_length(cls, exchanges: tuple[int, int]) -> tuple[int, int]:
        low, high = exchanges
        if not 1 <= low <= high <= MOST_EXCHANGES:
            span = f"a lowest and a highest number from 1 to {MOST_EXCHANGES}"
            raise ValueError(f"exchanges are {span}; [{low}, {high}] is not")
        return exchanges

    @field_validator("outcomes")
    @classmethod
    def _resolved_is_the_end(cls, outcomes: dict[Outcome, Ending], info: ValidationInfo) -> dict[Outcome, Ending]:
        resolved, end = outcomes.get(Outcome.RESOLVED), info.data.get("end")
        if resolved and end and (resolved.emotion, resolved.intensity) != (end.emotion, end.intensity):
            raise ValueError("`outcomes.resolved` must repeat the emotion and intensity of `end`")
        return outcomes


class Concept(Frozen):
    name: Text
    explanation: Text


class Fact(Frozen):
    """A figure that is true in one place and year, with who says so."""

    name: Text
    value: StrictInt | StrictFloat | StrictStr
    unit: str
    jurisdiction: Text
    year: int = Field(ge=1900, le=2100)
    source: Text

    @field_validator("value")
    @classmethod
    def _can_be_told(cls, value: float | str) -> float | str:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a figure is a finite number or a text")
        return value


class FactSheet(Frozen):
    as_of: date
    items: tuple[Fact, ...] = Field(min_length=1)


class TrainingTopic(Frozen):
    """What a conversation is about."""

    key: Key
    name: Text
    category: Key
    complexity: Literal["beginner", "intermediate", "advanced"]
    active: bool = True
    summary: Text
    concepts: tuple[Concept, ...] = Field(min_length=1)
    typical_questions: tuple[Text, ...] = Field(min_length=1)
    mistaken_beliefs: tuple[Text, ...] = ()
    situations: tuple[Text, ...] = ()
    requires: dict[Key, Condition] = Field(default_factory=dict)
    on_behalf: tuple[Text, ...] = ()
    facts: FactSheet | None = None
    suitable_personas: tuple[Key, ...] = ()
    suitable_arcs: tuple[Key, ...] = ()


class SystemPrompt(Frozen):
    """A training system prompt: what the tuned model is given in use, with its share of the dataset."""

    key: Key
    share: Share
    text: str


class Advisor(Frozen):
    """The one who answers: voice and boundaries for the writer, system prompts for the tuned model."""

    name: Text
    role: Text
    voice: Text
    principles: tuple[Text, ...] = Field(min_length=1)
    boundaries: tuple[Text, ...] = ()
    system_prompts: tuple[SystemPrompt, ...] = Field(min_length=1)


class AxisValue(Frozen):
    key: Key
    share: Share
    text: Text


class LifeEvent(Frozen):
    key: Key
    text: Text
    tags: tuple[Key, ...] = ()


class PlainQuestions(Frozen):
    """The feeling of an emotionally plain question, at its start and end."""

    start: Feeling
    end: Feeling
    ending: Text


class Variation(Frozen):
    """What differs between two conversations of one cell."""

    axes: dict[Key, tuple[AxisValue, ...]] = Field(min_length=1)
    plain: PlainQuestions
    outcomes: dict[Outcome, Share]
    life_events: tuple[LifeEvent, ...] = ()
    life_event_share: Share = 0.0
    mistaken_belief_share: Share = 0.0


class PromptTemplate(Frozen):
    """The part of the authoring prompt that belongs to an arc, or to plain questions, or to near misses."""

    key: Key
    version: Text
    kind: Register
    arcs: tuple[Key, ...] = ()
    topics: tuple[Key, ...] = ()
    personas: tuple[Key, ...] = ()
    placeholders: tuple[Text, ...]
    text: Text

    def writes(self, kind: Register, arc: str, topic: str, persona: str) -> bool:
        """Whether this template writes such a conversation."""
        return (
            self.kind == kind
            and (not self.arcs or arc in self.arcs)
            and (not self.topics or topic in self.topics)
            and (not self.personas or persona in self.personas)
        )

    @property
    def narrowness(self) -> int:
        """How many of arc, topic and persona the template is bound to; the narrowest that fits is used."""
        return sum(bool(bound) for bound in (self.arcs, self.topics, self.personas))


class SharedPrompts(Frozen):
    """The parts of the authoring prompt around the template."""

    version: Text
    craft: Text
    advisor: Text
    persona: Text
    topic: Text
    request: Text


class CatalogInfo(Frozen):
    """What a catalog is about, and the words and emotions it uses."""

    key: Key
    name: Text
    description: Text
    language: Text
    jurisdiction: Text
    user_role: Text
    assistant_role: Text
    emotions: tuple[Emotion, ...] = Field(min_length=1)


class Catalog(Frozen):
    """A whole catalog, checked. Its dictionaries are in the order of the files."""

    info: CatalogInfo
    advisor: Advisor
    variation: Variation
    shared: SharedPrompts
    personas: dict[str, Persona]
    arcs: dict[str, EmotionalArc]
    topics: dict[str, TrainingTopic]
    templates: dict[str, PromptTemplate]
    rubric: Rubric | None = None
    """What a judge goes by; without one, nothing is judged."""

    def template_for(self, kind: Register, arc: str, topic: str, persona: str) -> PromptTemplate | None:
        """The narrowest template that writes such a conversation; among equals the first by key."""
        fitting = [t for t in self.templates.values() if t.writes(kind, arc, topic, persona)]
        return min(fitting, key=lambda t: (-t.narrowness, t.key), default=None)
