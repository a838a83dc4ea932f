"""Whether users who say what they earn say about what was planned (KF-04).

People give pay by the hour, the day, the paycheck, the month or the year, before or after tax, alone or with somebody
else. Each way goes with a range of yearly pay; what is far outside of it contradicts the plan. Written for English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from brightrun.quality.amounts import NUMBER_WORDS, amounts_in
from brightrun.quality.assertion import sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.hints import Hints
from brightrun.quality.identity_in_text import is_plain
from brightrun.quality.verdicts import CheckCode, Finding, fail

TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
ABOUT = (
    r" (?:about |around |roughly |just under |just over |just about |almost |nearly |only |barely |exactly "
    r"|something like |somewhere around |like |maybe |all of |a (?:whopping|solid|cool) |at |on )?"
    rf"(?=\$|\d|(?:{TENS}|two hundred|three hundred)\b)"
)
PAY = r"(?:salary|income|pay|base|wage|gross)"
SAYS_PAY = re.compile(
    r"\b(?:(?P<yearly>i (?:make|earn|gross|bring in|pull in|pull down)|i['’]?(?:m| am) (?:making|earning|pulling in)"
    rf"|my (?:own |base |gross )?{PAY}(?: is| of|['’]s| comes to)|my|(?:a|an) (?:salary|pay|income|wage) of"
    r"|my (?:contract|w-?2|pay ?stub) (?:says|said|shows)|(?:earning|making|pulling in|grossing))"
    r"|(?P<net>i (?:bring home|take home|clear|net)|my take[- ]home(?: pay)?(?: is|['’]s| comes to))"
    r"|(?P<together>(?:we|(?:the )?two of us|both of us|between us|together we)(?: both)?"
    r" (?:make|earn|gross|bring home|take home|clear|net|bring in))"
    r"|(?P<never>i(?:['’]ve| have) (?:never|yet to|not yet|still not) (?:once )?"
    r"(?:crack(?:ed)?|made?|earn(?:ed)?|topp?(?:ed)?|broken?|cleared?)(?: more than| over| past)?)"
    r"|(?P<needs_period>i (?:get(?: paid)?|draw|collect)|they(?:['’]re)? pay(?:ing)? me"
    r"|(?:work|the (?:state|county|city|district|hospital|company|school)) pays me"
    r"|i['’]?(?:m| am) (?:now |still |back |up |down )?(?:paid|on|at|getting)|(?:somebody|someone|a person) on"
    r"|my (?:pay)?check(?: is|['’]s)|my (?:hourly |day |daily )?rate(?: is|['’]s)"
    r"|(?:puts?|brings?|brought|bumped|takes?|took|gets?|got|moved) me (?:up |down |back )?(?:at|to)"
    r"|(?:^|(?<=[.!?,:;] )|(?<=\n))(?:on|at)))" + ABOUT,
    re.MULTILINE,
)
LANDS = re.compile(
    r"(?P<lands>)\$?\d[\d,.]*k? (?=(?:lands|hits|drops|arrives|shows up|comes in)\b(?! to\b))"
    r"[a-z ]{4,34}?(?=every|each|twice|a month|on the)"
)
HINTS = frozenset(
    """make earn earning making pulling pull my gross grossing bring net clear get draw collect pay paying pays paid
    salary income wage on at me cracked crack made earned lands hits drops arrives shows comes
    """.split()  # noqa: SIM905
)
NUMBER_HINTS = Hints((*"0123456789", *TENS.split("|"), "hundred"))
SPOKEN_THOUSANDS = re.compile(rf"(?:({TENS})(?:[- ](one|two|three|four|five|six|seven|eight|nine))?|(\d\d)) five\b")
"""Ninety-six five: 96,500."""

NO_YEARLY_PAY = re.compile(
    r"^[^.!?\n]{0,30}?\b(?:a week|weekly|a shift|a day|every two weeks|biweekly|on the side|less|more"
    r"|in (?:interest|dividends|tips|overtime)"
    r"|extra|mistake|payments?|from|over the|under the|points|miles|shares|higher|short|back|for (?:the|my"
    r"|each|every|it|that)|in|of|off|out)\b"
)
"""After an amount without a period: it may be anything."""
NO_PAY = re.compile(
    r"^(?:(?! and )[^.,;!?\n]){0,40}?\b(?:on the side|side (?:gig|job|work|income)|extra|overtime|tips|less|more|from"
    r"|for (?:each|every|the|a|my|it|that)|tutoring|coaching|babysitting|weekends|saturdays|summers?|short|back"
    r"|in (?:interest|dividends|rent|tips|benefits)|per (?:class|shift|session|visit))\b"
)
"""After an amount with a period: it is something beside the pay, or a difference."""
ASKED = re.compile(r"\b(?:can|could|do|did|would|should|will|may|might|must|how|what|when|that|to)\s*\Z")
OF_LIFE = re.compile(r"^ (?:in my (?:life|career)|in any|in a)\b")
OF_PAY = re.compile(
    r"\b(?:raise|adjustment|promot\w+|bumped|salary|review|step \d+|pay grade|base|cost[- ]of[- ]living|signed|since)\b"
)
"""Words of a sentence in which "I'm at 96" speaks of pay."""
BEFORE_TAX = re.compile(r"\b(?:before (?:tax(?:es)?|anything|they|deductions|everything|the)|gross|pre-?tax|base)\b")
AFTER_TAX = re.compile(
    r"\b(?:after (?:tax(?:es)?|everything|deductions|the)|(?:once|when) everything|take[- ]home|net|clear|in my account"
    r"|lands|hits|arrives)\b"
)
IS_PAY = re.compile(r"^ ?(?:a year |dollar )?(?:salary|income|pay|wage)\b")
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
HOURS = re.compile(r"\b(?:(\d\d)|forty|full)[- ](?:hours|hrs|hour|time)\b")
PART_TIME = re.compile(r"\bpart[- ]time\b|\bper diem\b|\bon call\b")
LEAST_PAY, LEAST_SPOKEN, MOST_SPOKEN = 15_000, 20, 400
"""Yearly; and the numbers that people say for thousands of it."""
LOW, HIGH = 0.75, 1.35
"""How far pay before tax may be from the planned one: people round, and count a bonus or leave it out."""
LOW_NET, HIGH_NET = 0.5, 1.05
"""The same for what is left after tax."""
ABOVE_NEVER = 1.15
"""How far the planned pay may be above what somebody never earned."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that is paid for, and how many of them a year has, at least and at most."""

    pattern: re.Pattern[str]
    fewest: float
    most: float
    is_gross: bool = False
    """Rates are told before tax."""


PERIODS = (
    Period(re.compile(r"\b(?:an|per|the) (?:hour|hr)\b|/ ?(?:hour|hr)\b|\bhourly\b"), 2_080, 2_080, is_gross=True),
    Period(re.compile(r"\b(?:a|per) day\b|/ ?day\b|\bdaily\b"), 200, 260, is_gross=True),
    Period(
        re.compile(
            rf"\bevery (?:other|second) (?:week|payday|{WEEKDAY})\b|\bevery (?:two|2) weeks\b|\bbi-?weekly\b"
            r"|\b(?:twice|two times) a month\b|\bsemi-?monthly\b|\bon the (?:1st|first)\b"
            r"|\b(?:a|per|each|every) (?:pay ?check|check|pay period|payday)\b"
        ),
        24,
        26,
    ),
    Period(re.compile(rf"\b(?:a|per|each|every) week\b|\bweekly\b|\bevery {WEEKDAY}\b"), 50, 52),
    Period(re.compile(r"\b(?:a|per|each|every) month\b|/ ?month\b|\bmonthly\b"), 12, 12),
    Period(
        re.compile(r"\b(?:a|per|each) year\b|\bannually\b|\byearly\b|^k? (?:base|gross|before)\b"),
        1,
        1,
        is_gross=True,
    ),
)
REST = 48
"""Characters after an amount that say what it is paid for, as far as no other amount begins in them."""
NEXT_AMOUNT = re.compile(r"\$|\d{2}|\n")


def income(candidate: Candidate) -> Iterator[Finding]:
    """Users who say what they earn say about what was planned."""
    planned = next((a for a in candidate.item.identity.attributes if a.name in ("income", "salary")), None)
    if planned is None or not planned.number or "year" not in planned.text or candidate.item.identity.reason:
        return
    for question in candidate.read_questions:
        if HINTS.isdisjoint(question.words):
            continue
        numbered = question.sentences_with(NUMBER_HINTS)
        for match in (*question.matches_in(SAYS_PAY, numbered), *question.matches_in(LANDS, numbered)):
            least, most = _yearly(question.lowered, match)
            if not least <= planned.number <= most:
                quote = question.text[match.start() : match.end() + REST // 2]
                yield fail(CheckCode.OTHER_MONEY, question.number, f"{quote} instead of {planned.text}")


def _yearly(lowered: str, match: re.Match[str]) -> tuple[float, float]:
    """The planned pay that goes with what is said, least and most; any where it may be anything else than pay."""
    anything = (0.0, float("inf"))
    at = match.start() if match.lastgroup == "lands" else match.end()
    said = _amount(lowered, at)
    if said is None or not is_plain(lowered, match) or ASKED.search(lowered[: match.start()]):
        return anything
    amount, end = said
    around = lowered[end : end + REST]
    rest = NEXT_AMOUNT.split(around, maxsplit=1)[0]
    period = _period(rest)
    if period is None:
        return _without_period(lowered, match, amount, rest)
    if NO_PAY.search(rest) or PART_TIME.search(around):
        return anything
    if period.most == 1 and LEAST_SPOKEN <= amount <= MOST_SPOKEN:
        amount *= 1_000
    hours = HOURS.search(around)
    weekly = int(hours[1]) / 40 if hours and hours[1] and period.most > 2_000 else 1.0
    fewest, most = amount * period.fewest * weekly, amount * period.most * weekly
    return anything if most < LEAST_PAY else _range(fewest, most, match, rest, is_gross=period.is_gross)


def _without_period(lowered: str, match: re.Match[str], amount: float, rest: str) -> tuple[float, float]:
    """A bare amount is a year's pay where the words before it or around it speak of nothing else."""
    words = match[0].split()
    is_of_pay = OF_PAY.search(sentence_around(lowered, match.start(), match.end())) is not None
    is_something_else = NO_YEARLY_PAY.match(rest) and not (match.lastgroup == "never" and OF_LIFE.match(rest))
    if is_something_else or (match.lastgroup in ("needs_period", "net") and not is_of_pay):
        return 0.0, float("inf")
    if words[0] == "my" and len(words) == 1 and not IS_PAY.search(rest):
        return 0.0, float("inf")
    if is_of_pay and match.lastgroup == "needs_period" and LEAST_SPOKEN <= amount <= MOST_SPOKEN:
        amount *= 1_000
    if amount < LEAST_PAY or match.lastgroup == "lands":
        return 0.0, float("inf")
    return _range(amount, amount, match, rest, is_gross=match.lastgroup != "together")


def _range(fewest: float, most: float, match: re.Match[str], rest: str, *, is_gross: bool) -> tuple[float, float]:
    if match.lastgroup == "never":
        return 0.0, most * ABOVE_NEVER
    is_net = match.lastgroup in ("net", "lands") or "take home" in match[0] or AFTER_TAX.search(rest) is not None
    if BEFORE_TAX.search(rest) or "gross" in match[0]:
        is_net, is_gross = False, True
    highest = most / (LOW if is_gross and not is_net else LOW_NET)
    if match.lastgroup == "together":
        return 0.0, highest
    return fewest / (HIGH_NET if is_net else HIGH), highest


def _amount(lowered: str, start: int) -> tuple[float, int] | None:
    """The number that stands there and where it ends; None where it is a share."""
    if spoken := SPOKEN_THOUSANDS.match(lowered, start):
        words = [word for word in spoken.groups()[:2] if word]
        thousands = int(spoken[3]) if spoken[3] else sum(NUMBER_WORDS[word] for word in words)
        return thousands * 1_000.0 + 500, spoken.end()
    said = next((a for a in amounts_in(lowered[start : start + 30]) if a.start == 0), None)
    return None if said is None or said.is_percent else (float(said.value), start + said.end)


def _period(rest: str) -> Period | None:
    """The first of what is paid for that is named."""
    found = [(match.start(), period) for period in PERIODS if (match := period.pattern.search(rest))]
    return min(found, key=lambda entry: entry[0])[1] if found else None
