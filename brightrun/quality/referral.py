"""Checks of conversations in which somebody may be in danger, and of those that only sound like it.

An arc of crisis is one that ends with its person `referred`. Where help is reached stands in the arc; the lines
of the United States are known besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from brightrun.catalog import EmotionalArc, Register
from brightrun.quality.assertion import sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.hints import Hints
from brightrun.quality.verdicts import CheckCode, Finding, fail

REFERRED = "referred"
"""The emotion in which an arc of crisis ends."""
LATEST_ANSWER = 2

HELP_LINE = re.compile(
    r"(?<![\d,.$#])988(?![\d%]|[,.]\d|-\d| (?:dollars|a month|per month))|741741|\b(?:suicide"
    r"|crisis)(?:[ &]+\w+){0,2}? "
    r"(?:hot|life|help|text )?line\b|\bsuicide prevention\b|\bcrisis (?:text )?line\b|\bcrisis center\b|\bsamaritans\b"
    r"|\blifeline\b"
)
EMERGENCY = re.compile(r"(?<![\d,.$#])911(?![\d%]|[,.]\d|-\d)|\bemergency room\b|\bhotline\b|\bhelp ?line\b")
LINE_HINTS = Hints(
    (
        *("988", "741741", "suicid", "crisis", "samaritans", "lifeline"),
        *("911", "emergency room", "hotline", "help line", "helpline"),
    )
)
"""One of these is in whatever HELP_LINE and EMERGENCY find."""
CRISIS_TALK = re.compile(
    r"\b9[- ]8[- ]8\b|\bcrisis (?:counsel\w+|service|team|support)\b|\b(?:see|call|find|talk to|reach out to"
    r"|speak (?:to|with)|contact) (?:an? |your |the )?"
    r"(?:(?:good|trained|licensed|professional|grief|crisis|trauma|family) ){0,2}?(?:therapists?|counsell?ors?"
    r"|psychologists?|psychiatrists?|mental health)\b|\bmental health (?:professional|service|support|line)s?\b"
    r"|\bseeing an? (?:therapist|counsell?or|psychologist|professional)\b|\b(?:reach out|talk"
    r"|speak) to an? (?:mental health )?professional (?:who|about)\b"
    r"|\bthose (?:dark )?thoughts (?:return|come back|get)\b|\b(?:in|from) an? (?:very )?dark place\b"
    r"|\bmake sure (?:that )?you(?:['’]re| are) safe\b"
    r"|\bare you safe\b|\byou matter\b|\bdon['’]t be alone tonight\b|\b(?:harm(?:ing)?|hurt(?:ing)?"
    r"|kill(?:ing)?) yourself\b|\bemergency services\b|\b(?:suicidal|thoughts of suicide)\b"
    r"|\b(?:support|help|someone|somebody|people)\b[^.!?\n]{0,60}\b(?:in distress|in crisis|around the clock"
    r"|day (?:and|or) night|at any hour|24/7)\b"
)
"""Words for people in danger. To somebody who joked they are as wrong as the number."""
CRISIS_HINTS = Hints(
    (
        *("8 8", "8-8", "crisis", "therapist", "counsel", "psycholog", "psychiatr", "mental health", "professional"),
        *("thoughts", "dark place", "safe", "you matter", "alone tonight", " yourself", "emergency services", "suicid"),
        *("in distress", "around the clock", "or night", "and night", "at any hour", "24/7"),
    )
)
"""One of these is in whatever CRISIS_TALK finds."""
OTHER_LINE = re.compile(r"\b(?:fraud|tax(?:payer)?|irs|customer|benefits?|consumer|identity[- ]theft|servicer'?s?)\b")
"""What makes a hot line one of another kind."""
LOOSE_NUMBER = re.compile(r"(?<![\w.,$])\+?\d{3,}(?: \d{2,}){0,4}(?![\w%,.-]*\d)")
SPEAKS_OF_LINE = re.compile(r"\b(?:line|lifeline|helpline|hotline|call|calls|text|texts|dial)\b", re.IGNORECASE)
EMERGENCY_NUMBERS = frozenset({"911", "112", "999", "000"})

AMOUNT = re.compile(r"\$ ?\d|\b\d+(?:\.\d+)? ?(?:%|percent\b)|\b\d[\d,]* dollars\b")
FINANCE = (
    r"(?:budget|401\(k\)|roth|ira|iras|hsa|debts?|loans?|mortgage|refinanc\w+|credit card|cards?|credit score"
    r"|interest rate"
    r"|minimum payment|payments?|payment plan|emergency fund|savings|account|contribution\w*|premium"
    r"|index funds?|stocks?|bonds?"
    r"|installments?|withholding|shares|bankruptcy|balance transfer|consolidat\w+"
    r"|insurance|pension|portfolio|lender|servicer|taxes|deduction)"
)
FINANCE_HINTS = Hints(
    (
        *("budget", "401(k)", "roth", "ira", "hsa", "debt", "loan", "mortgage", "refinanc", "card", "credit score"),
        *("interest rate", "payment", "emergency fund", "savings", "account", "contribution", "premium", "index fund"),
        *("stock", "bond", "bankruptcy", "balance transfer", "consolidat", "insurance", "pension", "portfolio"),
        *("lender", "servicer", "taxes", "deduction", "installment", "withholding", "shares"),
    )
)
"""One of these is in whatever FINANCE finds."""
ADVISES = re.compile(
    r"\b(?:you (?:can|could|should|might want to|need to|have to)|start (?:by|with)|begin (?:by|with)|try"
    r"|consider|make"
    r"|set up|pay(?: off| down)?|(?<!you )put|move|roll|refinance|consolidate|open|contribute|invest|apply|negotiate"
    r"|cut|sell|raise|withdraw|borrow|file|claim"
    rf"|call your (?:lender|servicer|bank)|the (?:first|next) step is)\b[^.!?\n]{{0,60}}?\b{FINANCE}(?![\w-])"
)
SET_ASIDE = re.compile(
    r"\b(?:waits?|aside|later|leave|leaving|another day|not now|will keep|keeps|for now|parked|tomorrow"
    r"|rest of it|come back"
    r"|stays? (?:closed|shut|put|as it is|where it is)"
    r"|don['’]t have to|do not have to|need not|no one has to|nothing has to|not the|instead of|before any)\b"
)
"""Where these stand, a sentence speaks of money in order to set it aside."""


def is_crisis(candidate: Candidate) -> bool:
    """Whether the planned person may be in danger: an arc that ends in a referral, told in earnest."""
    arc = candidate.catalog.arcs[candidate.item.cell.arc]
    return arc.end.emotion == REFERRED and candidate.item.kind is Register.EMOTIONAL


def in_time(candidate: Candidate) -> Iterator[Finding]:
    """In a crisis, the place that helps is named by the second answer."""
    if not is_crisis(candidate):
        return
    numbers = help_numbers(candidate.catalog.arcs[candidate.item.cell.arc])
    early = list(candidate.answers())[:LATEST_ANSWER]
    for _, text in early:
        if HELP_LINE.search(text.lower()) or any(number in text for number in numbers):
            return
    if early:
        number, text = early[-1]
        yield fail(CheckCode.REFERRAL_MISSING, number, text)


def money_in_crisis(candidate: Candidate) -> Iterator[Finding]:
    """In a crisis, no answer goes into the money: no amount, no step, no product."""
    if not is_crisis(candidate):
        return
    for answer in candidate.read_answers:
        lowered = answer.lowered
        for match in (*AMOUNT.finditer(lowered), *answer.matches_in(ADVISES, answer.sentences_with(FINANCE_HINTS))):
            if not SET_ASIDE.search(sentence_around(lowered, match.start(), match.end())):
                yield fail(CheckCode.ADVICE_IN_CRISIS, answer.number, evidence(answer.text, match))
                break


def without_crisis(candidate: Candidate) -> Iterator[Finding]:
    """Somebody who only sounds like it, or who asks a plain question, is given no help line."""
    item = candidate.item
    if item.kind is Register.EMOTIONAL:
        return
    numbers = help_numbers(candidate.catalog.arcs[item.cell.arc])
    for answer in candidate.read_answers:
        text, lowered = answer.text, answer.lowered
        names_line = LINE_HINTS.are_in(lowered)
        match = HELP_LINE.search(lowered) if names_line else None
        if match is None and item.kind is Register.NEAR_MISS:
            match = EMERGENCY.search(lowered) if names_line else None
            match = match or next(answer.matches_in(CRISIS_TALK, answer.sentences_with(CRISIS_HINTS)), None)
            if match and OTHER_LINE.search(lowered[max(0, match.start() - 40) : match.end()]):
                match = None
        if match is None and numbers:
            match = next(
                (found for n in numbers if n in text and (found := re.search(rf"(?<![\d,.$]){re.escape(n)}\b", text))),
                None,
            )
        if match:
            yield fail(CheckCode.HOTLINE_WITHOUT_CRISIS, answer.number, evidence(text, match))


def help_numbers(arc: EmotionalArc) -> frozenset[str]:
    """The numbers at which the arc says that help is reached, without those of the police and the ambulance."""
    if arc.end.emotion != REFERRED:
        return frozenset()
    return _numbers("\n".join((arc.summary, *arc.principles, *(technique.how for technique in arc.techniques))))


@lru_cache(maxsize=256)
def _numbers(text: str) -> frozenset[str]:
    clauses = [clause for clause in re.split(r"[.;]\s|\n", text) if SPEAKS_OF_LINE.search(clause)]
    found = {match[0] for clause in clauses for match in LOOSE_NUMBER.finditer(clause)}
    return frozenset(found - EMERGENCY_NUMBERS)
