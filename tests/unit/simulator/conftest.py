"""A request as the templates write it, in a field that is not the first catalog's."""

from __future__ import annotations

from typing import Any

import pytest

from brightrun.conversation import reply_schema

EMOTIONS = ["confusion", "doubt", "curiosity", "understanding", "clarity", "worry", "relief", "neutral", "satisfied"]
ARC = """<arc>
Name: Confusion to clarity
Starts: confusion
Ends: clarity
Phases:
- The tangle. User: mixes two things up Assistant: takes them apart
Techniques:
- locating the mix-up: points to the place where two things became one
- reason behind the rule: says why
</arc>"""
CRISIS_ARC = """<arc>
Name: Crisis to referral
Starts: despair
Ends: referred
Principles:
- No gardening advice of any kind. The 988 Suicide & Crisis Lifeline takes calls and texts; 911 when it cannot wait.
Techniques:
- the direct question: asks calmly about suicide
- plain referral: names 988
</arc>"""
REQUEST = """Write the conversation that is planned here.

<topic>
Key: compost
Name: Compost or Fertilizer
About: What to feed a garden with.
Concepts:
- nitrogen balance: Green matter brings nitrogen, brown matter carbon; a heap needs about equal volumes of both.
- watering rule: Water deeply and rarely, because roots follow the moisture down.
- soil tests: A test costs little and ends most guessing. It is worth repeating every three years.
Typical questions:
- "Can I just throw everything on one heap?"
Fact sheet:
- Highest amount of nitrogen a lawn should get: 1200 grams (Freedonia, 2026; Garden Act §3)
</topic>

<person>
Name: Ada Moreno
Age: 44
Work: school nurse
Household: married, two children
Place: Ames, Iowa
Income: 64,000 USD a year before tax, own pay
</person>

<conversation>
Exchanges: 4
Register: emotional
Start: confusion 0.78
End: clarity 0.75
Outcome: resolved
Ending: They know what to do.
Situation: a neighbor has complained about the smell
Life event: their father has retired
Mistaken belief: Coffee grounds make every soil sour.
Writing:
- message length: the user writes three to six sentences a message
- typos: the user's spelling is clean
- pushback: the user objects once, with a reason
- opening: the first message begins with the bare question
</conversation>
"""


@pytest.fixture
def schema() -> dict[str, Any]:
    return reply_schema(EMOTIONS)


@pytest.fixture
def arc() -> str:
    return ARC


@pytest.fixture
def crisis_arc() -> str:
    return CRISIS_ARC


@pytest.fixture
def request_text() -> str:
    return REQUEST
