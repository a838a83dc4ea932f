"""Calculations that stand in a text ("$400 x 12 = $4,800", "10% of $50,000 is $5,000"), done again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from brightrun.quality.amounts import NUMBER_WORDS, Amount
from brightrun.quality.calculations import FORMS, FORMS_WITH, HINTS, Form, amount_of
from brightrun.quality.hints import Hints

EXACT_SHARE, HEDGED_SHARE = Decimal("0.01"), Decimal("0.06")
"""How far a result may be off: people round, and with "about" they round more."""
OTHER_PERIODS = tuple(Decimal(n) for n in (12, 52, 26, 24, 4, 2))
"""What a result may differ by where it is said for another stretch of time than the amounts."""
SPEAKS_OF_TIME = re.compile(r"\b(?:day|week|paycheck|check|month|quarter|year|annual)(?:s|ly)?\b")
_ONES = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
WORDS = re.compile(
    rf"\b(?:(?P<tens>{_TENS})(?:[- ](?P<unit>{_ONES}))?|(?P<ones>{_ONES}))\b(?= ?(?:percent|years?|months?"
    rf"|weeks?|checks?|paychecks?"
    r"|payments?|times|hundred|thousand|people|ways|equal|is|each|dollars|of)\b)",
    re.IGNORECASE,
)
DOLLARS = re.compile(r"(?<![$\d.,])(\d[\d,]*(?:\.\d+)?) (?:dollars|bucks)\b")
SMALL_NUMBERS = Hints((*_ONES.split("|"), *_TENS.split("|")))
FULL_STOP = re.compile(r"[.!?](?=\s)")
PART_OF_MORE = re.compile(
    r"(?:\b(?:plus|minus|less|times)|(?:%|percent|half|third|quarter|tenth) (?:of|on)|\d\s?[-+*/x×÷−–])"
    r"\s?(?:the |your |another |\d+ ?[x×*] ?)?\Z",
    re.IGNORECASE,
)
"""Before what is found: it is the end of a longer calculation, which no form reads."""
BEFORE = 16
NUMBER = re.compile(r"[0-9][\d,.]*")
FEWEST_NUMBERS = 2
"""Of a calculation: its result is one of them."""


@dataclass(frozen=True, slots=True)
class Miscalculation:
    """A calculation in a text that does not come out."""

    quote: str
    expected: Decimal


def miscalculations(text: str) -> Iterator[Miscalculation]:
    """Every calculation of a known form whose result is another than the text says."""
    if not HINTS.are_in(text.lower()):
        return
    text = _in_digits(text)
    likely = _likely_sentences(text)
    for number in sorted(likely):
        for start, end in likely[number]:
            for match in FORMS[number].pattern.finditer(text, start, end):
                if (wrong := _miscalculation(FORMS[number], match)) is not None:
                    yield wrong


def _likely_sentences(text: str) -> dict[int, list[tuple[int, int]]]:
    """Where each form may stand: in sentences with a hint of it and two numbers, in order, by the form's number.

    A line break ends none: a result may stand on the next line.
    """
    begins = [0, *(stop.end() for stop in FULL_STOP.finditer(text))]
    numbers = Counter(bisect_right(begins, number.start()) - 1 for number in NUMBER.finditer(text))
    likely: dict[int, list[tuple[int, int]]] = {}
    for sentence, count in numbers.items():
        if count >= FEWEST_NUMBERS:
            span = begins[sentence], begins[sentence + 1] if sentence + 1 < len(begins) else len(text)
            hints = {hint for hint, _, _ in HINTS.places(text[slice(*span)].lower())}
            for form in {form for hint in hints for form in FORMS_WITH[hint]}:
                likely.setdefault(form, []).append(span)
    return likely


def _miscalculation(form: Form, match: re.Match[str]) -> Miscalculation | None:
    if PART_OF_MORE.search(match.string, max(0, match.start() - BEFORE), match.start()):
        return None
    expected, stated = form.calculate(match), amount_of(match["result"])
    if expected is None or stated is None or _comes_out(expected, stated, match, any_period=form.any_period):
        return None
    return Miscalculation(match[0].strip(), expected)


def _in_digits(text: str) -> str:
    """The text with small numbers before a unit in digits: "three percent of $500", "over two years"."""
    lowered, pieces, read_to = text.lower(), [], 0
    for start in sorted({start for _, start, _ in SMALL_NUMBERS.places(lowered)}):
        if start >= read_to and (match := WORDS.match(text, start)):
            number = sum(NUMBER_WORDS[word.lower()] for word in match.group("tens", "unit", "ones") if word)
            pieces += [text[read_to:start], str(number)]
            read_to = match.end()
    text = "".join([*pieces, text[read_to:]])
    return DOLLARS.sub(r"$\1", text) if "dollars" in lowered or "bucks" in lowered else text


def _comes_out(expected: Decimal, stated: Amount, match: re.Match[str], *, any_period: bool) -> bool:
    """Whether the result is right, or right for another stretch of time that is spoken of."""
    hedged = bool(match["hedge"])
    if _agree(expected, stated, hedged=hedged):
        return True
    if not any_period or not SPEAKS_OF_TIME.search(match.string[match.start() : match.end() + 24].lower()):
        return False
    return any(
        _agree(expected * n, stated, hedged=hedged) or _agree(expected / n, stated, hedged=hedged)
        for n in OTHER_PERIODS
    )


def _agree(expected: Decimal, stated: Amount, *, hedged: bool) -> bool:
    allowed = (HEDGED_SHARE if hedged else EXACT_SHARE) * abs(expected)
    return abs(expected - stated.value) <= max(allowed, stated.step if hedged else stated.step / 2)
