"""Amounts as people write them: $1,240.50, $1.2k, 1.5 million, 6%, two percent, twelve hundred dollars, 529."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from brightrun.quality.hints import Hints
from brightrun.quality.words import words_of

_SMALL_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
"""
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _SMALL_WORDS.split(), _TENS_WORDS.split()
NUMBER_WORDS = {word: number for number, word in enumerate(_SMALL)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
SCALES = {"k": 1_000, "thousand": 1_000, "grand": 1_000, "hundred": 100, "million": 1_000_000, "m": 1_000_000}
SCALES |= {"mil": 1_000_000, "billion": 1_000_000_000, "b": 1_000_000_000}
_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(reversed(_SMALL[1:]))}|half a|a)"
IN_DIGITS = re.compile(
    r"(?P<dollar>\$ ?)?(?<![\w.,/:-])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<=\$)\.\d\d)"
    r"(?:(?P<k>[kKmMbB])\b| ?(?P<scale>thousand|grand|million|mil|billion)\b)?"
    r"(?![\w(½]|,\d|[.:/-]\d|-(?-i:[A-Z])\b)(?P<unit> ?%| percent\b| dollars?\b| bucks\b| USD\b)?",
    re.IGNORECASE,
)
IN_WORDS = re.compile(
    rf"\b(?P<word>{_WORD})(?:[ -](?P<scale>hundred|thousand|grand|million)(?: and)?)?"
    r"(?P<unit> percent\b| dollars?\b| bucks\b| grand\b)?(?![\w-])",
    re.IGNORECASE,
)
WORD_HINTS = Hints(("hundred", "thousand", "grand", "million", "percent", "dollar", "bucks"))
"""Without one of these, a number in words is a count."""
REACH = 24
"""Characters before and after a hint that may belong to its amount: "seventy-seven hundred and …"."""
AFTER_WORD = re.compile(r"[^\w-]")
FIRST = re.compile(r"[$0-9]\d*")
"""What an amount in digits begins with: single characters are found many times faster."""
_HEDGES = """
about|around|roughly|approximately|nearly|almost|close to|some|over|under|just over|just under|more than|less than
a little over|a little under|up to|at least|maybe|perhaps|or so|somewhere near|near
"""
HEDGES = tuple(_HEDGES.strip().replace("\n", "|").split("|"))
HEDGED = re.compile(rf"(?:\b(?:{'|'.join(HEDGES)})|[~≈]) ?\Z", re.IGNORECASE)
HEDGED_ENDS = tuple(hedge + blank for hedge in (*HEDGES, "~", "≈") for blank in ("", " "))
"""What a text in small letters ends in where HEDGED finds something."""
BEFORE = 16
KEPT_AMOUNTS = 4_096
"""Most amounts are named again and again."""


class AmountKind(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text, with where it stands and how finely it was written (`step`, of its last written digit)."""

    value: Decimal
    kind: AmountKind
    start: int
    end: int
    step: Decimal
    is_hedged: bool = False

    @property
    def is_percent(self) -> bool:
        return self.kind is AmountKind.PERCENT


def amounts_in(text: str) -> Iterator[Amount]:
    """Every number in digits, and every amount in words, each in order. `counts_in` finds the counts in words."""
    end = 0
    for start in FIRST.finditer(text):
        if start.start() >= end and (match := IN_DIGITS.match(text, start.start())):
            end = match.end()
            if match["dollar"] or (match["k"] or "k").lower() == "k":  # 5m may be minutes, and 529b a form
                yield _written_in_digits(match, text)
    yield from _in_words(text)


def _in_words(text: str) -> Iterator[Amount]:
    """They are sought around the hints: numbers in words are many, and amounts few."""
    read_to = 0
    for _, start, end in WORD_HINTS.places(text.lower()):
        stop = AFTER_WORD.search(text, end + REACH)
        for match in IN_WORDS.finditer(text, max(read_to, start - REACH), stop.start() if stop else len(text)):
            if match.start() <= start and end <= match.end():
                read_to = match.end()
                if (amount := _written_in_words(match, text)) is not None:
                    yield amount


def counts_in(text: str) -> set[int]:
    """The numbers that stand in the text as plain words, without their places."""
    return {NUMBER_WORDS[word] for word in NUMBER_WORDS.keys() & set(words_of(text))}


def _written_in_digits(match: re.Match[str], text: str) -> Amount:
    number, kind, step = _read_digits(*match.group("dollar", "number", "k", "scale", "unit"))
    return Amount(number, kind, match.start(), match.end(), step, _is_hedged(text, match))


@lru_cache(maxsize=KEPT_AMOUNTS)
def _read_digits(
    dollar: str | None, digits: str, k: str | None, named_scale: str | None, unit: str | None
) -> tuple[Decimal, AmountKind, Decimal]:
    """The number, what it counts, and its step."""
    number, step = Decimal(digits.replace(",", "")), Decimal(10) ** -len(digits.partition(".")[2])
    if scaled := k or named_scale:
        scale = SCALES[scaled.lower()]
        number, step = number * scale, step * scale
    return number, _kind(unit, bool(dollar) or bool(named_scale) or (k or "").lower() == "k"), step


def _written_in_words(match: re.Match[str], text: str) -> Amount | None:
    word, scale = match["word"].lower(), (match["scale"] or "").lower()
    if not scale and not match["unit"]:
        return None
    if word in ("a", "half a"):
        if not scale:
            return None
        number = Decimal(1) if word == "a" else Decimal("0.5")
    else:
        tens, _, unit = word.replace("-", " ").partition(" ")
        number = Decimal(NUMBER_WORDS[tens] + (NUMBER_WORDS[unit] if unit else 0))
    unit_text = match["unit"]
    factor = SCALES.get(scale, 1) * (1_000 if unit_text and unit_text.strip().lower() == "grand" else 1)
    kind = _kind(unit_text, False)
    return Amount(number * factor, kind, match.start(), match.end(), Decimal(factor), _is_hedged(text, match))


def _kind(unit: str | None, is_money: bool) -> AmountKind:
    if unit and ("%" in unit or "percent" in unit.lower()):
        return AmountKind.PERCENT
    return AmountKind.MONEY if unit or is_money else AmountKind.COUNT


def _is_hedged(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - BEFORE) : match.start()]
    return before.lower().endswith(HEDGED_ENDS) and HEDGED.search(before) is not None
