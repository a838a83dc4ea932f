"""The forms in which calculations are written that can be done again, and how each is done.

Only forms that say plainly what is calculated from what: a wrong result of these is a mistake, no manner of speaking.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from brightrun.quality.amounts import Amount, amounts_in
from brightrun.quality.hints import Hints

NUMBER = r"\$? ?\d[\d,]*(?:\.\d+)?(?:k\b| thousand\b| million\b)?"
MONEY = r"\$ ?\d[\d,]*(?:\.\d+)?(?:k\b| thousand\b| million\b)?"
PERCENT = r"\d+(?:\.\d+)? ?(?:%|percent\b)"
SHARE = r" ?(?:%|percent\b)"
SHARED = re.compile(SHARE, re.IGNORECASE)
HEDGE = (
    r"(?:(?:about|around|roughly|nearly|almost|approximately|just under|just over|a (?:little|bit) (?:over"
    r"|under|more than|less than)"
    r"|over|under|some|close to|not quite|only|exactly|~) ?)?"
)
EQUALS = (
    r"(?:\s*=\s*|,? (?:is|are|makes|make|comes to|come to|comes out to|comes out at|equals|gives you|gives"
    r"|adds up to|add up to"
    r"|works out to|works out at|totals|total|leaves you with|leaves you|leaves|amounts to|amount to|means"
    r"|that['’]s|that is)(?: you)? )"
)
RESULT = rf"(?P<hedge>{HEDGE})(?P<result>{NUMBER})(?![\d%]|\.\d|,\d| ?(?:percent|%)| ?[-–+*x×/] ?\$?\d)"
PER = r"(?:a|an|per|each|every|over (?:a|the|one)|in (?:a|the|one)|for (?:a|the)) "
PER_YEAR = {
    "day": Decimal(365),
    "week": Decimal(52),
    "paycheck": Decimal(26),
    "check": Decimal(26),
    "month": Decimal(12),
}
PER_YEAR |= {"quarter": Decimal(4), "year": Decimal(1)}
UNIT = "day|week|paycheck|check|month|quarter|year"
GROWS = re.compile(
    r"\b(?:interest|return|growth|grow\w*|invest\w*|compound\w*|earn\w*|yield|match\w*|plus|before|after"
    r"|tax\w*|net|fees?|inflation"
    r"|employer|withh\w+|costs?)\b|%"
)
"""Where these stand beside a stream of payments, more than multiplication goes on."""
TAXED = re.compile(r"^[^.!?\n$]{0,24}\b(?:tax\w*|after|net|interest|left over|with)\b")


def amount_of(text: str) -> Amount | None:
    """The first amount of a text."""
    return next(amounts_in(text.strip()), None)


def _value(text: str) -> Decimal:
    amount = amount_of(text)
    return amount.value if amount else Decimal(1)  # "a" year is one


def _product(match: re.Match[str]) -> Decimal | None:
    shares = sum(match[part] is not None for part in ("a_share", "b_share"))
    return _value(match["a"]) * _value(match["b"]) / Decimal(100) ** shares


def _payments(match: re.Match[str]) -> Decimal | None:
    """So many payments of an amount, of which nothing else is said."""
    if TAXED.search(match.string[match.end() : match.end() + 30].lower()) or _follows_more(match):
        return None
    return _value(match["a"]) * _value(match["b"])


def _quotient(match: re.Match[str]) -> Decimal | None:
    if SHARED.search(match[0]):
        return None
    divisor = _value(match["b"])
    return _value(match["a"]) / divisor if divisor else None


def _sum(match: re.Match[str]) -> Decimal | None:
    if SHARED.search(match[0]):
        return None
    return sum((amount.value for amount in amounts_in(match["terms"])), Decimal(0))


def _difference(match: re.Match[str]) -> Decimal | None:
    return _value(match["a"]) - _value(match["b"])


def _change(match: re.Match[str]) -> Decimal | None:
    return abs(_value(match["a"]) - _value(match["b"]))


def _share(match: re.Match[str]) -> Decimal | None:
    if TAXED.search(match.string[match.end() : match.end() + 30].lower().replace("interest", "")):
        return None
    return _value(match["p"]) * _value(match["a"]) / 100


def _half(match: re.Match[str]) -> Decimal | None:
    return _value(match["a"]) / {"half": 2, "third": 3, "quarter": 4}[match["part"].lower()]


def _stream(match: re.Match[str]) -> Decimal | None:
    if GROWS.search(match["between"].lower()) or GROWS.search(match.string[match.end() : match.end() + 30].lower()):
        return None
    times = _value(match["n"]) * PER_YEAR[match["per"].lower()] / PER_YEAR[match["unit"].lower()]
    return _value(match["a"]) * times


def _yearly(match: re.Match[str]) -> Decimal | None:
    per, to = match["per"].lower(), match["to"].lower()
    if per == to or TAXED.search(match.string[match.end() : match.end() + 24].lower()):
        return None
    return _value(match["a"]) * PER_YEAR[per] / PER_YEAR[to]


def _saving_time(match: re.Match[str]) -> Decimal | None:
    """The months that saving takes, rounded up; none where the text may mean them so."""
    monthly, wanted, said = _value(match["a"]), _value(match["b"]), _value(match["result"])
    if not monthly or _follows_more(match):
        return None
    exact = wanted / monthly * (PER_YEAR[match["unit"].lower()] / PER_YEAR[match["per"].lower()])
    return said if abs(exact - said) <= max(Decimal(1), exact / 10) else exact


def _shortest_time(match: re.Match[str]) -> Decimal | None:
    """The months that paying takes without interest: with it they are more, and never fewer."""
    monthly, owed, said = _value(match["a"]), _value(match["b"]), _value(match["result"])
    if not monthly:
        return None
    per = (match["per"] or "month").lower()
    exact = owed / monthly * (PER_YEAR[match["unit"].lower()] / PER_YEAR[per])
    return exact if said < exact - max(Decimal(1), exact / 10) else said


def _follows_more(match: re.Match[str]) -> bool:
    """Whether an amount or a percentage right before takes part as well."""
    return (
        re.search(
            r"(?:plus|and|with|on top of|%|percent)[^.!?]{0,12}$",
            match.string[max(0, match.start() - 24) : match.start()],
        )
        is not None
    )


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,$%+*×/-])(?<![+*×/x–-] ){pattern}", re.IGNORECASE)


def _named(part: str, name: str) -> str:
    return rf"(?P<{name}>{part})"


A, B = _named(MONEY, "a"), _named(MONEY, "b")
P = r"(?P<p>\d+(?:\.\d+)?)(?: ?%| percent)"
_UNIT, _PER, _TO = rf"(?P<unit>{UNIT})s?", rf"(?P<per>{UNIT})", r"(?P<to>month|year)\b"
OWNED = r"(?:your |the |a |that |those |her |his |their |this |these )?"
PAID_OFF = (
    r"(?:(?!plus\b|with\b|after\b|and\b|half\b)[a-z'’]+ ){0,5}?"
    r"(?:gone|paid(?: off)?|done|through(?: it)?|finished|cleared?|debt-free|over)"
)
WORDS_BETWEEN = r"(?: (?!and\b|or\b|plus\b|minus\b|less\b|of\b|from\b|after\b|before\b)[a-z'’-]+){0,4}"


@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing a calculation: one of the hints stands in it, and `calculate` does it again."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    calculate: Callable[[re.Match[str]], Decimal | None]
    any_period: bool = False
    """Whether the result may be for another stretch of time than the amounts: "3% of $69,500 is $174 a month"."""


FORMS = (
    Form(
        ("x ", "×", "*", " times "),
        _form(
            rf"(?P<a>{NUMBER})(?P<a_share>{SHARE})?(?: ?[x×*] ?| times )(?P<b>{NUMBER})(?P<b_share>{SHARE})?"
            rf"(?: (?:dollars|bucks))?(?: \w+)?{EQUALS}{RESULT}"
        ),
        _product,
        any_period=True,
    ),
    Form(
        ("÷", "/", "divided by"),
        _form(rf"(?P<a>{NUMBER})(?: ?[÷/] ?| divided by )(?P<b>{NUMBER})(?: \w+)?{EQUALS}{RESULT}"),
        _quotient,
    ),
    Form(
        ("+", " plus "),
        _form(
            rf"(?P<terms>{NUMBER}(?:{WORDS_BETWEEN}(?: ?\+ ?| plus )(?:the |a |another |your )?(?:[a-z]+ (?:at "
            rf"|of )?)?{NUMBER})+)"
            rf"(?: (?:dollars|bucks))?{WORDS_BETWEEN}{EQUALS}{RESULT}"
        ),
        _sum,
        any_period=True,
    ),
    Form(
        ("together", "add up", "adds up", "in total", "altogether", "total"),
        _form(
            rf"(?P<terms>{MONEY}(?:{WORDS_BETWEEN}(?:,? and |, | plus ){OWNED}(?:[a-z]+ (?:at "
            rf"|of )?)?{MONEY})+){WORDS_BETWEEN}"
            rf"(?: together| in total| altogether| in all)?,? (?:make|makes|is|are|add up to|adds up to|come to"
            rf"|comes to|total|totals) "
            rf"(?:together |a total of )?{RESULT}"
        ),
        _sum,
        any_period=True,
    ),
    Form(
        (" - ", " − ", " – ", " minus ", " less "),
        _form(
            rf"(?P<a>{NUMBER})(?: [-−–] | minus | less )(?:the )?(?P<b>{NUMBER})(?: (?:dollars|bucks))?{EQUALS}{RESULT}"
        ),
        _difference,
        any_period=True,
    ),
    Form(
        ("left of", "of the", "of your"),
        _form(
            rf"after (?:paying )?(?:the |that |your )?{_named(MONEY, 'b')},? (?:you['’]d have|you have"
            rf"|you['’]d still have|there['’]s|there is|that leaves)"
            rf" {RESULT}(?: left)?(?: out)? of (?:the |your ){A}"
        ),
        _difference,
        any_period=True,
    ),
    Form(
        ("from $",),
        _form(
            rf"from {A}(?: down| up)? to {B} (?:saves you|saves|is|means|costs you|adds) {RESULT}(?: (?:less|more))?"
        ),
        _change,
    ),
    Form(
        ("out of $", "take $", "taking $"),
        _form(rf"{_named(MONEY, 'b')} out of (?:the |your )?{A} leaves (?:you )?(?:with )?{RESULT}"),
        _difference,
        any_period=True,
    ),
    Form(
        ("% of ", "percent of ", "% on ", "percent on "),
        _form(
            rf"{P}(?: (?:of|on)|(?: (?:interest|fee|load|charge|commission|match|discount)){{1,2}} (?:of"
            rf"|on)) {OWNED}{A}{WORDS_BETWEEN}"
            rf"(?:{EQUALS}| costs(?: you)? | brings(?: you)? ){RESULT}"
        ),
        _share,
        any_period=True,
    ),
    Form(
        ("at ",),
        _form(
            rf"at {P}(?: interest| a year)?,? {OWNED}{A} (?:costs|costs you|earns|earns you|brings|brings you"
            rf"|pays|pays you|is|makes)"
            rf" {RESULT}(?= (?:a|per|each|every|in) (?:year|month|interest|fees))"
        ),
        _share,
        any_period=True,
    ),
    Form(
        ("on $", "interest on"),
        _form(
            rf"(?:the )?(?:interest |fee )?on {OWNED}{A}(?: at|,) {P}(?: a year| interest)? (?:is|are|makes"
            rf"|costs|comes to) {RESULT}"
            rf"(?= (?:a|per|each|every|in) (?:year|month|interest|fees))"
        ),
        _share,
        any_period=True,
    ),
    Form(
        ("half of", "third of", "quarter of"),
        _form(rf"(?P<part>half|third|quarter) of (?:the |your |that )?{A}{EQUALS}{RESULT}"),
        _half,
    ),
    Form(
        ("for ", "over ", "times ", "across "),
        _form(
            rf"{A} (?:a|an|per|each|every) {_PER}(?P<between>[^.!?\d$]{{0,30}}?)"
            rf" (?:for|over|times|across) (?P<n>\d[\d,]*(?:\.\d+)?|a) {_UNIT}{EQUALS}{RESULT}"
        ),
        _stream,
    ),
    Form(
        (
            "a year",
            "a month",
            "per year",
            "per month",
            "every year",
            "each year",
            "each month",
            "every month",
            "a week",
        ),
        _form(rf"{A} (?:a|an|per|each|every) {_PER}{EQUALS}{RESULT},? {PER}{_TO}"),
        _yearly,
    ),
    Form(
        (
            "payments of",
            "checks of",
            "months of",
            "years of",
            "weeks of",
            "months at",
            "years at",
            "weeks at",
            "paychecks of",
        ),
        _form(
            rf"(?P<b>\d+) (?:pay)?(?:checks?|payments?|months?|years?|weeks?|installments?) (?:of"
            rf"|at) {A}(?: each)?{EQUALS}{RESULT}"
        ),
        _payments,
    ),
    Form(
        ("put away", "set aside", "save", "saving", "putting"),
        _form(
            rf"(?:put away|set aside|save|saving|setting aside|putting away) {A} (?:a|per|each"
            rf"|every) {_PER},? (?:and )?"
            rf"(?:you['’]?(?:ll|d)? (?:have|get|reach)|gets you|reaches|makes) (?:to )?(?:the |your )?{B} (?:in|after) "
            rf"(?P<hedge>{HEDGE})(?P<result>\d+) {_UNIT}"
        ),
        _saving_time,
    ),
    Form(
        (" at $", "a month"),
        _form(
            rf"{B}(?: [a-z]+)? at {A} (?:a|per|each|every) {_PER},? (?:takes|is gone in|is paid (?:off )?in"
            rf"|is done in|will take|lasts)"
            rf" (?P<hedge>{HEDGE})(?P<result>\d+) {_UNIT}"
        ),
        _shortest_time,
    ),
    Form(
        (" at $", " at the same $", " at that $"),
        _form(
            rf"{B}(?: (?!less\b|minus\b)[a-z]+){{0,4}},? (?:and |so )?at (?:the same |that )?{A}"
            rf"(?: (?:a|per|each|every) {_PER})?,? {PAID_OFF} in (?P<hedge>{HEDGE})(?P<result>\d+) {_UNIT}"
        ),
        _shortest_time,
    ),
    Form(
        ("at $", "with $", "paying $", "pay $"),
        _form(
            rf"(?:at|with|paying|pay) {A} (?:a|per|each|every) {_PER},? {OWNED}{B} {PAID_OFF} in (?P<hedge>{HEDGE})"
            rf"(?P<result>\d+) {_UNIT}"
        ),
        _shortest_time,
    ),
    Form(
        ("over ", "across ", "split", "divided"),
        _form(
            rf"{A} (?:over|spread over|split over|across|divided over|divided by|split by|divided among"
            rf"|split among|split between)"
            rf" (?P<b>\d+|a)(?: (?:months|years|weeks|people|ways|equal parts))?{EQUALS}{RESULT} (?:(?:a|per"
            rf"|each|every) (?:month|year|week)"
            r"|each|apiece)\b"
        ),
        _quotient,
    ),
)
HINTS = Hints(hint for form in FORMS for hint in form.hints)
FORMS_WITH = [tuple(number for number, form in enumerate(FORMS) if part in form.hints) for part in HINTS.parts]
"""The numbers of the forms that each hint may stand in."""
