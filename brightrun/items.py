"""Items: each conversation owed to a cell, planned in full from seeds before anything is sent.

Values are dealt, not rolled (`dealing`), over the whole dataset, in the order of the cells and of
nothing else: the same inputs give the same items, and a small dataset is as balanced as a large one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from brightrun.catalog import Catalog, EmotionalArc, Feeling, LifeEvent, NearMissCase, Outcome, Register, TrainingTopic
from brightrun.dealing import Deck, counts_of, deal
from brightrun.frozen import Frozen
from brightrun.grid import Cell, Grid
from brightrun.identity import Identity, People

REDRAWS = 32
"""How often a variation is drawn again when its cell already has the same one."""


class FeelingPoint(Frozen):
    """An emotion at one intensity, 0 to 1."""

    emotion: str
    intensity: float


class VariationChoice(Frozen):
    """The value of one axis of variation."""

    axis: str
    key: str
    text: str


class Item(Frozen):
    """One conversation owed: who asks, how, what about, and how it is to begin and to end."""

    cell: Cell
    slot: int
    kind: Register
    template: str
    exchanges: int
    identity: Identity
    start: FeelingPoint
    end: FeelingPoint
    outcome: Outcome
    ending: str
    variation: tuple[VariationChoice, ...]
    situation: str | None = None
    life_event: str | None = None
    mistaken_belief: str | None = None
    near_miss: NearMissCase | None = None

    @property
    def key(self) -> str:
        """The item's name within its job: cell and slot."""
        return f"{self.cell.persona}.{self.cell.arc}.{self.cell.topic}.{self.slot}"

    @property
    def title(self) -> str:
        """The item's name for people: persona × arc × topic, with its number after the first."""
        return f"{self.cell}" + (f" #{self.slot}" if self.slot > 1 else "")


@dataclass(frozen=True)
class _Slot:
    """A conversation owed, before anything of it is drawn."""

    cell: Cell
    number: int
    arc: EmotionalArc
    topic: TrainingTopic


@dataclass(frozen=True)
class _Shape:
    """What is dealt over the whole dataset before single items are drawn."""

    register: Register
    outcome: Outcome
    near_miss: NearMissCase | None
    axes: dict[str, VariationChoice]


def plan_items(grid: Grid, catalog: Catalog, seed: int, plain_share: float) -> list[Item]:
    """Every item of the grid, in the grid's order."""
    slots = [
        _Slot(cell, number, catalog.arcs[cell.arc], catalog.topics[cell.topic])
        for cell, quota in grid.quotas.items()
        for number in range(1, quota + 1)
    ]
    shapes = _shapes(slots, catalog, seed, plain_share)
    names: set[str] = set()
    people = {key: People(persona, seed, names) for key, persona in catalog.personas.items()}
    details = _Details(catalog, seed, len(slots))
    taken: dict[Cell, set[tuple[object, ...]]] = {}
    items = []
    for slot, shape in zip(slots, shapes, strict=True):
        identity = people[slot.cell.persona].draw(slot.arc, slot.topic)
        item = details.item(slot, shape, identity)
        seen = taken.setdefault(slot.cell, set())
        for _ in range(REDRAWS):
            if _signature(item) not in seen:
                break
            item = details.item(slot, shape, identity)
        seen.add(_signature(item))
        items.append(item)
    return items


def _signature(item: Item) -> tuple[object, ...]:
    """What makes two conversations of a cell alike when it is equal, whoever has them."""
    return (
        item.kind,
        item.outcome,
        item.situation,
        item.life_event,
        item.mistaken_belief,
        *(choice.key for choice in item.variation),
    )


def _shapes(slots: Sequence[_Slot], catalog: Catalog, seed: int, plain_share: float) -> list[_Shape]:
    variation = catalog.variation
    registers = _registers(slots, seed, plain_share)
    near_misses = _near_misses(slots, registers, seed)
    outcomes = _outcomes(slots, registers, variation.outcomes, seed)
    axes: list[dict[str, VariationChoice]] = [{} for _ in slots]
    for axis, values in variation.axes.items():
        choices = {value.key: VariationChoice(axis=axis, key=value.key, text=value.text) for value in values}
        dealt = deal({v.key: v.share for v in values}, len(slots), random.Random(f"{seed}:axis:{axis}"))
        for chosen, key in zip(axes, dealt, strict=True):
            chosen[axis] = choices[key]
    return [
        _Shape(register, outcome, near_miss, chosen)
        for register, outcome, near_miss, chosen in zip(registers, outcomes, near_misses, axes, strict=True)
    ]


def _registers(slots: Sequence[_Slot], seed: int, plain_share: float) -> list[Register]:
    """Plain questions are a share of all conversations and fall on core arcs; near misses on arcs that have some."""
    registers = [Register.EMOTIONAL] * len(slots)
    core = [index for index, slot in enumerate(slots) if not slot.arc.is_edge]
    wanted = min(len(core), round(plain_share * len(slots)))
    by_arc: dict[str, list[int]] = {}
    for index in core:
        by_arc.setdefault(slots[index].arc.key, []).append(index)
    for arc, count in counts_of({arc: len(indices) for arc, indices in by_arc.items()}, wanted).items():
        for index in random.Random(f"{seed}:plain:{arc}").sample(by_arc[arc], count):
            registers[index] = Register.PLAIN
    for arc in sorted({slot.arc.key for slot in slots if slot.arc.near_misses}):
        indices = [index for index, slot in enumerate(slots) if slot.arc.key == arc and registers[index] == "emotional"]
        near_misses = slots[indices[0]].arc.near_misses if indices else None
        if near_misses:
            count = round(near_misses.share * len(indices))
            for index in random.Random(f"{seed}:near_miss:{arc}").sample(indices, count):
                registers[index] = Register.NEAR_MISS
    return registers


def _near_misses(slots: Sequence[_Slot], registers: Sequence[Register], seed: int) -> list[NearMissCase | None]:
    decks: dict[str, Deck[NearMissCase]] = {}
    chosen: list[NearMissCase | None] = []
    for slot, register in zip(slots, registers, strict=True):
        case = None
        if register is Register.NEAR_MISS and slot.arc.near_misses:
            rng = random.Random(f"{seed}:near_miss_case:{slot.arc.key}")
            case = decks.setdefault(slot.arc.key, Deck(slot.arc.near_misses.cases, rng)).draw()
        chosen.append(case)
    return chosen


def _outcomes(
    slots: Sequence[_Slot], registers: Sequence[Register], shares: dict[Outcome, float], seed: int
) -> list[Outcome]:
    """Outcomes dealt per arc among those the arc lists; plain questions and near misses are resolved."""
    outcomes = [Outcome.RESOLVED] * len(slots)
    by_arc: dict[str, list[int]] = {}
    for index, (slot, register) in enumerate(zip(slots, registers, strict=True)):
        if register is Register.EMOTIONAL:
            by_arc.setdefault(slot.arc.key, []).append(index)
    for arc, indices in sorted(by_arc.items()):
        possible = slots[indices[0]].arc.outcomes
        wanted = {outcome: shares.get(outcome, 0.0) for outcome in possible}
        if not any(wanted.values()):
            wanted = dict.fromkeys(possible, 1.0)
        dealt = deal(wanted, len(indices), random.Random(f"{seed}:outcome:{arc}"))
        for index, outcome in zip(indices, dealt, strict=True):
            outcomes[index] = outcome
    return outcomes


class _Details:
    """Draws what is dealt item by item: situations, life events, beliefs, lengths, intensities."""

    def __init__(self, catalog: Catalog, seed: int, total: int) -> None:
        variation = catalog.variation
        self._catalog = catalog
        self._seed = seed
        self._rng = random.Random(f"{seed}:details")
        self._situations: dict[str, Deck[str]] = {}
        self._beliefs: dict[str, Deck[str]] = {}
        self._exchanges: dict[str, Deck[int]] = {}
        self._events: Deck[LifeEvent] = Deck(variation.life_events, random.Random(f"{seed}:life_events"))
        self._has_event = _yes_no(variation.life_event_share, total, random.Random(f"{seed}:has_event"))
        self._has_belief = _yes_no(variation.mistaken_belief_share, total, random.Random(f"{seed}:has_belief"))

    def item(self, slot: _Slot, shape: _Shape, identity: Identity) -> Item:
        start, end, ending = self._feelings(slot.arc, shape)
        template = self._catalog.template_for(shape.register, slot.arc.key, slot.topic.key, slot.cell.persona)
        if template is None:
            raise LookupError(f"no template writes {shape.register} conversations of {slot.cell}")  # checked on load
        return Item(
            cell=slot.cell,
            slot=slot.number,
            kind=shape.register,
            template=template.key,
            exchanges=self._length(slot.arc, shape),
            identity=identity,
            start=start,
            end=end,
            outcome=shape.outcome,
            ending=ending,
            variation=tuple(shape.axes.values()),
            situation=self._text(self._situations, slot.topic.key, slot.topic.situations),
            life_event=self._event(shape, identity),
            mistaken_belief=None if slot.arc.is_edge else self._belief(slot.topic),
            near_miss=shape.near_miss,
        )

    def _feelings(self, arc: EmotionalArc, shape: _Shape) -> tuple[FeelingPoint, FeelingPoint, str]:
        if shape.register is Register.PLAIN:
            plain = self._catalog.variation.plain
            return self._point(plain.start), self._point(plain.end), plain.ending
        if shape.near_miss and arc.near_misses:
            span = arc.near_misses.emotion
            return self._point(span.start), self._point(span.end), shape.near_miss.response
        ending = arc.outcomes[shape.outcome]
        return self._point(arc.start), self._point(ending), ending.ending

    def _point(self, feeling: Feeling) -> FeelingPoint:
        low, high = feeling.intensity
        return FeelingPoint(emotion=feeling.emotion, intensity=round(low + (high - low) * self._rng.random(), 2))

    def _length(self, arc: EmotionalArc, shape: _Shape) -> int:
        low, high = arc.exchanges
        if shape.outcome is Outcome.LEAVES or shape.register is Register.PLAIN:
            return low
        deck = self._exchanges.setdefault(
            arc.key, Deck(range(low, high + 1), random.Random(f"{self._seed}:exchanges:{arc.key}"))
        )
        return deck.draw() or low

    def _event(self, shape: _Shape, identity: Identity) -> str | None:
        if shape.register is Register.PLAIN or not next(self._has_event, False):
            return None
        event = self._events.draw(lambda event: set(event.tags) <= set(identity.tags))
        return event.text if event else None

    def _belief(self, topic: TrainingTopic) -> str | None:
        return self._text(self._beliefs, topic.key, topic.mistaken_beliefs) if next(self._has_belief, False) else None

    def _text(self, decks: dict[str, Deck[str]], key: str, texts: Sequence[str]) -> str | None:
        if not texts:
            return None
        return decks.setdefault(key, Deck(texts, random.Random(f"{self._seed}:{key}:{texts[0]}"))).draw()


def _yes_no(share: float, total: int, rng: random.Random) -> Iterator[bool]:
    """Yes in exactly this share of `total` answers, then further rounds of the same for redraws."""
    while total:
        yield from deal({True: share, False: 1 - share}, total, rng)
