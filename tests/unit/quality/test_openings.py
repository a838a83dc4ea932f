"""How messages begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from brightrun.quality.candidate import Candidate
from brightrun.quality.openings import Openings, opening, openings

CandidateOf = Callable[[dict[str, Any]], Candidate]


@pytest.mark.parametrize(
    "text, words",
    [
        ("I would look at the rent.", "i would look at the"),
        ('"I would — look AT the rent."', "i would look at the"),
        ("I would look at", ""),
        ("", ""),
        ("… - — !", ""),
        ("Größe und Straße sind schön heute", "grösse und strasse sind schön"),
    ],
)
def test_an_opening_is_five_words_without_what_is_around_them(text: str, words: str) -> None:
    assert opening(text) == words


def test_openings_are_measured_over_a_dataset(candidate_of: CandidateOf) -> None:
    """KF-15: the commonest opening and its share; first messages of fewer than five words do not count."""
    firsts = ["So I just got the letter.", "so i just got the bill", "Hello?", "My landlord has written to me."]
    conversations = [
        candidate_of({"turns": [{"user": first}, {"assistant": "Which one?"}]}).conversation for first in firsts
    ]
    measured = openings(conversations)
    assert measured == Openings(3, 2, "so i just got the", 2)
    assert measured.commonest_share == pytest.approx(2 / 3)


def test_without_openings_there_is_no_share() -> None:
    """KF-47: a value that was not measured is absent."""
    assert openings([]) == Openings(0, 0, None, 0)
    assert openings([]).commonest_share is None
