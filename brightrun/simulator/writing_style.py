"""How one person writes: how much, how carefully, how openly, and whether they object."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from brightrun.simulator.phrases_openings import opening_kind

_WORD = re.compile(r"\b[a-z]{5,}\b")
_FIRST_LETTER = re.compile(r"(?:\A|(?<=[.?!] ))[A-Z](?![A-Z])|\bI\b(?=['\s])")
_RUDE = re.compile(
    r"cunt|fuck|shit|bitch|whore|slut|twat|wank|piss|prick|dick|cock|tits|turd|anus|anal|arse|nigg|fag|dyke|spic|kike|coon|porn|rape|penis"
)
"""What no slip may turn a clean word into."""
_FAMILIAR = {"because": "becuase", "really": "realy", "their": "thier", "receive": "recieve"}


@dataclass(frozen=True, slots=True)
class WritingStyle:
    """Read off the plan's `Writing:` lines by the words in them."""

    pieces: int = 4
    """How many things a message says, about."""
    first_pieces: int = 4
    """The same for the first message."""
    typo_share: float = 0.0
    lower_case: bool = False
    vague: bool = False
    pushback: int = 0
    """How many messages object."""
    opening: str | None = None


def read_style(writing: Iterable[tuple[str, str]]) -> WritingStyle:
    """The style that the lines ask for; what they do not mention stays as people usually write."""
    pieces, first_pieces, typo_share, lower_case, vague, pushback, opening = 4, 4, 0.0, False, False, 0, None
    for axis, text in writing:
        lower = text.lower()
        if "length" in axis:
            first_pieces, pieces = _pieces(lower)
        elif "typo" in axis or "spelling" in axis:
            none = re.search(r"\b(?:no|none|without|clean|careful|correct)\b", lower)
            typo_share = (
                0.0 if none else 0.04 if re.search(r"many|frequent|heavy|often|several|hurry", lower) else 0.015
            )
            lower_case = bool(re.search(r"lower.?case|(?:no|without|hardly any) capital", lower))
        elif "vague" in axis:
            vague = bool(re.search(r"vague|hazy|rough|leaves out|unclear|holds back", lower))
        elif "push" in axis:
            none = re.search(r"\b(?:no|none|never|without|accepts?|goes along)\b", lower)
            pushback = 0 if none else 2 if re.search(r"twice|repeated|often|several|strong|every", lower) else 1
        elif "open" in axis:
            opening = opening_kind(text)
    return WritingStyle(pieces, first_pieces, typo_share, lower_case, vague, pushback, opening)


def _pieces(text: str) -> tuple[int, int]:
    """How much the first message says, and how much the others."""
    if re.search(r"winding|rambl|detailed|long paragraphs", text):
        return 6, 4
    if "otherwise" in text or "uneven" in text:
        return 6, 3
    if re.search(r"short|brief|one to (?:two|three)|terse", text):
        return 3, 3
    return (6, 6) if "long" in text else (4, 4)


def written(text: str, style: WritingStyle, rng: Random) -> str:
    """The text as this person types it."""
    if style.typo_share:
        text = _mistyped(text, int(len(text.split()) * style.typo_share + rng.random()), rng)
    if style.lower_case:
        text = _FIRST_LETTER.sub(lambda m: m.group().lower(), text)
    return text


def _mistyped(text: str, slips: int, rng: Random) -> str:
    """The text with so many of its longer words mistyped; names and figures are left alone."""
    for _ in range(slips):
        match = _WORD.search(text, int(rng.random() * len(text)))
        if match:
            text = text[: match.start()] + _slip(match.group(), rng) + text[match.end() :]
    return text


def _slip(word: str, rng: Random) -> str:
    if word in _FAMILIAR:
        return _FAMILIAR[word]
    at = 1 + int(rng.random() * (len(word) - 3))
    swapped = rng.random() < 0.5
    slipped = word[:at] + word[at + 1] + word[at] + word[at + 2 :] if swapped else word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:] if is_rude(slipped) and not is_rude(word) else slipped


def is_rude(word: str) -> bool:
    """Whether there is a swear word in it, as far as its letters say."""
    return _RUDE.search(word) is not None
