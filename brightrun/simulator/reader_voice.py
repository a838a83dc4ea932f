"""The simulated reader: what a user message shows, by the words that stand in it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brightrun.simulator.feeling_words import DIMINISHERS, INTENSIFIERS, LEXICON, NEGATIONS
from brightrun.simulator.grammar import straight
from brightrun.simulator.judged_text import JudgedText
from brightrun.simulator.phrases_feelings import FAMILIES, FAMILY_OF, HEAVY

_WORD = re.compile(r"[a-z0-9']+|[.!?\n]+")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
LEAST, MOST = 0.1, 0.95
NOTHING_SHOWN = ("neutral", 0.15)
BEFORE, FAR_BEFORE = 3, 5
"""Words before a phrase that may turn it, and that may weaken it."""
ELSEWHERE = frozenset(
    [
        "thought",
        "was",
        "were",
        "used",
        "he",
        "she",
        "they",
        "husband",
        "wife",
        "dad",
        "mom",
        "father",
        "mother",
        "brother",
        "sister",
        "boss",
        "partner",
        "him",
        "people",
        "friend",
        "granddad",
        "grandpa",
        "grandfather",
        "grandma",
        "grandmother",
        "aunt",
        "uncle",
    ]
)
"""Words before a phrase that put the feeling into the past, or into somebody else."""
QUOTED = re.compile(r"\"[^\"]{0,300}\"")
FIRST_SHARE, LAST_SHARE = 0.5, 1.0
"""How much the first and the last sentence of a message count: who writes ends where they are."""
BUT = frozenset(("but", "though", "although", "however", "except"))
TAKEN_BACK = 0.5
"""What is left of what a sentence says before its "but"."""
LONGEST_DENIABLE = 2
"""Words: longer turns of phrase mean what they say, whatever comes before them."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a text shows: an emotion, its intensity from 0 to 1, and whether it is hard to bear."""

    emotion: str
    intensity: float
    heavy: bool


def asks_for_reading(schema: Json) -> bool:
    return "readings" in schema.get("properties", {})


def reading_reply(schema: Json, text: JudgedText) -> Json:
    """A reading of every user message, in emotions that the schema allows."""
    item = schema["properties"]["readings"]["items"]["properties"]
    allowed = item.get("emotion", {}).get("enum") or []
    readings = []
    for message in text.messages:
        if message.role == "user":
            shown = shown_in(message.content)
            emotion = _allowed(shown, allowed)
            readings.append({"message": message.number, "emotion": emotion, "intensity": shown.intensity})
    return {"readings": readings}


def shown_in(text: str) -> Shown:
    """The feeling that most of the words show; neutral where none shows any."""
    weights = _weights(_WORD.findall(QUOTED.sub(" ", straight(text)).lower()))
    heavy = {emotion: weight for emotion, weight in weights.items() if FAMILY_OF.get(emotion) in HEAVY}
    light = {emotion: weight for emotion, weight in weights.items() if emotion not in heavy}
    net = sum(heavy.values()) - 0.7 * sum(light.values())
    side = heavy if net > 0 else light
    if not side:
        return Shown(*NOTHING_SHOWN, heavy=False)
    emotion = max(side, key=lambda name: (side[name], name))
    loudness = 0.08 * min(3, text.count("!")) + 0.08 * min(2, len(_SHOUTED.findall(text)))
    intensity = 0.35 + 0.33 * min(1.0, abs(net)) + 0.14 * max(0.0, abs(net) - 1) + (loudness if side is heavy else 0.0)
    return Shown(emotion, round(min(MOST, max(LEAST, intensity)), 2), side is heavy)


def _weights(words: Sequence[str]) -> dict[str, float]:
    """How much of each emotion the words show, sentence by sentence."""
    found: dict[str, float] = {}
    sentence: dict[str, float] = {}
    said, begin, free_from, last = tuple(words), 0, 0, max(1, len(words) - 1)
    for at, word in enumerate(said):
        entries = LEXICON.get(word)
        if entries is None:
            if word[0] in ".!?\n":
                _add(sentence, found, FIRST_SHARE + (LAST_SHARE - FIRST_SHARE) * at / last)
                begin = at + 1
            elif word in BUT:
                sentence = {emotion: TAKEN_BACK * weight for emotion, weight in sentence.items()}
        elif at >= free_from:
            for phrase, emotion, weight in entries:
                if said[at : at + len(phrase)] == phrase:
                    strength = _strength(
                        said[max(begin, at - FAR_BEFORE) : at], deniable=len(phrase) <= LONGEST_DENIABLE
                    )
                    if weight * strength:
                        sentence[emotion] = sentence.get(emotion, 0.0) + weight * strength
                    free_from = at + len(phrase)
                    break
    _add(sentence, found, LAST_SHARE)
    return found


def _add(sentence: dict[str, float], found: dict[str, float], share: float) -> None:
    """What a sentence shows, to what was found; the next one begins with nothing."""
    for emotion, weight in sentence.items():
        found[emotion] = found.get(emotion, 0.0) + share * weight
    sentence.clear()


def _strength(before: Sequence[str], *, deniable: bool) -> float:
    """What the words before a phrase make of it: nothing where they deny it."""
    near = before[-BEFORE:]
    if deniable and not NEGATIONS.isdisjoint(near):
        return 0.0
    weakened = 1.0 if DIMINISHERS.isdisjoint(before) and ELSEWHERE.isdisjoint(before) else 0.4
    return weakened * (1.2 if not INTENSIFIERS.isdisjoint(near) else 1.0)


def _allowed(shown: Shown, allowed: Sequence[str]) -> str:
    """The emotion, or the nearest that may be named: of its family, then of its side."""
    if not allowed or shown.emotion in allowed:
        return shown.emotion
    kin = FAMILIES.get(FAMILY_OF.get(shown.emotion, ""), ())
    side = [emotion for emotion in allowed if (FAMILY_OF.get(emotion) in HEAVY) is shown.heavy]
    return next((emotion for emotion in kin if emotion in allowed), side[0] if side else allowed[0])
