"""Whether users who say what they have put by say about what was planned (KF-04).

Only what is plainly their own and there now is compared: not what they want, move, get or had, and nobody else's.
Written for English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from brightrun.items import Item
from brightrun.quality.amounts import Amount, AmountKind, amounts_in
from brightrun.quality.candidate import Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail

HINTS = frozenset({"savings", "bank", "cash", "checking", "emergency", "retirement", "k", "b", "ira", "roth", "saved"})
CASH = (
    r"(?:(?:(?:my|our|a|the|one)(?: own| little| only)? )?(?:high[- ]yield )?(?:savings(?: account)?|emergency fund)"
    r"|(?:the|my) bank|checking and savings|cash)"
)
RETIREMENT = r"(?:(?:my|our|a|the) )?(?:401\(?k\)?s?|403\(?b\)?|iras?|roth(?: ira)?|retirement(?: accounts?| savings)?)"
AFTER = re.compile(
    r" (?:dollars |bucks )?(?:or so |altogether |total |just )?(?:(?:sitting|parked|lying|saved(?: up)?|put away) )?"
    rf"in (?:(?P<cash>{CASH})|(?P<retirement>{RETIREMENT}))\b"
)
"""After an amount."""
BEFORE = re.compile(
    rf"\b(?:my|our) (?:(?P<cash>savings(?: account)?|emergency fund)|(?P<retirement>{RETIREMENT}))"
    r"(?: account| balance)?(?: (?:is|are|has|have|holds?|stands?|sits?|shows?|comes? to|came to)"
    r"(?: at| now| about| around)*| of|:) ?\Z"
)
"""Before an amount."""
NOT_NOW_OR_NOT_THEIRS = re.compile(
    r"\b(?:if|when|once|want\w*|wish|would|could|should|goal|target|need\w*|until|till|by|before|aim|dream\w*|used to"
    r"|had|never|put\w*|mov\w+|transfer\w*|add\w*|took|take|pull\w*|withdr\w+|spent|spend\w*|parents?|mother|father|dad|mom"
    r"|husband|wife|spouse|partner|his|her|their|they|he|she|them|sister|brother|aunt|uncle|grand\w+|friends?|inherit\w*"
    r"|sold|sale|settlement|somebody|someone|people|everyone|average|supposed|ought|says?|said|kid\w*|son|daughter|year"
    r"|month\w*|week\w*|lost|gone|down|more|another|extra|less)\b"
)
ALL = re.compile(
    r"\b(?:all (?:i|we)(?:['’]ve)? (?:have|got|own)|all there is|only|nothing (?:else|but)|everything (?:i|we) have)\b"
)
LEAST_CLAIM = Decimal(100)
"""Smaller numbers are said for thousands."""
FAR_ABOVE, FAR_BELOW = Decimal("1.6"), Decimal("0.4")
"""How far what is said may be from all that the plan has in that place: people round, and leave out or count in."""


def savings(candidate: Candidate) -> Iterator[Finding]:
    """Users who say what they have saved say about what was planned."""
    item = candidate.item
    planned = {a.name: Decimal(str(a.number)) for a in item.identity.attributes if a.number}
    if candidate.item.identity.reason or not {"cash", "retirement_savings"} & set(planned):
        return
    besides = _told_in_plan(item)
    for question in candidate.read_questions:
        if HINTS.isdisjoint(question.words):
            continue
        amounts = candidate.amounts[question.number - 1]
        for number in sorted({question.sentence_at(amount.start) for amount in amounts}):
            start, end = question.sentences[number]
            sentence = question.lowered[start:end]
            for amount, place in _claims(sentence):
                own = planned.get(place)
                if own is None:
                    continue
                too_much = amount.value > FAR_ABOVE * (own + besides)
                too_little = bool(ALL.search(sentence)) and amount.value < FAR_BELOW * own
                if too_much or (too_little and place == "cash"):
                    quote = question.text[start:end].strip()
                    yield fail(CheckCode.OTHER_MONEY, question.number, f"{quote} instead of {own:,.0f} USD")


def _claims(sentence: str) -> Iterator[tuple[Amount, str]]:
    """Amounts that somebody says to have, and whether as cash or for retirement, by the attribute's name."""
    for amount in amounts_in(sentence):
        if amount.kind is AmountKind.PERCENT or amount.value < LEAST_CLAIM:
            continue
        match = AFTER.match(sentence, amount.end) or BEFORE.search(sentence, 0, amount.start)
        if match is not None and not NOT_NOW_OR_NOT_THEIRS.search(sentence, 0, max(match.end(), amount.end)):
            yield amount, "cash" if match["cash"] else "retirement_savings"


def _told_in_plan(item: Item) -> Decimal:
    """All money the plan speaks of elsewhere: it may lie in any account by now."""
    texts = [a.text for a in item.identity.attributes if a.number is None]
    texts += [text for text in (item.situation, item.life_event) if text]
    amounts = (amount for text in texts for amount in amounts_in(text))
    return sum((amount.value for amount in amounts if amount.kind is not AmountKind.PERCENT), Decimal(0))
