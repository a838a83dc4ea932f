"""Reading a request: what its tags say of arc, persona, topic, person and conversation.

The layout is that of docs/reference/catalog.md ("What the simulator reads"). Every part may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from brightrun.simulator.grammar import clause, sentences, squeeze, words

TAGS = ("arc", "persona", "topic", "person", "conversation")
LABEL_LIMIT = 40
_FACT = re.compile(r"^(?P<name>.+?): (?P<value>\S+)(?: (?P<unit>.*?))? \((?P<where>[^()]*)\)$")
_EMOTION = re.compile(r"^([a-z][a-z _-]*?)\s+([01](?:\.\d+)?)")
_CRISIS = re.compile(
    r"\b(?:988|referral|refers?|suicid\w+|crisis (?:line|lifeline)|no financial (?:advice|information))\b"
)
_LIFELINE = re.compile(r"\b(988(?: [A-Z][\w&]*(?: (?:&|and|[A-Z][\w&]*))*)?)")
_LINE_NAME = re.compile(
    r"\b([A-Z][\w&]*(?: [A-Z&][\w&]*)* (?:Lifeline|Helpline|Crisis Line|Text Line|Samaritans))\b"
)
_STOP = frozenset(
    {"please", "write", "about", "with", "that", "this", "from", "your", "have", "what", "which"}
)
EXCHANGES_LIMIT = 20


@dataclass(slots=True)
class Section:
    """One tag: single values and lists by their label, in lower case."""

    raw: str = ""
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    unit: str
    year: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a request asks to be written."""

    name: str
    age: int
    attributes: tuple[tuple[str, str], ...]
    on_behalf: str
    topic: str
    concepts: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    facts: tuple[Fact, ...]
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
    found: dict[str, Section] = {}
    for text in texts:
        # Shared blocks come again and again, the one of the item once: only the first are worth keeping.
        for tag, section in (_sections_kept if len(text) > 400 and text is not texts[-1] else _sections)(
            text
        ):
            found[tag] = section
    arc, topic, person, plan = (
        found.get(tag) or Section() for tag in ("arc", "topic", "person", "conversation")
    )
    register = plan.values.get("register", "emotional").lower()
    start, end = _emotion(plan, arc, "start"), _emotion(plan, arc, "end")
    crisis = register == "emotional" and (
        end[0] == "referred" or arc.values.get("ends", "").lower().startswith("referred") or _refers(arc.raw)
    )
    age = re.search(r"\d+", person.values.get("age", ""))
    exchanges = re.search(r"\d+", plan.values.get("exchanges", ""))
    resource, urgent = _resources(arc.raw) if crisis else ("", "")
    return Brief(
        name=person.values.get("name", "Sam Taylor"),
        age=int(age.group()) if age else 41,
        attributes=tuple(
            (label, value)
            for label, value in person.values.items()
            if label not in ("name", "age", "asks on behalf")
        ),
        on_behalf=person.values.get("asks on behalf", ""),
        topic=topic.values.get("key") or topic.values.get("name") or "general",
        concepts=_concepts(topic, texts),
        questions=tuple(q for q in map(_unquoted, topic.lists.get("typical questions", ())) if _speakable(q)),
        facts=tuple(filter(None, map(_fact, topic.lists.get("fact sheet", ())))),
        techniques=tuple(_head(line) for line in arc.lists.get("techniques", ())),
        exchanges=min(EXCHANGES_LIMIT, max(1, int(exchanges.group()))) if exchanges else 3,
        start=start,
        end=end,
        outcome=plan.values.get("outcome", "resolved").lower(),
        register=register,
        situation=plan.values.get("situation", ""),
        life_event=plan.values.get("life event", ""),
        mistaken_belief=_unquoted(plan.values.get("mistaken belief", "")),
        near_miss=plan.values.get("near miss", ""),
        writing=tuple(
            (axis.lower(), text)
            for axis, _, text in (line.partition(": ") for line in plan.lists.get("writing", ()))
        ),
        crisis=crisis,
        help=resource,
        urgent=urgent,
    )


def _sections(text: str) -> tuple[tuple[str, Section], ...]:
    found = []
    for tag in TAGS:
        begin = text.find(f"<{tag}>")
        if begin >= 0:
            end = text.find(f"</{tag}>", begin)
            found.append(
                (
                    tag,
                    (_section_kept if tag == "topic" else _section)(
                        text[begin + len(tag) + 2 : end if end >= 0 else None]
                    ),
                )
            )
    return tuple(found)


_sections_kept = lru_cache(maxsize=512)(_sections)


def _section(body: str) -> Section:
    section = Section(raw=body)
    label = ""
    for line in body.splitlines():
        line = line.strip()
        if not line:
            continue
        if line.startswith("- "):
            section.lists.setdefault(label, []).append(squeeze(line[2:]))
            continue
        head, colon, rest = line.partition(":")
        if colon and line[0].isupper() and len(head) <= LABEL_LIMIT and (not rest or rest[0] == " "):
            label = head.lower()
            section.values[label] = squeeze(rest)
        elif section.lists.get(label):
            section.lists[label][-1] += " " + squeeze(line)
        elif label:
            section.values[label] = f"{section.values[label]} {squeeze(line)}".strip()
    return section


_section_kept = lru_cache(maxsize=512)(_section)
"""A topic comes with many items."""


def _emotion(plan: Section, arc: Section, which: str) -> tuple[str, float]:
    for text in (plan.values.get(which, ""), arc.values.get(f"{which}s", "")):
        match = _EMOTION.match(text.lower())
        if match:
            return match.group(1).strip(), min(1.0, float(match.group(2)))
    return ("worry", 0.7) if which == "start" else ("relief", 0.5)


@lru_cache(maxsize=256)
def _refers(arc: str) -> bool:
    """Does an arc send people to help? One mention may be a warning, two are a way."""
    return len(_CRISIS.findall(arc)) >= 2


@lru_cache(maxsize=256)
def _resources(arc: str) -> tuple[str, str]:
    """Where an arc says help is reached, and whom it says to call in immediate danger."""
    numbers = [m.group(1) for m in _LIFELINE.finditer(arc)]
    names = [m.group(1) for m in _LINE_NAME.finditer(arc)]
    urgent = "911" if re.search(r"\b911\b", arc) else "your local emergency number"
    if numbers:
        longest = max(numbers, key=len)
        named = f"the {longest}" if " " in longest else "the lifeline at 988"
        return f"{named}, by call or text to 988", urgent
    return (f"the {names[0]}" if names else "a crisis line where you live"), urgent


def _concepts(topic: Section, texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for line in topic.lists.get("concepts", ()):
        name, _, explanation = line.partition(": ")
        pairs.append((clause(name), squeeze(explanation)))
    if pairs:
        return tuple(pairs)
    # Without a topic, the request's own plain words have to do.
    plain = re.sub(r"<[^>]+>", " ", texts[-1] if texts else "")
    common = [w.lower() for w in re.findall(r"[A-Za-z]{5,}", plain) if w.lower() not in _STOP]
    found = list(dict.fromkeys(common))[:4] or ["the decision"]
    return tuple((word, "") for word in found)


@lru_cache(maxsize=4096)
def _fact(line: str) -> Fact | None:
    match = _FACT.match(line)
    if match is None:
        return None
    year = re.search(r"\b(?:19|20)\d\d\b", match.group("where").split(";")[0])
    return Fact(
        match.group("name"), match.group("value"), match.group("unit") or "", year.group() if year else ""
    )


def _head(line: str) -> str:
    """The name before a technique's explanation."""
    return clause(re.split(r"[:.]\s", line, maxsplit=1)[0])


def _unquoted(text: str) -> str:
    text = squeeze(text)
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text


@lru_cache(maxsize=4096)
def _speakable(question: str) -> bool:
    """Can anyone ask this? Not with figures or relatives in it that this person may not have."""
    foreign = re.search(
        r"\d|\b(?:he|she|his|her|him|wife|husband|kids?|son|daughter|parents?|mom|dad|we|our|us|partner)\b",
        question,
        re.I,
    )
    return question.endswith("?") and not foreign and words(question) <= 30 and len(sentences(question)) <= 2
