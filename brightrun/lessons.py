"""What the next attempt at a conversation is told: why earlier ones were not used, and which phrases to avoid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brightrun.conversation import ReplyProblem
from brightrun.quality.judging.arc_agreement import ArcCode
from brightrun.quality.judging.judgement import JudgeCode
from brightrun.quality.neighbour_codes import NeighbourCode
from brightrun.quality.verdicts import CheckCode

MOST_LESSONS = 3

TOLD: dict[str, str] = {
    ReplyProblem.MAX_TOKENS: "It was too long and broke off. Keep every message shorter.",
    ReplyProblem.NO_TEXT: "It held no text.",
    ReplyProblem.NOT_JSON: "It was not valid JSON.",
    ReplyProblem.SCHEMA_MISMATCH: "It did not follow the schema of the reply.",
}
"""What is said of a reply that was no conversation, whose own message quotes it at length."""

LESSON_CODES = frozenset[str]({*CheckCode, *NeighbourCode, *JudgeCode, *ArcCode, *TOLD} - {CheckCode.CHECK_FAILED})
"""Reason codes of attempts from which the next one can learn; a refusal, for one, is not mended by other words."""

LESSONS = """\
<earlier_attempts>
This conversation was written before and could not be used. What was wrong:
{reasons}
Write it anew, from the beginning, so that none of this happens.
</earlier_attempts>
"""
AVOID = """\
<avoid>
Other conversations have used these words too often. Do without them:
{phrases}
</avoid>
"""


@dataclass(frozen=True)
class Lesson:
    """Why an attempt was not used: its reason code, and what was found, in words."""

    code: str
    message: str = ""


def lessons_text(lessons: Sequence[Lesson], avoid: Sequence[str] = ()) -> str:
    """The end of a request for another attempt; nothing for a first one. `avoid`: phrases."""
    if not lessons:
        return ""
    wrong = dict.fromkeys(TOLD.get(lesson.code) or lesson.message or lesson.code for lesson in lessons)
    text = "\n" + LESSONS.format(reasons=_listed(list(wrong)[:MOST_LESSONS]))
    return text + ("\n" + AVOID.format(phrases=_listed(avoid)) if avoid else "")


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)
