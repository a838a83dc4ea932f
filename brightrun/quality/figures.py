"""Checks of the amounts an advisor states: where they come from, whether they come out, whether limits have a year.

Good advice also uses invented examples, so an amount from nowhere is a warning. What is certain is a failure: a sum
that is wrong, an exact amount of somebody's own case that the advisor cannot know, a limit of a fact sheet undated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from brightrun.catalog import Catalog, Fact, TrainingTopic
from brightrun.quality.amounts import Amount, AmountKind, amounts_in, counts_in
from brightrun.quality.arithmetic import miscalculations
from brightrun.quality.assertion import sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.derivation import Derivation
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

EXAMPLE = re.compile(
    r"\b(?:for example|for instance|say|suppose|supposing|imagine|picture|e\.g\.|as an example|an example"
    r"|let['’]s say|if you"
    r"|made[- ]up|round numbers?|hypothetical\w*|in an ordinary year|such as|whether|even)\b",
    re.IGNORECASE,
)
"""Where these stand, an amount is an invented example and says that it is."""
SUPPOSED_RATE = re.compile(
    r"\b(?:at|with|of|each|every|another|an extra|only) \$?[\d,.]+ (?:a|per|each|every) (?:day|week|month"
    r"|paycheck|year)\b",
    re.IGNORECASE,
)
"""A payment somebody may choose: "at $300 a month it takes two years"."""
OF_THEIR_CASE = re.compile(
    r"\b(?:your (?:employer|company|plan|state|county|city|policy|insurer|insurance|landlord|lawyer|bank"
    r"|lender|family|severance|benefit)"
    r"|in your (?:state|county|city|area|town|zip code)|for (?:your family|the two of you|a couple like you"
    r"|someone like you)"
    r"|(?:cobra|unemployment|severance|medicare|medicaid|the premium|social security) (?:\w+ ){0,4}?(?:is|adds"
    r"|pays|costs|will (?:be|cost|pay))"
    r"|you(?:['’]ll| will) (?:get|receive|be paid|pay|owe|be charged)|the average \w+|on average)\b",
    re.IGNORECASE,
)
"""Where these stand, an amount is told as a fact about the person's own case, which only they can know."""
OF_MANY = re.compile(
    r"\b(?:percent|%) of (?:all |the |those |these |american |u\.s\. |married |working )*(?:people|americans|adults"
    r"|workers|employees|women|men|couples|households|families|parents|retirees|borrowers|homeowners|renters|nurses"
    r"|teachers|claims|those|them|cases|applicants|savers|investors)\b|\bthe (?:average|median|typical|usual) \w+"
    r"|\bstudies (?:show|say|find)|\bstatistic\w*|\bresearch (?:shows|says|finds)",
    re.IGNORECASE,
)
"""A statistic: where nobody gave it and it stands in no fact sheet, it was made up."""
COMMON_PERCENTS = frozenset((Decimal(0), Decimal(50), Decimal(100)))
SMALLEST_MONEY = Decimal(5)
"""Dollars: below that an amount is a manner of speaking ("five bucks")."""

BEFORE_RATE, AFTER_RATE = 12, 14
LEAST_EXACT, ROUND_TO = Decimal(100), Decimal(25)

LIMIT = re.compile(
    r"\b(?:limit|limits|cap|capped|maximum|deduction|exclusion|exemption|threshold|bracket|phase[- ]?out"
    r"|wage base|catch-up"
    r"|ceiling|up to(?= \$)|put in|the most|at most|allowed)\b"
)
BY_LAW = re.compile(
    r"\b(?:401\(k\)|403\(b\)|401k|403b|(?:457|roth|ira|iras|hsa|fsa|529|gift tax|annual exclusion|estate tax"
    r"|standard deduction|tax bracket"
    r"|social security|medicare|simple ira|sep)\b)"
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
        if derivation.explains(amount) or _is_supposed(text, amount):
            derivation.add([amount])
            continue
        derivation.add([amount])
        sentence = sentence_around(text, amount.start, amount.end).strip()
        certain = _is_exact(amount) and OF_THEIR_CASE.search(sentence) is not None
        certain = certain or (OF_MANY.search(sentence) is not None and not amount.is_hedged)
        yield (fail if certain else warn)(CheckCode.UNSUPPORTED_FIGURE, number, sentence)


def _is_supposed(text: str, amount: Amount) -> bool:
    """Whether the amount is an example, or a payment that somebody may choose."""
    sentence = sentence_around(text, amount.start, amount.end)
    if EXAMPLE.search(sentence):
        return True
    around = text[max(0, amount.start - BEFORE_RATE) : amount.end + AFTER_RATE]
    return SUPPOSED_RATE.search(around) is not None and OF_THEIR_CASE.search(sentence) is None


def _is_exact(amount: Amount) -> bool:
    """Whether it is written as something that was looked up, and not about: $1,684 rather than $1,700."""
    if amount.is_hedged:
        return False
    if amount.is_percent:
        return amount.step < 1
    return amount.step < 1 or (amount.value >= LEAST_EXACT and amount.value % ROUND_TO != 0)


def _matters(amount: Amount) -> bool:
    return amount.value not in COMMON_PERCENTS if amount.is_percent else amount.value >= SMALLEST_MONEY


def comes_out(candidate: Candidate) -> Iterator[Finding]:
    """Every calculation of an answer gives what the answer says it gives."""
    for number, text in candidate.answers():
        if not any(digit in text for digit in "0123456789"):
            continue
        for wrong in miscalculations(text):
            yield fail(CheckCode.WRONG_ARITHMETIC, number, f"{wrong.quote} (it is {wrong.expected:,.2f})")


def dated(candidate: Candidate) -> Iterator[Finding]:
    """A limit that the law sets anew each year is named with the year it is for, there or earlier."""
    topic = candidate.catalog.topics.get(candidate.item.cell.topic)
    limits, others = _limits_of(topic) if topic else frozenset(), _all_limits(candidate.catalog)
    said_with_year: set[Decimal] = set()
    for number, (turn, amounts) in enumerate(zip(candidate.conversation.turns, candidate.amounts, strict=True), 1):
        if ("19" in turn.content or "20" in turn.content) and YEAR.search(turn.content):
            said_with_year.update(amount.value for amount in amounts)
            continue
        if turn.role != "assistant":
            continue
        for amount in amounts:
            if not _is_limit(amount) or amount.value in said_with_year:
                continue
            sentence = sentence_around(turn.content, amount.start, amount.end)
            if not LIMIT.search(sentence.lower()) or _names_any(sentence, said_with_year):
                continue
            is_named = BY_LAW.search(sentence.lower()) is not None
            if amount.value in limits or is_named:
                certain = amount.value in limits or amount.value in others
                yield (fail if certain else warn)(CheckCode.UNDATED_LIMIT, number, sentence.strip())
                break


def _is_limit(amount: Amount) -> bool:
    return amount.kind is AmountKind.MONEY and amount.value >= LEAST_LIMIT


def _names_any(sentence: str, known: set[Decimal]) -> bool:
    """Whether a limit that was told with its year stands beside it: "from $129,000 to $149,000"."""
    return bool(known) and any(_is_limit(amount) and amount.value in known for amount in amounts_in(sentence))


def _facts_of(topic: TrainingTopic) -> tuple[Amount, ...]:
    texts = tuple(f"{fact.name}; {_told(fact)}; {fact.unit}" for fact in topic.facts.items) if topic.facts else ()
    return _amounts_of(texts + tuple(concept.explanation for concept in topic.concepts))


def _told(fact: Fact) -> str:
    return f"{fact.value}%" if "percent" in fact.unit else f"${fact.value}" if "USD" in fact.unit else str(fact.value)


@lru_cache(maxsize=512)
def _amounts_of(texts: tuple[str, ...]) -> tuple[Amount, ...]:
    return tuple(amount for text in texts for amount in amounts_in(text))


def _limits_of(topic: TrainingTopic) -> frozenset[Decimal]:
    """The amounts in dollars of the topic's fact sheet, without what its concepts name without a year."""
    facts = topic.facts.items if topic.facts else ()
    timeless = {amount.value for amount in _amounts_of(tuple(concept.explanation for concept in topic.concepts))}
    dollars = {Decimal(str(fact.value)) for fact in facts if "USD" in fact.unit and not isinstance(fact.value, str)}
    return frozenset(dollars - timeless)


_latest: list[tuple[Catalog, frozenset[Decimal]]] = []
"""The limits of the catalog that was asked for last: a run has one."""


def _all_limits(catalog: Catalog) -> frozenset[Decimal]:
    """The limits of all its topics: a limit may be named where another subject is spoken of."""
    if not _latest or _latest[0][0] is not catalog:
        topics = catalog.topics.values()
        timeless = _amounts_of(tuple(concept.explanation for topic in topics for concept in topic.concepts))
        limits: frozenset[Decimal] = frozenset().union(*map(_limits_of, topics))
        _latest[:] = [(catalog, limits - {amount.value for amount in timeless})]
    return _latest[0][1]
