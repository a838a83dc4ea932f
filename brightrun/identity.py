"""The people of a dataset: drawn from their persona's ranges, so that no two are the same person."""

from __future__ import annotations

import random
from collections.abc import Mapping

from brightrun.catalog import EmotionalArc, Persona, TrainingTopic
from brightrun.dealing import Deck
from brightrun.frozen import Frozen
from brightrun.person_ranges import Condition, NumberRange, Option, can_meet

STRATA = 12
"""Wide numeric ranges are dealt in this many parts, each drawn from evenly."""


class Attribute(Frozen):
    """One thing known of a person: its text for the prompt, and its number where it has one."""

    name: str
    text: str
    number: int | None = None


class Identity(Frozen):
    """The person of one conversation. `reason` says on whose behalf they ask, if not their own."""

    name: str
    age: int
    attributes: tuple[Attribute, ...]
    tags: tuple[str, ...]
    reason: str | None = None

    @property
    def given_name(self) -> str:
        return self.name.split()[0]


class People:
    """Deals identities of one persona. Every full name is used once until all are used.

    `names` are those already used; who draws for several personas shares one set among them.
    """

    def __init__(self, persona: Persona, seed: int, names: set[str] | None = None) -> None:
        rng = random.Random(f"{seed}:people:{persona.key}")
        self._rng = rng
        self._persona = persona
        self._given = Deck(persona.identity.name.given, rng)
        self._family = Deck(persona.identity.name.family, rng)
        self._names = set() if names is None else names
        self._reasons: dict[str, Deck[str]] = {}
        self._options: dict[str, Deck[Option]] = {}
        self._numbers: dict[str, Deck[tuple[int, int]]] = {}
        for name, attribute in persona.identity.attributes.items():
            if isinstance(attribute, NumberRange):
                self._numbers[name] = Deck(_strata(attribute), rng)
            else:
                self._options[name] = Deck(attribute, rng)

    def draw(self, arc: EmotionalArc, topic: TrainingTopic) -> Identity:
        """Somebody for whom arc and topic make sense, or who is given a reason to ask.

        Conditions that nobody of this persona meets are given up: the topic's for one of its reasons,
        the arc's because the spec keeps a combination that the catalog advises against.
        """
        ranges = self._persona.identity
        requires: dict[str, Condition] = {}
        if can_meet(ranges, arc.requires):
            requires.update(arc.requires)
        reason = None
        if can_meet(ranges, _both(requires, topic.requires)):
            requires = _both(requires, topic.requires)
        elif topic.on_behalf:
            deck = self._reasons.setdefault(topic.key, Deck(topic.on_behalf, self._rng))
            reason = deck.draw()
        attributes, tags = self._attributes(requires)
        age = next(attribute.number for attribute in attributes if attribute.name == "age")
        assert age is not None  # an age is a range, and a range draws a number
        return Identity(
            name=self._name(), age=age, attributes=tuple(attributes), tags=tuple(sorted(tags)), reason=reason
        )

    def _attributes(self, requires: Mapping[str, Condition]) -> tuple[list[Attribute], set[str]]:
        attributes: list[Attribute] = []
        tags: set[str] = set()
        for name, attribute in self._persona.identity.attributes.items():
            condition = requires.get(name)
            if isinstance(attribute, NumberRange):
                attributes.append(self._number(name, attribute, condition))
            else:
                wanted = set(condition.tags) if condition else set()
                option = self._options[name].draw(lambda o, wanted=wanted: wanted <= set(o.tags))  # type: ignore[misc]
                assert option is not None  # can_meet has looked
                attributes.append(Attribute(name=name, text=option.text))
                tags.update(option.tags)
        return attributes, tags

    def _number(self, name: str, range_: NumberRange, condition: Condition | None) -> Attribute:
        low = max(range_.min, condition.min if condition and condition.min is not None else range_.min)
        high = min(range_.max, condition.max if condition and condition.max is not None else range_.max)
        stratum = self._numbers[name].draw(lambda part: part[0] <= high and part[1] >= low)
        first, last = stratum or (low, high)
        first, last = max(first, low), min(last, high)
        steps = (last - first) // range_.step
        value = first + range_.step * self._rng.randint(0, max(steps, 0))
        text = f"{value:,} {range_.unit}".rstrip() if range_.unit else str(value)
        return Attribute(name=name, text=text, number=value)

    def _name(self) -> str:
        families = self._persona.identity.name.family
        given = self._given.draw(lambda given: any(f"{given} {family}" not in self._names for family in families))
        if given is None:  # all are used; from here on they return
            given = self._given.draw()
        family = self._family.draw(lambda family: f"{given} {family}" not in self._names) or self._family.draw()
        name = f"{given} {family}"
        self._names.add(name)
        return name


def _both(one: Mapping[str, Condition], other: Mapping[str, Condition]) -> dict[str, Condition]:
    """What meets both: the narrower numbers, all the tags."""
    merged = dict(one)
    for name, condition in other.items():
        there = merged.get(name)
        if there is None:
            merged[name] = condition
            continue
        lows = [n for n in (there.min, condition.min) if n is not None]
        highs = [n for n in (there.max, condition.max) if n is not None]
        merged[name] = Condition(
            min=max(lows, default=None),
            max=min(highs, default=None),
            tags=tuple(sorted({*there.tags, *condition.tags})),
        )
    return merged


def _strata(range_: NumberRange) -> list[tuple[int, int]]:
    """The range in at most STRATA parts of whole steps, as first and last value of each."""
    values = (range_.max - range_.min) // range_.step + 1
    parts = min(STRATA, values)
    edges = [values * part // parts for part in range(parts + 1)]
    return [
        (range_.min + edges[part] * range_.step, range_.min + (edges[part + 1] - 1) * range_.step)
        for part in range(parts)
    ]
