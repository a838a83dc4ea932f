"""Parts of a text that are sought in one pass, and what is looked for around them."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brightrun.quality import damage, identity_in_text, persons, promises, referral, sales, voices
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


HINTED = {
    "an age to come": (persons.TURNS, persons.TURNS_HINTS),
    "a place somebody lives in": (identity_in_text.LIVES, identity_in_text.PLACE_HINTS),
    "a help line": (referral.HELP_LINE, referral.LINE_HINTS),
    "an emergency": (referral.EMERGENCY, referral.LINE_HINTS),
    "talk of a crisis": (referral.CRISIS_TALK, referral.CRISIS_HINTS),
    "advice on money": (referral.ADVISES, referral.FINANCE_HINTS),
    "talk of a model": (voices.MODEL_TALK, voices.HINTS),
    "a brand": (sales.PUSHES_BRAND, sales.BRAND_HINTS),
    "a blank": (damage.BLANK, damage.BLANK_HINTS),
    "a market's future": (promises.WILL, promises.HINTS),
    "certainty": (promises.CERTAINTY, promises.HINTS),
    "a negation that promises": (promises.SELF_NEGATED, promises.HINTS),
}


@pytest.mark.parametrize("name", HINTED)
@given(data=st.data())
@settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck), deadline=None)
def test_whatever_a_pattern_finds_holds_a_hint_of_it(name: str, data: st.DataObject) -> None:
    pattern, hints = HINTED[name]
    text = data.draw(st.from_regex(pattern, alphabet=st.characters(max_codepoint=0x2019)))
    for match in pattern.finditer(text):
        found = match[0] if pattern in CASED else match[0].lower()
        assert hints.are_in(found), found


CASED = (sales.PUSHES_BRAND,)
"""Their hints are sought in the text as it is."""
