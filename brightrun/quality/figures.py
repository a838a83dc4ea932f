"""Checks of the amounts an advisor states: where they come from, whether they come out, whether limits have their year.

All three are warnings unless the spec's rule says otherwise: good advice also uses invented examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from brightrun.catalog import Fact, TrainingTopic
from brightrun.quality.amounts import Amount, AmountKind, amounts_in, counts_in
from brightrun.quality.arithmetic import miscalculations
from brightrun.quality.assertion import sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.derivation import Derivation
from brightrun.quality.verdicts import CheckCode, Finding, warn

EXAMPLE = re.compile(
    r"\b(?:for example|for instance|say|suppose|supposing|imagine|picture|e\.g\.|as an example|an example"
    r"|let['’]s say|if you"
    r"|made[- ]up|round numbers?|hypothetical\w*|in an ordinary year|such as|whether|even)\b",
    re.IGNORECASE,
)
"""Where these stand, an amount is an invented example and says that it is."""
COMMON_PERCENTS = frozenset((Decimal(0), Decimal(50), Decimal(100)))
SMALLEST_MONEY = Decimal(5)
"""Dollars: below that an amount is a manner of speaking ("five bucks")."""

LIMIT = re.compile(
    r"\b(?:limit|limits|cap|capped|maximum|deduction|exclusion|exemption|threshold|bracket|phase[- ]?out"
    r"|wage base|catch-up"
    r"|ceiling|contribute up to|put in|the most|at most|allowed)\b"
)
BY_LAW = re.compile(
    r"\b(?:401\(k\)|403\(b\)|457|roth|ira|iras|hsa|fsa|529|gift tax|annual exclusion|estate tax"
    r"|standard deduction|tax bracket"
    r"|social security|medicare|simple ira|sep)\b"
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
LEAST_LIMIT = Decimal(500)


def supported(candidate: Candidate) -> Iterator[Finding]:
    """Every amount of an answer was given before, stands among the topic's facts, or follows from those."""
    if not any(a.kind is not AmountKind.COUNT for amounts in candidate.amounts for a in amounts):
        return
    topic = candidate.catalog.topics.get(candidate.item.cell.topic)
    derivation = Derivation(_facts_of(topic) if topic else ())
    for number, (turn, amounts) in enumerate(zip(candidate.conversation.turns, candidate.amounts, strict=True), 1):
        derivation.add_counts(counts_in(turn.content))
        if turn.role == "assistant":
            derivation.add([amount for amount in amounts if amount.kind is AmountKind.COUNT])
            yield from _unsupported(number, turn.content, amounts, derivation)
        derivation.add(amounts)


def _unsupported(number: int, text: str, amounts: Iterable[Amount], derivation: Derivation) -> Iterator[Finding]:
    for amount in amounts:
        if amount.kind is AmountKind.COUNT or not _matters(amount):
            continue
        if derivation.explains(amount) or EXAMPLE.search(sentence_around(text, amount.start, amount.end)):
            derivation.add([amount])
            continue
        derivation.add([amount])
        yield warn(CheckCode.UNSUPPORTED_FIGURE, number, sentence_around(text, amount.start, amount.end).strip())


def _matters(amount: Amount) -> bool:
    return amount.value not in COMMON_PERCENTS if amount.is_percent else amount.value >= SMALLEST_MONEY


def comes_out(candidate: Candidate) -> Iterator[Finding]:
    """Every calculation of an answer gives what the answer says it gives."""
    for number, text in candidate.answers():
        if not any(digit in text for digit in "0123456789"):
            continue
        for wrong in miscalculations(text):
            yield warn(CheckCode.WRONG_ARITHMETIC, number, f"{wrong.quote} (it is {wrong.expected:,.2f})")


def dated(candidate: Candidate) -> Iterator[Finding]:
    """A limit that the law sets anew each year is named with the year it is for."""
    topic = candidate.catalog.topics.get(candidate.item.cell.topic)
    limits = _limits_of(topic) if topic else {}
    for number, (turn, amounts) in enumerate(zip(candidate.conversation.turns, candidate.amounts, strict=True), 1):
        if turn.role != "assistant" or not amounts or YEAR.search(turn.content):
            continue
        for amount in amounts:
            if amount.kind is not AmountKind.MONEY or amount.value < LEAST_LIMIT:
                continue
            sentence = sentence_around(turn.content, amount.start, amount.end)
            lowered = sentence.lower()
            by_fact = amount.value in limits and LIMIT.search(lowered)
            if by_fact or (LIMIT.search(lowered) and BY_LAW.search(lowered)):
                yield warn(CheckCode.UNDATED_LIMIT, number, sentence.strip())
                break


def _facts_of(topic: TrainingTopic) -> tuple[Amount, ...]:
    texts = tuple(f"{fact.name}; {_told(fact)}; {fact.unit}" for fact in topic.facts.items) if topic.facts else ()
    return _amounts_of(texts + tuple(concept.explanation for concept in topic.concepts))


def _told(fact: Fact) -> str:
    return f"{fact.value}%" if "percent" in fact.unit else f"${fact.value}" if "USD" in fact.unit else str(fact.value)


@lru_cache(maxsize=512)
def _amounts_of(texts: tuple[str, ...]) -> tuple[Amount, ...]:
    return tuple(amount for text in texts for amount in amounts_in(text))


def _limits_of(topic: TrainingTopic) -> dict[Decimal, Fact]:
    """The amounts in dollars of the topic's fact sheet."""
    facts = topic.facts.items if topic.facts else ()
    return {Decimal(str(fact.value)): fact for fact in facts if "USD" in fact.unit and not isinstance(fact.value, str)}
