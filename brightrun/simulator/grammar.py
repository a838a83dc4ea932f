"""Putting pieces of other people's text into sentences without breaking them."""

from __future__ import annotations

import re
from functools import lru_cache

_COMMON_WORDS = """
a an the this that these those it its they their there each every most many some one what when where which who
how if in on at by for from with without both neither either all no not you your least time share age limit
annual maximum minimum total average standard additional lowest highest yearly monthly rate amount number early
start put begin keep growth my we our as because since only even people reading awareness full
"""
_SAFE_FIRST_WORDS = frozenset(_COMMON_WORDS.split())
_BREAKS = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(0-9])")
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_WORD = re.compile(r"[A-Za-z']+")


def squeeze(text: str) -> str:
    """One line, single spaces, straight quotes."""
    return " ".join(straight(text).split())


def straight(text: str) -> str:
    """The text with straight quotes."""
    return text if text.isascii() else text.translate(_STRAIGHT)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """A sentence of its own: capital first, one mark at the end."""
    text = squeeze(text)
    if not text:
        return ""
    text = capitalised(text)
    return text if text[-1] in ".!?" or text[-2:] in ('."', '!"', '?"') else text.rstrip(",;:") + "."


def lowered(text: str) -> str:
    """The text for the middle of a sentence: its capital goes only where that is surely not a name's."""
    first = _WORD.match(text)
    if first and first.group().lower() in _SAFE_FIRST_WORDS:
        return text[0].lower() + text[1:]
    return text


def clause(text: str) -> str:
    """The text without its final mark."""
    return squeeze(text).rstrip(".!?;,: ")


def sentences(text: str) -> list[str]:
    return [part.strip() for part in _BREAKS.split(squeeze(text)) if part.strip()]


def listed(items: list[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def words(text: str) -> int:
    return len(text.split())


_FIRST_PERSON = (
    (re.compile(r"\b(?:they|the (?:client|user|person)) (?:are|is)\b", re.I), "I am"),
    (re.compile(r"\b(?:they|the (?:client|user|person)) (?:were|was)\b", re.I), "I was"),
    (re.compile(r"\b(?:they|the (?:client|user|person)) (?:have|has)\b", re.I), "I have"),
    (re.compile(r"\bthemsel(?:f|ves)\b", re.I), "myself"),
    (re.compile(r"\bthey\b", re.I), "I"),
    (re.compile(r"\bthem\b", re.I), "me"),
    (re.compile(r"\b(?:the|their) (partner|employer|spouse)\b"), r"my \1"),
    (re.compile(r"\btheir\b"), "my"),
    (re.compile(r"\bTheir\b"), "My"),
)
_SUBJECTLESS = re.compile(r"(is|has|was|had|just|lost|got|became|moved|started|took|found|turned)\b", re.I)
_FOR_I = {"is": "am", "has": "have"}


@lru_cache(maxsize=1024)
def first_person(text: str) -> str:
    """What a plan says of somebody ("their father has retired"), as that person would say it."""
    text = squeeze(text)
    for pattern, replacement in _FIRST_PERSON:
        text = pattern.sub(replacement, text)
    match = _SUBJECTLESS.match(text)
    if match:
        verb = match.group(1).lower()
        text = f"I {_FOR_I.get(verb, verb)}{text[match.end() :]}"
    return sentence(text)
