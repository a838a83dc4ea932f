"""Parts of a text that are sought in one pass, and what is looked for around them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from brightrun.quality.hints import Hints
from brightrun.quality.read_message import ReadMessage

PARTS = ("sure", "sure thing", "a", "é", "$x")
TEXTS = st.lists(st.sampled_from([*PARTS, " ", ". ", "b", "“", "\n", "treasure"]), max_size=20).map("".join)


@given(TEXTS)
def test_every_place_of_every_part_is_found(text: str) -> None:
    hints = Hints(PARTS)
    found = {(hints.parts[number], start, end) for number, start, end in hints.places(text)}
    expected = {
        (part, m.start(), m.start() + len(part)) for part in PARTS for m in re.finditer(f"(?={re.escape(part)})", text)
    }
    assert found == expected
    assert hints.are_in(text) == bool(expected)


@given(TEXTS)
def test_looking_in_the_sentences_of_a_hint_finds_what_looking_everywhere_does(text: str) -> None:
    message, pattern = ReadMessage(1, text), re.compile(r"\bsure(?: thing)?\b")
    everywhere = [match.span() for match in pattern.finditer(text)]
    hinted = message.matches_in(pattern, message.sentences_with(Hints(("sure",))))
    assert [match.span() for match in hinted] == everywhere
    assert [match.span() for match in message.matches(pattern, frozenset({"sure"}))] == everywhere
