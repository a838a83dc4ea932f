"""The catalog: personas, emotional arcs, training topics, prompt templates and the advisor's voice.

A catalog is YAML in a folder (docs/reference/catalog.md). These are its models; `catalog_loading`
reads and checks them. All are frozen: a catalog never changes while a job runs.
"""

from __future__ import annotations

import math
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

KEY_PATTERN = r"^[a-z0-9]+(_[a-z0-9]+)*$"
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Emotion = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

SHARE_TOLERANCE = 1e-6
MOST_EXCHANGES = 50
OLDEST = 120


class Frozen(BaseModel):
    """A model of the catalog: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Option(Frozen):
    """One value of a listed attribute, and what it makes of a person (`couple`, `children`)."""

    text: Text
    tags: tuple[Key, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class NumberRange(Frozen):
    """A numeric attribute: drawn from min to max in steps, with its unit."""

    min: int
    max: int
    step: int = Field(default=1, ge=1)
    unit: str = ""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class NamePool(Frozen):
    """Given and family names that people of a persona are called by."""

    given: tuple[Text, ...] = Field(min_length=2)
    family: tuple[Text, ...] = Field(min_length=2)


class IdentityRanges(BaseModel):
    """What an identity is drawn from. Attributes beyond the five fixed ones are free."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, NumberRange | tuple[Option, ...]]

    name: NamePool
    age: NumberRange
    work: tuple[Option, ...] = Field(min_length=1)
    household: tuple[Option, ...] = Field(min_length=1)
    place: tuple[Option, ...] = Field(min_length=1)

    @field_validator("age")
    @classmethod
    def _is_an_age(cls, age: NumberRange) -> NumberRange:
        if not 1 <= age.min <= age.max <= OLDEST:
            raise ValueError(f"an age is from 1 to {OLDEST}; {age.min} to {age.max} is not")
        return age

    @model_validator(mode="after")
    def _attributes_can_be_drawn(self) -> Self:
        for name, attribute in (self.__pydantic_extra__ or {}).items():
            if not re.fullmatch(KEY_PATTERN, name):
                raise ValueError(
                    f"an attribute is named in lower case letters, digits and underscores; `{name}` is not"
                )
            if not isinstance(attribute, NumberRange) and not attribute:
                raise ValueError(f"`{name}` is an empty list")
        return self

    @property
    def attributes(self) -> dict[str, NumberRange | tuple[Option, ...]]:
        """Every attribute but the name, in the order the prompt gives them."""
        fixed: dict[str, NumberRange | tuple[Option, ...]] = {
            "age": self.age,
            "work": self.work,
            "household": self.household,
            "place": self.place,
        }
        return {**fixed, **(self.__pydantic_extra__ or {})}


class Condition(Frozen):
    """What an attribute must be: within numbers, or carrying every one of some tags."""

    min: int | None = None
    max: int | None = None
    tags: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.min is None and self.max is None and not self.tags:
            raise ValueError("a condition needs min, max or tags")
        return self

    @property
    def nobody(self) -> bool:
        """Whether no number is at least `min` and at most `max`."""
        return self.min is not None and self.max is not None and self.min > self.max


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

    def template_for(self, kind: Register, arc: str, topic: str, persona: str) -> PromptTemplate | None:
        """The narrowest template that writes such a conversation; among equals the first by key."""
        fitting = [t for t in self.templates.values() if t.writes(kind, arc, topic, persona)]
        return min(fitting, key=lambda t: (-t.narrowness, t.key), default=None)


def can_meet(ranges: IdentityRanges, requires: dict[str, Condition]) -> bool:
    """Whether some identity drawn from `ranges` meets all conditions."""
    return all(_attribute_can_meet(ranges.attributes.get(name), condition) for name, condition in requires.items())


def _attribute_can_meet(attribute: NumberRange | tuple[Option, ...] | None, condition: Condition) -> bool:
    if attribute is None or condition.nobody:
        return False
    if isinstance(attribute, NumberRange):
        low = condition.min is None or attribute.max >= condition.min
        high = condition.max is None or attribute.min <= condition.max
        return low and high and not condition.tags
    return any(set(condition.tags) <= set(option.tags) for option in attribute)
