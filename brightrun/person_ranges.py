"""Who the people of a persona may be: ranges and lists to draw from, and conditions on what is drawn."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from brightrun.frozen import KEY_PATTERN, Frozen, Key, Text

OLDEST = 120


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
