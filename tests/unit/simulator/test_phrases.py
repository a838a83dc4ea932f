"""The banks of phrases are well formed: people look at what is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from brightrun.simulator import (
    phrases_advisor,
    phrases_crisis,
    phrases_feelings,
    phrases_near_miss,
    phrases_openings,
    phrases_user,
)
from brightrun.simulator.phrase_bank import Bank
from brightrun.simulator.slots import concept_slots

MODULES = (phrases_advisor, phrases_crisis, phrases_feelings, phrases_near_miss, phrases_openings, phrases_user)
SLOTS = {
    **concept_slots("c", "soil tests"),
    **concept_slots("p", "watering rule"),
    "name": "Ada",
    "age": "44",
    "place": "Ames, Iowa",
    "work": "school nurse",
    "amount": "8 devices on the network",
    "figure": "8 devices on the network",
    "year": "2026",
    "fact": "highest amount of nitrogen, 1200 grams",
    "facts": "44, school nurse",
    "event": "My father has retired.",
    "reason": "I'm asking for my mother.",
    "belief": "coffee makes soil sour",
    "clause": "roots follow the moisture down",
    "help": "the lifeline (call or text 988)",
    "urgent": "911",
}
FLAWS = {
    "placeholder or markup": r"[{}\[\]|*_#`<>]",
    "doubled space": r"  ",
    "space before a mark": r"\s[.,;:?!]",
    "doubled mark": r"[.,;:?!][.,;:]|\?\?",
    "curly quote": "[\u2018\u2019\u201c\u201d\u2026\u2013\u2014]",
    "article": r"\ba [aeio]\w|\ban [bcdfgjklmnpqrstvwxyz]",
    "doubled word": r"\b(\w+) \1\b",
}
HARMLESS = re.compile(r"\ba one\b|\ba once\b|that that\b")


def banks(value: object) -> Iterator[Bank]:
    if isinstance(value, Bank):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from banks(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from banks(part)


def written_out() -> Iterator[str]:
    """Every frame with each of its choices at least once."""
    for module in MODULES:
        for value in vars(module).values():
            for bank in banks(value):
                for frame in bank.frames:
                    choices = [part if isinstance(part, tuple) else (part,) for part in frame.parts]
                    longest = max(map(len, choices))
                    small = len(list(product(*(range(len(c)) for c in choices)))) <= 500
                    rows = (
                        product(*choices) if small else ([c[i % len(c)] for c in choices] for i in range(longest * 7))
                    )
                    for row in rows:
                        yield "".join(row).format_map(SLOTS)


TEXTS = sorted(set(written_out()))


def test_there_are_many() -> None:
    assert len(TEXTS) > 5_000


@pytest.mark.parametrize("flaw", FLAWS)
def test_no_frame_has_a_flaw(flaw: str) -> None:
    found = [text for text in TEXTS if re.search(FLAWS[flaw], HARMLESS.sub("", text))]
    assert not found[:5]


def test_frames_begin_and_end_as_sentences_do() -> None:
    assert not [text for text in TEXTS if not re.match(r'[A-Z0-9"$]|I\b', text)][:5]
    assert not [text for text in TEXTS if not text.endswith((".", "?", "!", ":", '."'))][:5]


def test_phrases_are_of_no_field() -> None:
    subject = re.compile(
        r"\$|\bUSD\b|\b(?:money|dollars?|mortgages?|loans?|banks?|budgets?|tax(?:es)?|debts?|invest\w*|savings|"
        r"salary|income|insurance|bills?|988|911)\b",
        re.I,
    )
    neutral = SLOTS | {"help": "a crisis line where you live", "urgent": "your local emergency number"}
    written = (
        "".join(" ".join(part) if isinstance(part, tuple) else part for part in frame.parts).format_map(neutral)
        for module in MODULES
        for value in vars(module).values()
        for bank in banks(value)
        for frame in bank.frames
    )
    assert not [text for text in written if subject.search(text)][:5]


def test_an_advisor_never_uses_the_worn_phrases() -> None:
    worn = re.compile(
        "I hear you|completely understandable|total sense|not alone|okay to feel|thank you for sharing|great question|"
        "let's unpack|let's break|dive in|deep breath|takes courage|you've got this",
        re.I,
    )
    for module in (phrases_advisor, phrases_crisis):
        frames = [frame for value in vars(module).values() for bank in banks(value) for frame in bank.frames]
        choices = [" ".join(part) if isinstance(part, tuple) else part for frame in frames for part in frame.parts]
        assert not [text for text in choices if worn.search(text)]
