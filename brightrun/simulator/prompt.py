"""Reading a request: what its tags say of arc, persona, topic, person and conversation.

The layout is that of docs/reference/catalog.md ("What the simulator reads"). Every part may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from brightrun.simulator.crisis_resources import crisis_resources, mentions_of_help
from brightrun.simulator.grammar import clause, sentences, squeeze, straight, words

TAGS = ("arc", "topic", "person", "conversation")
NO_ATTRIBUTES = ("name", "age", "asks on behalf")
LABEL_LIMIT = 40
_FACT = re.compile(r"^(?P<name>.+?): (?P<value>\S+)(?: (?P<unit>.*?))? \((?P<where>[^()]*)\)$")
_EMOTION = re.compile(r"^([a-z][a-z _-]*?)\s+([01](?:\.\d+)?)")
_STOP = frozenset({"please", "write", "about", "with", "that", "this", "from", "your", "have", "what", "which"})
EXCHANGES_LIMIT = 20


@dataclass(slots=True)
class Section:
    """One tag: single values and lists by their label, in lower case."""

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    unit: str
    year: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic offers to talk about."""

    key: str
    concepts: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What a request asks to be written."""

    name: str
    age: int
    attributes: tuple[tuple[str, str], ...]
    on_behalf: str
    topic: Topic
    techniques: tuple[str, ...]
    exchanges: int
    start: tuple[str, float]
    end: tuple[str, float]
    outcome: str
    register: str
    situation: str
    life_event: str
    mistaken_belief: str
    near_miss: str
    writing: tuple[tuple[str, str], ...]
    crisis: bool
    help: str
    urgent: str


def read_brief(texts: Sequence[str]) -> Brief:
    """The brief in the texts of a request, system blocks first."""
    raw: dict[str, str] = {}
    for text in texts:
        raw.update(_blocks_kept(text) if text is not texts[-1] else _blocks(text))
    arc, person, plan = (
        _section_kept(raw.get("arc", "")),
        _section(raw.get("person", "")),
        _section(raw.get("conversation", "")),
    )
    topic = _topic(raw["topic"]) if "topic" in raw else Topic("general", (), (), ())
    register = plan.values.get("register", "emotional").lower()
    start, end = _emotion(plan, arc, "start"), _emotion(plan, arc, "end")
    crisis = register == "emotional" and (end[0] == "referred" or _refers(raw.get("arc", "")))
    resource, urgent = crisis_resources(raw.get("arc", "")) if crisis else ("", "")
    return Brief(
        name=person.values.get("name") or "Sam Taylor",
        age=_whole_number(person.values.get("age", ""), 41),
        attributes=tuple((label, text) for label, text in person.values.items() if label not in NO_ATTRIBUTES),
        on_behalf=person.values.get("asks on behalf", ""),
        topic=topic if topic.concepts else replace(topic, concepts=_plain_concepts(texts)),
        techniques=_techniques(raw.get("arc", "")),
        exchanges=min(EXCHANGES_LIMIT, max(1, _whole_number(plan.values.get("exchanges", ""), 3))),
        start=start,
        end=end,
        outcome=plan.values.get("outcome", "resolved").lower(),
        register=register,
        situation=plan.values.get("situation", ""),
        life_event=plan.values.get("life event", ""),
        mistaken_belief=_unquoted(plan.values.get("mistaken belief", "")),
        near_miss=plan.values.get("near miss", ""),
        writing=tuple(_axis(line) for line in plan.lists.get("writing", ())),
        crisis=crisis,
        help=resource,
        urgent=urgent,
    )


def _blocks(text: str) -> dict[str, str]:
    """What stands between the tags, by tag."""
    found = {}
    for tag in TAGS:
        begin = text.find(f"<{tag}>")
        if begin >= 0:
            end = text.find(f"</{tag}>", begin)
            found[tag] = text[begin + len(tag) + 2 : end if end >= 0 else None]
    return found


_blocks_kept = lru_cache(maxsize=512)(_blocks)
"""System blocks come with many items."""


def _section(body: str) -> Section:
    section = Section()
    label = ""
    for line in straight(body).splitlines():
        line = line.strip()
        if not line:
            continue
        if line.startswith("- "):
            section.lists.setdefault(label, []).append(line[2:].strip())
            continue
        head, colon, rest = line.partition(":")
        if colon and line[0].isupper() and len(head) <= LABEL_LIMIT and (not rest or rest[0] == " "):
            label = head.lower()
            section.values[label] = rest.strip()
        elif section.lists.get(label):
            section.lists[label][-1] += f" {line}"
        elif label:
            section.values[label] = f"{section.values[label]} {line}".strip()
    return section


_section_kept = lru_cache(maxsize=512)(_section)


def _emotion(plan: Section, arc: Section, which: str) -> tuple[str, float]:
    for text in (plan.values.get(which, ""), arc.values.get(f"{which}s", "")):
        match = _EMOTION.match(text.lower())
        if match:
            return match.group(1).strip(), min(1.0, float(match.group(2)))
    return ("worry", 0.7) if which == "start" else ("relief", 0.5)


@lru_cache(maxsize=256)
def _refers(arc: str) -> bool:
    """Does an arc send people to help? One mention may be a warning, two are a way."""
    ends = _section_kept(arc).values.get("ends", "").lower()
    return ends.startswith("referred") or mentions_of_help(arc) >= 2


@lru_cache(maxsize=512)
def _topic(raw: str) -> Topic:
    section = _section(raw)
    pairs = (line.partition(": ") for line in section.lists.get("concepts", ()))
    questions = map(_unquoted, section.lists.get("typical questions", ()))
    return Topic(
        key=section.values.get("key") or section.values.get("name") or "general",
        concepts=tuple((clause(name), squeeze(explanation)) for name, _, explanation in pairs),
        questions=tuple(question for question in questions if _speakable(question)),
        facts=tuple(filter(None, map(_fact, section.lists.get("fact sheet", ())))),
    )


def _plain_concepts(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Without a topic, the request's own plain words have to do."""
    plain = re.sub(r"<[^>]+>", " ", texts[-1] if texts else "")
    common = [word.lower() for word in re.findall(r"[A-Za-z]{5,}", plain) if word.lower() not in _STOP]
    found = list(dict.fromkeys(common))[:4] or ["the decision"]
    return tuple((word, "") for word in found)


@lru_cache(maxsize=512)
def _techniques(arc: str) -> tuple[str, ...]:
    """The names before the techniques' explanations."""
    lines = _section_kept(arc).lists.get("techniques", ())
    return tuple(clause(re.split(r"[:.]\s", line, maxsplit=1)[0]) for line in lines)


def _axis(line: str) -> tuple[str, str]:
    axis, _, text = line.partition(": ")
    return axis.lower(), text


def _whole_number(text: str, otherwise: int) -> int:
    match = re.search(r"\d+", text)
    return int(match.group()) if match else otherwise


def _fact(line: str) -> Fact | None:
    match = _FACT.match(line)
    if match is None:
        return None
    year = re.search(r"\b(?:19|20)\d\d\b", match.group("where").split(";")[0])
    return Fact(match.group("name"), match.group("value"), match.group("unit") or "", year.group() if year else "")


def _unquoted(text: str) -> str:
    text = squeeze(text)
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text


def _speakable(question: str) -> bool:
    """Can anyone ask this? Not with figures or relatives in it that this person may not have."""
    foreign = re.search(
        r"\d|\b(?:he|she|his|her|him|wife|husband|kids?|son|daughter|parents?|mom|dad|we|our|us|partner)\b",
        question,
        re.I,
    )
    return question.endswith("?") and not foreign and words(question) <= 30 and len(sentences(question)) <= 2
