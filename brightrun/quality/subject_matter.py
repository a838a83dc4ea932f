"""Whether a conversation is about its topic: words of the topic occur, and its concepts are spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from brightrun.catalog import Register, TrainingTopic
from brightrun.quality.candidate import Candidate
from brightrun.quality.referral import is_crisis
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

FEW_EXCHANGES = 3
"""Shorter conversations need not get far into a topic."""
WORD = re.compile(r"[a-z0-9]+(?:\([a-z0-9]\))?")
EVERYDAY = frozenset(
    """about after again all also and any are because before being both but can cannot could does down each even every
    for from get gets goes had has have here how into its just keep last less like long lower made make makes many may
    more most much must need needs never next not now off often one only other others out over own part pay people
    plan plans right same should since some such take than that the their them then there these they thing things this
    those through time times too two under until use used very want was way well were what when where which while who
    whose why will with within without work would year years yet you your vs versus basics evaluation decision
    management money strategy strategies considerations options planning impact rules term between comparison value
    whether whose know known ask asked enough first give given good hard high higher large mean means new old once
    paid person put real second set short small start state states still sum sums three understand half""".split()
)
"""Words that stand in texts about anything, and so say nothing about a topic."""
STEM = 5
"""Characters of a word that have to agree: "conversions" is about the same thing as "convert"."""
FEW_WORDS = 60
"""A conversation of fewer words may be about anything."""


def concepts(candidate: Candidate) -> Iterator[Finding]:
    """The text is about the topic. How many concepts it has to touch depends on its length and register."""
    item = candidate.item
    exchanges = len(candidate.conversation.turns) // 2
    if is_crisis(candidate) or exchanges < FEW_EXCHANGES:
        return
    topic = candidate.catalog.topics.get(item.cell.topic)
    if topic is None or not candidate.catalog.info.language.lower().startswith("en"):
        return
    words = WORD.findall(candidate.lowered)
    if len(words) < FEW_WORDS:
        return
    said = {_stem(word) for word in set(words)}
    about, parts = _vocabulary(topic)
    if not about & said:
        yield fail(CheckCode.OFF_TOPIC, None, f"no word of {topic.name}")
        return
    touched = sum(bool(part & said) for part in parts.values())
    wanted = 1 if item.kind is not Register.PLAIN else min(2, len(parts))
    if touched < wanted:
        yield warn(CheckCode.CONCEPTS_MISSING, None, f"{touched} of {len(parts)} concepts: {', '.join(parts)}")


@lru_cache(maxsize=512)
def _vocabulary_of(
    key: str, name: str, summary: str, named: tuple[tuple[str, str], ...]
) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    parts = {
        concept: stems
        for concept, explanation in named
        if (stems := _stems(concept) or _stems(explanation))
    }
    about = _stems(f"{key.replace('_', ' ')} {name} {summary}").union(*(_stems(f"{c} {e}") for c, e in named))
    return about, parts


def _vocabulary(topic: TrainingTopic) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Stems of all words of the topic, and those of each of its concepts."""
    named = tuple((concept.name, concept.explanation) for concept in topic.concepts)
    return _vocabulary_of(topic.key, topic.name, topic.summary, named)


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in WORD.findall(text.lower()) if len(word) > 2 and word not in EVERYDAY)


def _stem(word: str) -> str:
    return (word[:-1] if word.endswith("s") and len(word) > 3 else word)[:STEM]
