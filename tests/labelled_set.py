"""The labelled set: conversations known to be good or broken, each with the item it was planned as.

`tests/data/labelled/tuning` is for whoever writes checks; `tests/data/labelled/held_out` is for measuring alone;
`tests/data/labelled/opened` was held out once; `practice` and `validation` were written later and belong to no half.
In each, the files `good_*` and `broken_*`, written by hand or by a script.
docs/labelled_set.md describes a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from brightrun.catalog import Catalog, EmotionalArc, Feeling, NearMissCase, Outcome, Register
from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn
from brightrun.grid import Cell
from brightrun.identity import Attribute, Identity
from brightrun.items import FeelingPoint, Item, VariationChoice
from brightrun.quality.candidate import Candidate

LABELLED = Path(__file__).parent / "data" / "labelled"
NUMBERS = ("income", "retirement_savings", "cash")
"""Attributes of a person that are numbers; their units stand in the catalog."""


class Half(StrEnum):
    TUNING = "tuning"
    HELD_OUT = "held_out"
    OPENED = "opened"
    """Held out until it had been measured four times; open since."""
    PRACTICE = "practice"
    """No half: written later, to see what checks and judge make of text they were not tuned by, and open since."""
    VALIDATION = "validation"
    """No half: written with practice, and only its totals are looked at while checks and judge are worked on."""


class Origin(StrEnum):
    """Who made a record. What is written shares no sentence with the simulator."""

    WRITTEN = "written"
    SIMULATED = "simulated"
    SCRIPTED = "scripted"


@dataclass(frozen=True)
class Record:
    """One labelled conversation. `defect` is None for a good one.

    `expected` are the codes any of which would be right, `also` what is true besides and is not the defect; `certain`:
    a check that reads text and plan can be expected to see the defect without a judge; `of`: the record it was made
    from, or is a copy of; `file`: its name without folder and ending, the same in both halves; `doubted`: two readers
    who knew no label agree that it is wrong, so that it counts neither way.
    """

    key: str
    half: Half
    file: str
    origin: Origin
    plan: Mapping[str, Any]
    person: Mapping[str, Any]
    turns: tuple[Mapping[str, str], ...]
    crisis: bool = False
    near_miss: str | None = None
    variation: Mapping[str, str] = field(default_factory=dict)
    reply: Mapping[str, Any] = field(default_factory=dict)
    feelings: tuple[tuple[str, float], ...] = ()
    defect: str | None = None
    expected: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    certain: bool = True
    of: str | None = None
    doubted: bool = False

    @property
    def text(self) -> str:
        return "\n".join(content for turn in self.turns for content in turn.values())


def read_half(half: Half) -> list[Record]:
    """The records of one half, sorted by file and in the order of each file."""
    return [record for path in sorted((LABELLED / half).glob("*.yaml")) for record in _read(path, half)]


def _read(path: Path, half: Half) -> Iterator[Record]:
    for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        yield record_of(entry, half, path.stem)


def record_of(entry: Mapping[str, Any], half: Half, file: str) -> Record:
    """One entry of a file, by the name of which its origin is known. KeyError or TypeError for what no record has."""
    rest = {name: value for name, value in entry.items() if name not in ("id", "turns", "feelings", "expected", "also")}
    return Record(
        key=entry["id"],
        half=half,
        file=file,
        origin=Origin(file.split("_")[1]),
        turns=tuple(entry["turns"]),
        feelings=tuple((emotion, intensity) for emotion, intensity in entry.get("feelings", ())),
        expected=tuple(entry.get("expected", ())),
        also=tuple(entry.get("also", ())),
        **rest,
    )


def candidate(record: Record, catalog: Catalog) -> Candidate:
    """The record as checks are given it."""
    item = planned(record, catalog)
    arc = catalog.arcs[item.cell.arc]
    technique, teaches = arc.techniques[0].name, catalog.topics[item.cell.topic].concepts[0].name
    feelings = iter(record.feelings or _path(item, sum("user" in turn for turn in record.turns)))
    turns: list[UserTurn | AssistantTurn] = []
    for turn in record.turns:
        if "user" in turn:
            emotion, intensity = next(feelings)
            turns.append(UserTurn(role="user", content=turn["user"], emotion=emotion, intensity=intensity))
        else:
            turns.append(
                AssistantTurn(role="assistant", content=turn["assistant"], technique=technique, teaches=teaches)
            )
    said = {"name": item.identity.name, "age": item.identity.age, **record.reply}
    conversation = Conversation(
        speaker=Speaker(name=said["name"], age=said["age"]),
        topic=said.get("topic", item.cell.topic),
        outcome=said.get("outcome", item.outcome.value),
        turns=tuple(turns),
    )
    return Candidate(conversation, item, catalog)


def planned(record: Record, catalog: Catalog) -> Item:
    """The item of a record. KeyError for what the catalog does not have."""
    plan = record.plan
    arc = catalog.arcs[plan["arc"]]
    cell = Cell(persona=plan["persona"], arc=plan["arc"], topic=plan["topic"])
    kind = Register.NEAR_MISS if record.near_miss else Register(plan.get("kind", Register.EMOTIONAL))
    case = _near_miss(arc, record.near_miss)
    outcome = Outcome(plan.get("outcome", Outcome.RESOLVED))
    start, end, ending = _feelings(arc, kind, outcome, case, catalog)
    template = catalog.template_for(kind, cell.arc, cell.topic, cell.persona)
    assert template is not None, f"no template writes {cell}"
    return Item(
        cell=cell,
        slot=1,
        kind=kind,
        template=template.key,
        exchanges=plan["exchanges"],
        identity=_identity(record, catalog),
        start=_point(plan.get("start"), start),
        end=_point(plan.get("end"), end),
        outcome=outcome,
        ending=ending,
        variation=tuple(_choices(record, catalog)),
        situation=plan.get("situation"),
        life_event=plan.get("life_event"),
        mistaken_belief=plan.get("mistaken_belief"),
        near_miss=case,
    )


def _near_miss(arc: EmotionalArc, key: str | None) -> NearMissCase | None:
    if key is None:
        return None
    assert arc.near_misses is not None, f"{arc.key} has no near misses"
    return next(case for case in arc.near_misses.cases if case.key == key)


def _feelings(
    arc: EmotionalArc, kind: Register, outcome: Outcome, case: NearMissCase | None, catalog: Catalog
) -> tuple[Feeling, Feeling, str]:
    if kind is Register.PLAIN:
        plain = catalog.variation.plain
        return plain.start, plain.end, plain.ending
    if case and arc.near_misses:
        return arc.near_misses.emotion.start, arc.near_misses.emotion.end, case.response
    ending = arc.outcomes[outcome]
    return arc.start, ending, ending.ending


def _point(given: Any, feeling: Feeling) -> FeelingPoint:
    """What the record says, else the middle of what the arc allows."""
    if given:
        return FeelingPoint(emotion=given[0], intensity=given[1])
    low, high = feeling.intensity
    return FeelingPoint(emotion=feeling.emotion, intensity=round((low + high) / 2, 2))


def _identity(record: Record, catalog: Catalog) -> Identity:
    ranges = catalog.personas[record.plan["persona"]].identity.attributes
    attributes: list[Attribute] = []
    tags: set[str] = set()
    for name, value in record.person.items():
        if name in ("name", "reason"):
            continue
        if isinstance(value, int):
            unit = getattr(ranges[name], "unit", None)
            attributes.append(
                Attribute(name=name, text=f"{value:,} {unit}".strip() if unit else str(value), number=value)
            )
        else:
            option = next(option for option in ranges[name] if option.text == value)  # type: ignore[union-attr]
            attributes.append(Attribute(name=name, text=value))
            tags.update(option.tags)
    return Identity(
        name=record.person["name"],
        age=record.person["age"],
        attributes=tuple(attributes),
        tags=tuple(sorted(tags)),
        reason=record.person.get("reason"),
    )


def _choices(record: Record, catalog: Catalog) -> Iterator[VariationChoice]:
    for axis, key in record.variation.items():
        value = next(value for value in catalog.variation.axes[axis] if value.key == key)
        yield VariationChoice(axis=axis, key=key, text=value.text)


def _path(item: Item, messages: int) -> Iterator[tuple[str, float]]:
    """A writer's labels where the record has none: from the item's start to its end, the feeling changing halfway."""
    for index in range(messages):
        part = index / max(messages - 1, 1)
        emotion = item.start.emotion if part < 0.5 else item.end.emotion
        yield emotion, round(item.start.intensity + (item.end.intensity - item.start.intensity) * part, 2)
