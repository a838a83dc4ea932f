"""Whether a conversation is about its topic: its words are the topic's, and the concepts are spoken of.

A word counts for a topic the more, the fewer topics of the catalog have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from brightrun.catalog import Catalog, Register, TrainingTopic
from brightrun.quality.candidate import Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn
from brightrun.quality.words import KEPT_TOKENS, Remembered

FEW_EXCHANGES = 3
"""Shorter conversations need not get far into a topic, if they are about it at all."""
WORD = re.compile(r"[a-z0-9]+(?:\([a-z0-9]\))?")
_EVERYDAY = """
about after again all also and any are ask asked basics because before being between both but can cannot
comparison considerations could decision does down each enough evaluation even every first for from get gets
give given goes good had half hard has have here high higher how impact into its just keep know known large last
less like long lower made make makes management many may mean means money more most much must need needs never
new next not now off often old once one only options other others out over own paid part pay people person plan
planning plans put real right rules same second set short should since small some start state states still
strategies strategy such sum sums take term than that the their them then there these they thing things this
those three through time times too two under understand until use used value versus very vs want was way well
were what when where whether which while who whose why will with within without work would year years yet you
your
"""
EVERYDAY = frozenset(_EVERYDAY.split())
"""Words that stand in texts about anything, and so say nothing about a topic."""
STEM = 5
"""Characters of a word that have to agree: "conversions" is about the same thing as "convert"."""
FEW_WORDS = 60
"""A conversation of fewer words may be about anything."""


SAFE_WEIGHT = 5.0
"""From here on a conversation is about its topic, whatever else it is about."""
UNRELATED_WEIGHT = 1.5
"""A few words that also stand in the topic's explanations are by chance."""
SEVERAL_CONCEPTS = 3
"""A topic of fewer is too small for its words to be missed."""
LIKELY_WEIGHT, CERTAIN_WEIGHT = 3.0, 6.0
OWN_SHARE = 0.3
"""Another topic of at least that weight, and less than that share of it for the own one: it is about the other."""
EXPLAINED_WORDS = 3
"""Words of a concept's explanation that stand for its name."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of one topic: those that name it, those of each concept, and the weight of all."""

    named: frozenset[str]
    concepts: dict[str, tuple[frozenset[str], frozenset[str]]]
    all: frozenset[str]


@dataclass(frozen=True)
class SubjectIndex:
    """The vocabularies of a catalog's topics, and how much each word says."""

    catalog: Catalog
    topics: dict[str, Vocabulary]
    weights: dict[str, float]

    def weight(self, topic: str, said: set[str]) -> float:
        """How much of what is said belongs to the topic."""
        return sum(self.weights[word] for word in self.topics[topic].all & said)


def concepts(candidate: Candidate) -> Iterator[Finding]:
    """The text is about the topic, and touches its concepts: one, or two where the question is a plain one.

    In an edge arc the topic is where somebody starts from, and no more.
    """
    item = candidate.item
    is_sideline = candidate.catalog.arcs[item.cell.arc].is_edge and item.kind is Register.EMOTIONAL
    if is_sideline:
        return
    if item.cell.topic not in candidate.catalog.topics or not candidate.catalog.info.language.lower().startswith("en"):
        return
    tokens = candidate.lowered.split()
    if len(tokens) < FEW_WORDS and len(WORD.findall(candidate.lowered)) < FEW_WORDS:
        return
    said = set(chain.from_iterable(map(_STEMS_OF_TOKENS.__getitem__, set(tokens))))
    index = _index_of(candidate.catalog)
    is_short = len(candidate.conversation.turns) // 2 < FEW_EXCHANGES
    parts = index.topics[item.cell.topic].concepts
    touched = sum(bool(name & said) or len(words & said) >= EXPLAINED_WORDS for name, words in parts.values())
    other = _other_subject(index, item.cell.topic, said, is_short=is_short)
    is_astray = (touched == 0 and not is_short) or (touched <= 1 and _speaks_of_no_amount(candidate))
    own = index.weight(item.cell.topic, said)
    if other is None and is_astray and len(parts) >= SEVERAL_CONCEPTS and own < UNRELATED_WEIGHT:
        other = fail(CheckCode.OFF_TOPIC, None, f"{touched} of {len(parts)} concepts of {item.cell.topic}")
    if other:
        yield other
    if other or is_short:
        return
    wanted = 1 if item.kind is not Register.PLAIN else min(2, len(parts))
    if touched < wanted:
        yield warn(CheckCode.CONCEPTS_MISSING, None, f"{touched} of {len(parts)} concepts: {', '.join(parts)}")


def _speaks_of_no_amount(candidate: Candidate) -> bool:
    """Whether there is no number in a conversation on a topic whose facts are numbers."""
    topic = candidate.catalog.topics[candidate.item.cell.topic]
    return topic.facts is not None and not any(candidate.amounts)


def _other_subject(index: SubjectIndex, topic: str, said: set[str], *, is_short: bool) -> Finding | None:
    """That it is about another topic, or not about this one at all. A short one has to be nearer to some other one."""
    own = index.weight(topic, said)
    if not index.topics[topic].named & said and own < UNRELATED_WEIGHT:
        nearest = max(index.weight(other, said) for other in index.topics)
        if not is_short or own < OWN_SHARE * nearest:
            return fail(CheckCode.OFF_TOPIC, None, f"no word of {topic}")
    if own >= SAFE_WEIGHT:
        return None
    best = max(index.topics, key=lambda other: index.weight(other, said))
    weight = index.weight(best, said)
    if weight < LIKELY_WEIGHT or own >= OWN_SHARE * weight:
        return None
    severity = fail if weight >= CERTAIN_WEIGHT else warn
    return severity(CheckCode.OFF_TOPIC, None, f"about {best} instead of {topic}")


_latest: list[SubjectIndex] = []
"""The index of the catalog that was asked for last: a run has one."""


def _index_of(catalog: Catalog) -> SubjectIndex:
    if not _latest or _latest[0].catalog is not catalog:
        topics = {key: _vocabulary(topic) for key, topic in catalog.topics.items()}
        having = Counter(word for vocabulary in topics.values() for word in vocabulary.all)
        _latest[:] = [SubjectIndex(catalog, topics, {word: 1 / count for word, count in having.items()})]
    return _latest[0]


def _vocabulary(topic: TrainingTopic) -> Vocabulary:
    named = _stems(f"{topic.key.replace('_', ' ')} {topic.name} {topic.summary}")
    parts = {concept.name: (_stems(concept.name), _stems(concept.explanation)) for concept in topic.concepts}
    facts = topic.facts.items if topic.facts else ()
    rest = _stems(" ".join((*topic.typical_questions, *topic.mistaken_beliefs, *(fact.name for fact in facts))))
    return Vocabulary(
        named=named.union(*(name for name, _ in parts.values())),
        concepts=parts,
        all=named.union(rest, *(name | explained for name, explained in parts.values())),
    )


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in WORD.findall(text.lower()) if len(word) > 2 and word not in EVERYDAY)


def _stem(word: str) -> str:
    return (word[:-1] if word.endswith("s") and len(word) > 3 else word)[:STEM]


_STEMS_OF_TOKENS = Remembered(lambda token: tuple(map(_stem, WORD.findall(token))), KEPT_TOKENS)
