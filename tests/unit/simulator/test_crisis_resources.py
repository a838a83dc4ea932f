"""Help is named as the request names it."""

from __future__ import annotations

import pytest

from brightrun.simulator.crisis_resources import UNNAMED_HELP, UNNAMED_URGENT, crisis_resources


@pytest.mark.parametrize(
    "arc, help_phrase, urgent",
    [
        (
            "- The 988 Suicide & Crisis Lifeline is reached by call or text to 988, at any hour; immediate danger is "
            "for 911 or the nearest emergency room.\n- Takes the answer as it is, names 988 and what happens there, "
            "911 if they could act on it now.",
            "the 988 Suicide & Crisis Lifeline (call or text 988)",
            "911",
        ),
        ("Call the Samaritans on 116 123, day or night; in an emergency, 112.", "the Samaritans (call 116 123)", "112"),
        ("Gives the hotline, 0800 111 0 111, or 112 in an emergency.", "the crisis line (call 0800 111 0 111)", "112"),
        ("Names the Harbor Crisis Text Line.", "the Harbor Crisis Text Line", UNNAMED_URGENT),
        ("Starts: despair 0.8 to 1.0\nCalls back within 24 hours.", UNNAMED_HELP, UNNAMED_URGENT),
        ("", UNNAMED_HELP, UNNAMED_URGENT),
    ],
)
def test_help_is_found_in_the_arc(arc: str, help_phrase: str, urgent: str) -> None:
    assert crisis_resources(arc) == (help_phrase, urgent)
