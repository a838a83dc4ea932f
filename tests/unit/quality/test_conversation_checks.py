"""The structural checks over a corpus of good and broken conversations, and over wild text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brightrun.catalog import Catalog
from brightrun.quality.candidate import Candidate
from brightrun.quality.checks import CHECKS_VERSION, check_conversation
from brightrun.quality.verdicts import CheckCode, Judgement, Severity, Verdict

DATA = Path(__file__).parents[2] / "data"
GOOD = yaml.safe_load((DATA / "good_conversations.yaml").read_text(encoding="utf-8"))
BROKEN = yaml.safe_load((DATA / "broken_conversations.yaml").read_text(encoding="utf-8"))
CandidateOf = Callable[[dict[str, Any]], Candidate]
SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def conversation_with(answer: str, question: str = "Which bill do I pay first?") -> dict[str, Any]:
    """An entry of two exchanges, the first of which holds the texts."""
    return {
        "turns": [
            {"user": question},
            {"assistant": answer},
            {"user": "And then?"},
            {"assistant": "Then the card."},
        ]
    }


def judge(candidate: Candidate) -> Judgement:
    return check_conversation(candidate.conversation, candidate.item, candidate.catalog)


@pytest.mark.parametrize("entry", GOOD, ids=[entry["shows"] for entry in GOOD])
def test_good_conversations_are_not_flagged(entry: dict[str, Any], candidate_of: CandidateOf) -> None:
    """KF-07: not one finding in the whole corpus, not even a warning."""
    judgement = judge(candidate_of(entry))
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("entry", BROKEN, ids=[f"{n}-{e['code']}" for n, e in enumerate(BROKEN, 1)])
def test_broken_conversations_are_found(entry: dict[str, Any], candidate_of: CandidateOf) -> None:
    """KF-04, KF-06, KF-15, KF-16, KF-42: the fault is found, and nothing else."""
    judgement = judge(candidate_of(entry))
    severity = entry.get("severity", "fail")
    assert {(finding.code, finding.severity) for finding in judgement.findings} == {(entry["code"], severity)}
    assert judgement.verdict is (Verdict.REJECTED if severity == "fail" else Verdict.ACCEPTED)
    assert judgement.reasons == ((CheckCode(entry["code"]),) if severity == "fail" else ())
    assert judgement.checks_version == CHECKS_VERSION


def test_every_code_has_a_broken_conversation() -> None:
    """A code that nothing can provoke would be a check that cannot fail."""
    unreachable = {CheckCode.TEXT_TOO_LONG, CheckCode.INTENSITY_OUT_OF_RANGE}  # tested below
    assert {CheckCode(entry["code"]) for entry in BROKEN} == set(CheckCode) - unreachable


@pytest.mark.parametrize("length, severity", [(3_000, None), (3_001, Severity.WARN), (8_001, Severity.FAIL)])
def test_endless_texts_are_found(length: int, severity: Severity | None, candidate_of: CandidateOf) -> None:
    judgement = judge(candidate_of(conversation_with("a" * (length - 1) + ".")))
    found = [finding.severity for finding in judgement.findings if finding.code == "text_too_long"]
    assert found == ([severity] if severity else [])


@pytest.mark.parametrize("intensity", [-0.1, 1.01, float("nan")])
def test_intensities_outside_the_scale_are_found(intensity: float, candidate_of: CandidateOf) -> None:
    """KF-42: one scale, 0 to 1, even for a conversation that was not parsed from a reply."""
    candidate = candidate_of(conversation_with("Pay the rent first."))
    first = candidate.conversation.turns[0].model_copy(update={"intensity": intensity})
    conversation = candidate.conversation.model_copy(update={"turns": (first, *candidate.conversation.turns[1:])})
    judgement = check_conversation(conversation, candidate.item, candidate.catalog)
    assert judgement.reasons == (CheckCode.INTENSITY_OUT_OF_RANGE,)


@pytest.mark.parametrize("arc, exchanges, fits", [("worry_to_calm", 5, True), ("crisis_to_call", 5, False)])
def test_the_number_of_exchanges_is_the_arcs(arc: str, exchanges: int, fits: bool, candidate_of: CandidateOf) -> None:
    """KF-42: two to five for one arc, two to four for the other."""
    turns = [
        turn
        for number in range(exchanges)
        for turn in ({"user": "And then?"}, {"assistant": f"{number} is the next one."})
    ]
    candidate = candidate_of({"turns": turns})
    cell = candidate.item.cell.model_copy(update={"arc": arc})
    item = candidate.item.model_copy(update={"cell": cell})
    reasons = check_conversation(candidate.conversation, item, candidate.catalog).reasons
    assert (CheckCode.EXCHANGES_OUTSIDE_ARC not in reasons) is fits


def test_an_advisor_without_full_stops_is_a_manner_and_one_answer_without_is_a_cut(
    candidate_of: CandidateOf,
) -> None:
    """KF-07: a catalog may want an advisor who writes in chat style; KF-06: a cut among full stops stays a cut."""
    casual = ["call them tomorrow and ask for a later date", "write the date on the envelope and leave it there"]
    mixed = [casual[0], "Then write the date on the envelope."]
    for answers, verdict in ((casual, Verdict.ACCEPTED), (mixed, Verdict.REJECTED)):
        turns = [turn for answer in answers for turn in ({"user": "and now?"}, {"assistant": answer})]
        judgement = judge(candidate_of({"turns": turns}))
        assert judgement.verdict is verdict
        assert {finding.code for finding in judgement.findings} == {CheckCode.CUT_TEXT}


def test_full_stops_decide_nothing_in_a_language_that_has_none(candidate_of: CandidateOf, catalog: Catalog) -> None:
    """KF-07: Thai ends no sentence with a sign."""
    candidate = candidate_of(conversation_with("จ่ายค่าเช่าก่อน แล้วค่อยจ่ายค่าไฟ"))
    thai = catalog.model_copy(update={"info": catalog.info.model_copy(update={"language": "th"})})
    assert check_conversation(candidate.conversation, candidate.item, thai).findings == ()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", ["a", "\\", "[", "<b ", "**a", "I'm 4", "a.", '"}', "# ", "é", "\n", " "])
def test_endless_texts_are_not_read_to_their_end(unit: str, candidate_of: CandidateOf) -> None:
    """A paid reply must not hold up a run: unbounded, some of these would take the patterns minutes."""
    for text in (unit * 60_000, (unit * 8_000)[:8_000]):
        for entry in (conversation_with(text), conversation_with("Rent comes first.", text)):
            judgement = judge(candidate_of(entry))
            if len(text.strip()) > 8_000:
                assert set(judgement.reasons) <= {CheckCode.TEXT_TOO_LONG, CheckCode.EMPTY_TEXT}
                assert judgement.verdict is Verdict.REJECTED


def test_evidence_can_be_stored_and_printed(candidate_of: CandidateOf) -> None:
    candidate = candidate_of(conversation_with("Pay \ud83d the rent \x00 first. " * 20))
    findings = judge(candidate).findings
    assert findings
    for finding in findings:
        assert len(finding.quote) <= 500
        assert "\x00" not in finding.quote
        finding.model_dump_json()


WORDS = st.lists(
    st.sampled_from(["rent", "Pay", "the", "card", "on", "Friday", "maybe", "$40", "not", "then", "—", "who"]),
    min_size=3,
    max_size=30,
).map(" ".join)


@given(sentence=WORDS, end=st.sampled_from([".", "!", "?", "…", '."', ".)", "?!", "...", ".”", "。", " 🙂"]))
@SETTINGS
def test_whatever_ends_like_a_sentence_is_not_cut(sentence: str, end: str, candidate_of: CandidateOf) -> None:
    """KF-07."""
    judgement = judge(candidate_of(conversation_with(sentence + end)))
    assert CheckCode.CUT_TEXT not in {finding.code for finding in judgement.findings}


@given(sentence=WORDS, tail=st.sampled_from(["\\", '\\"', "\\ ", ' "\\"', "\\\n"]))
@SETTINGS
def test_a_trailing_backslash_is_always_found_on_both_sides(
    sentence: str, tail: str, candidate_of: CandidateOf
) -> None:
    """KF-06."""
    for entry in (conversation_with(sentence + tail), conversation_with("Rent comes first.", sentence + tail)):
        assert CheckCode.TRAILING_BACKSLASH in judge(candidate_of(entry)).reasons


@given(before=WORDS, after=WORDS, code=st.sampled_from(["\\n", "\\n\\n", '\\"', "\\u2019", "\\\\n"]))
@SETTINGS
def test_a_literal_escape_is_always_found_on_both_sides(
    before: str, after: str, code: str, candidate_of: CandidateOf
) -> None:
    """KF-06."""
    text = f"{before}.{code}{after.capitalize()}."
    for entry in (conversation_with(text), conversation_with("Rent comes first.", text)):
        assert CheckCode.LITERAL_ESCAPE in judge(candidate_of(entry)).reasons


@given(answer=st.text(max_size=300), question=st.text(max_size=300))
@SETTINGS
def test_no_text_breaks_the_checks(answer: str, question: str, candidate_of: CandidateOf) -> None:
    """Any text gets a verdict, the same one each time, with evidence that can be stored."""
    candidate = candidate_of(conversation_with(answer, question))
    judgement = judge(candidate)
    assert judgement == judge(candidate)
    assert (judgement.verdict is Verdict.REJECTED) == bool(judgement.reasons)
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement


@given(age=st.integers(16, 99), said=st.integers(16, 99))
@SETTINGS
def test_an_age_that_is_said_has_to_be_the_planned_one(age: int, said: int, candidate_of: CandidateOf) -> None:
    """KF-04."""
    person = {"name": "Dana Whitfield", "age": age}
    for text in (f"I'm {said}, and tired.", f"i am {said} years old", f"as a nurse, I'm {said}"):
        entry = {"person": person, **conversation_with("Rent comes first.", text)}
        assert (CheckCode.OTHER_AGE in judge(candidate_of(entry)).reasons) == (age != said)
    for text in (f"When I'm {said}, I will rest.", f"I'm {said} years from rest", f"i'm {said}% sure"):
        entry = {"person": person, **conversation_with("Rent comes first.", text)}
        assert CheckCode.OTHER_AGE not in judge(candidate_of(entry)).reasons
