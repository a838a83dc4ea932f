"""Calculations that stand in a text ("$400 x 12 = $4,800", "10% of $50,000 is $5,000"), done again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from brightrun.quality.amounts import Amount, amounts_in

NUMBER = r"\$? ?\d[\d,]*(?:\.\d+)?(?:k\b| thousand\b| million\b)?"
COUNT = (
    r"(?:\d[\d,]*(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|twenty-five|thirty|a)"
)
HEDGE = (
    r"(?:about |around |roughly |nearly |almost |approximately |just under |just over |a little (?:over|under) |only "
    r"|exactly |~ ?)?"
)
EQUALS = (
    r"(?:\s*=\s*|,? (?:is|are|makes|make|comes to|come to|comes out to|comes out at|equals|gives you|gives|adds up to"
    r"|add up to|works out to|totals|leaves you with|leaves you|leaves)(?: you)? )"
)
OF_WHAT = r"(?: (?:dollars|bucks))?"
RESULT = rf"(?P<hedge>{HEDGE})(?P<result>{NUMBER})(?![\d%]|\.\d|,\d| (?:percent|%)| ?[-–+*x×/] ?\d)"
PERIOD = r"(?:a|an|per|each|every) "
PER_YEAR = {"day": Decimal(365), "week": Decimal(52), "month": Decimal(12), "quarter": Decimal(4), "year": Decimal(1)}
GROWS = re.compile(
    r"\b(?:interest|return|growth|grow\w*|invest\w*|compound\w*|earn\w*|yield|match\w*|plus|before|after|tax\w*)\b|%"
)
"""Where these stand beside a stream of payments, more than multiplication goes on."""

EXACT_SHARE, HEDGED_SHARE = Decimal("0.01"), Decimal("0.06")
"""How far a result may be off: people round, and with "about" they round more."""


@dataclass(frozen=True, slots=True)
class Miscalculation:
    """A calculation in a text that does not come out."""

    quote: str
    expected: Decimal


def miscalculations(text: str) -> Iterator[Miscalculation]:
    """Every calculation of a known form whose result is another than the text says."""
    for form in FORMS:
        if not any(hint in text for hint in form.hints):
            continue
        for match in form.pattern.finditer(text):
            expected, stated = form.calculate(match), _amount(match["result"])
            if expected is None or stated is None or _agree(expected, stated, hedged=bool(match["hedge"])):
                continue
            yield Miscalculation(match[0].strip(), expected)


def _agree(expected: Decimal, stated: Amount, *, hedged: bool) -> bool:
    allowed = (HEDGED_SHARE if hedged else EXACT_SHARE) * abs(expected)
    return abs(expected - stated.value) <= max(allowed, stated.step if hedged else stated.step / 2)


def _amount(text: str) -> Amount | None:
    return next(amounts_in(text.strip()), None)


def _value(text: str) -> Decimal:
    amount = _amount(text)
    return amount.value if amount else Decimal(1)  # "a" year is one


def _product(match: re.Match[str]) -> Decimal | None:
    return _value(match["a"]) * _value(match["b"])


def _quotient(match: re.Match[str]) -> Decimal | None:
    divisor = _value(match["b"])
    return _value(match["a"]) / divisor if divisor else None


def _sum(match: re.Match[str]) -> Decimal | None:
    if "%" in match[0]:
        return None
    return sum((amount.value for amount in amounts_in(match["terms"])), Decimal(0))


def _difference(match: re.Match[str]) -> Decimal | None:
    return _value(match["a"]) - _value(match["b"])


def _share(match: re.Match[str]) -> Decimal | None:
    return _value(match["p"]) * _value(match["a"]) / 100


def _half(match: re.Match[str]) -> Decimal | None:
    return _value(match["a"]) / {"half": 2, "third": 3, "quarter": 4}[match["part"].lower()]


def _stream(match: re.Match[str]) -> Decimal | None:
    if GROWS.search(match["between"]) or GROWS.search(match.string[match.end() : match.end() + 30]):
        return None
    times = _value(match["n"]) * PER_YEAR[match["per"].lower()] / PER_YEAR[match["unit"].lower()]
    return _value(match["a"]) * times


def _yearly(match: re.Match[str]) -> Decimal | None:
    per, to = match["per"].lower(), match["to"].lower()
    if per == to:
        return None
    return _value(match["a"]) * PER_YEAR[per] / PER_YEAR[to]


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,$%+*×/-])(?<![+*×/x–-] ){pattern}", re.IGNORECASE)


_MONEY = rf"\${NUMBER[4:]}"
_UNIT = r"(?P<unit>day|week|month|quarter|year)s?"
_PER = r"(?P<per>day|week|month|quarter|year)"


@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing a calculation: one of the hints stands in it, and `calculate` does it again."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    calculate: Callable[[re.Match[str]], Decimal | None]


FORMS = (
    Form(
        ("x ", "×", "*", " times "),
        _form(rf"(?P<a>{NUMBER})(?: ?[x×*] ?| times )(?P<b>{NUMBER}){OF_WHAT}(?: \w+)?{EQUALS}{RESULT}"),
        _product,
    ),
    Form(
        ("÷", "/", "divided by"),
        _form(rf"(?P<a>{NUMBER})(?: ?[÷/] ?| divided by )(?P<b>{NUMBER})(?: \w+)?{EQUALS}{RESULT}"),
        _quotient,
    ),
    Form(
        ("+", " plus "),
        _form(rf"(?P<terms>{NUMBER}(?:(?: ?\+ ?| plus ){NUMBER})+){OF_WHAT}{EQUALS}{RESULT}"),
        _sum,
    ),
    Form(
        (" - ", " − ", " – ", " minus ", " less "),
        _form(rf"(?P<a>{NUMBER})(?: [-−–] | minus | less )(?P<b>{NUMBER}){OF_WHAT}{EQUALS}{RESULT}"),
        _difference,
    ),
    Form(
        ("% of ", "percent of "),
        _form(
            rf"(?P<p>\d+(?:\.\d+)?)(?:%| percent) of (?:your |the |a |that |those |her |his |their )?(?P<a>{_MONEY})"
            rf"(?: (?!and\b|or\b|plus\b)[a-z]+){{0,3}}{EQUALS}{RESULT}"
        ),
        _share,
    ),
    Form(
        ("half of", "third of", "quarter of"),
        _form(rf"(?P<part>half|third|quarter) of (?P<a>{_MONEY}){EQUALS}{RESULT}"),
        _half,
    ),
    Form(
        ("for ", "over ", "times ", "across "),
        _form(
            rf"(?P<a>{_MONEY}) {PERIOD}{_PER}(?P<between>[^.!?\d$]{{0,30}}?)"
            rf" (?:for|over|times|across) (?P<n>{COUNT}) {_UNIT}{EQUALS}{RESULT}"
        ),
        _stream,
    ),
    Form(
        ("a year", "a month", "per year", "per month", "every year", "each year", "each month", "every month"),
        _form(rf"(?P<a>{_MONEY}) {PERIOD}{_PER}{EQUALS}{RESULT} {PERIOD}(?P<to>month|year)\b"),
        _yearly,
    ),
    Form(
        ("over ", "across "),
        _form(
            rf"(?P<a>{_MONEY}) (?:over|spread over|split over|across|divided over) (?P<b>{COUNT}) (?:months"
            rf"|years|weeks)"
            rf"{EQUALS}{RESULT} {PERIOD}(?:month|year|week)\b"
        ),
        _quotient,
    ),
)
