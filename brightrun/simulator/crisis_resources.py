"""Where an arc says that help is reached. Lines and numbers differ by country: only the request knows them."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

UNNAMED_HELP = "a crisis line where you live"
UNNAMED_URGENT = "your local emergency number"
_MENTION = re.compile(r"\b(?:suicid\w+|(?:life|help|hot|crisis |text )line)\b", re.I)
_NAMED_LINE = re.compile(
    r"\b((?:(?:[A-Z0-9][\w'-]*|&|of|and) ){0,6}(?:Lifeline|Helpline|Hotline|Samaritans)|"
    r"[A-Z0-9][\w'-]* (?:(?:[A-Z0-9][\w'-]*|&|of|and) ){0,5}Line)\b"
)
_NO_PART_OF_A_NAME = re.compile(r"^(?:(?:The|A|An|Call|Or|of|and|&) )+")
_NUMBER = re.compile(
    r"(?<![\w.,:/-])\+?\d(?:[ -]?\d)+(?![\w/%]|[.:,]\d| (?:hours?|minutes?|days?|weeks?|years?|words)\b)"
)
_KEYWORD = re.compile(
    r"\b(?:(?P<urgent>emergenc(?:y|ies)(?: (?:line|number|call|services?|room))?|danger|(?:cannot|can't) wait|"
    r"act on it)"
    r"|calls?|calling|texts?|texting|dial|(?:life|help|hot)?line)\b",
    re.I,
)
_CLAUSE = re.compile(r"[.;]\s|\n")


@lru_cache(maxsize=256)
def mentions_of_help(arc: str) -> int:
    return len(_MENTION.findall(arc))


@lru_cache(maxsize=256)
def crisis_resources(arc: str) -> tuple[str, str]:
    """Help as a noun phrase ("the Samaritans (call 116 123)"), and whom to call when it cannot wait."""
    votes = _votes(arc)
    lines = [number for number, vote in votes.items() if vote > 0]
    emergency = [number for number, vote in votes.items() if vote < 0]
    names = [_NO_PART_OF_A_NAME.sub("", match.group(1)) for match in _NAMED_LINE.finditer(arc)]
    named = f"the {max(names, key=len)}" if names else "the crisis line"
    if lines:
        number = max(lines, key=lambda line: votes[line])
        help_phrase = f"{named} ({_ways(arc, number)} {number})"
    else:
        help_phrase = named if names else UNNAMED_HELP
    return help_phrase, min(emergency, key=lambda line: votes[line]) if emergency else UNNAMED_URGENT


def _votes(arc: str) -> Counter[str]:
    """By number, how often the nearest keyword of its clause speaks of a line, less how often of an emergency."""
    votes: Counter[str] = Counter()
    for clause in _CLAUSE.split(arc):
        keywords = list(_KEYWORD.finditer(clause))
        for number in _NUMBER.finditer(clause) if keywords else ():
            nearest = min(keywords, key=lambda word: max(word.start() - number.end(), number.start() - word.end()))
            votes[number.group()] += -1 if nearest.group("urgent") else 1
    return votes


def _ways(arc: str, number: str) -> str:
    """`call or text`, by what the arc says next to the number."""
    clauses = " ".join(clause for clause in _CLAUSE.split(arc) if number in clause)
    return " or ".join(way for way in ("call", "text") if re.search(rf"\b{way}", clauses, re.I)) or "call"
