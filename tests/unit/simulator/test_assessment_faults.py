"""Judgements and readings that are wrong: each fault leaves exactly its flaw, and is played where there is a place."""

from __future__ import annotations

import pytest
from judged_cases import answer_with, catalog, rubric, simulated

from brightrun.quality.judging.judge_prompt import judge_request
from brightrun.quality.judging.judgement import parse_judgement
from brightrun.quality.judging.malformed import MalformedCode, MalformedJudgementError, MalformedReadingError
from brightrun.quality.judging.reader_prompt import reader_request
from brightrun.quality.judging.reading import parse_reading

SEEDS = range(8)


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("missing_part", MalformedCode.MISSING_DIMENSION),
        ("out_of_range", MalformedCode.SCORE_OFF_SCALE),
        ("invented_quote", MalformedCode.INVENTED_QUOTE),
        ("not_json", MalformedCode.UNREADABLE),
        ("cut_mid_string", MalformedCode.UNREADABLE),
        ("max_tokens", MalformedCode.UNREADABLE),
        ("refusal", MalformedCode.UNREADABLE),
        ("schema_mismatch", MalformedCode.SHAPE),
    ],
)
def test_a_spoiled_judgement_is_malformed_for_its_own_reason(flag: str, code: MalformedCode) -> None:
    item, whole = simulated()[0].item, simulated()[0].conversation
    section = rubric().section(item.cell.arc, item.kind)
    question = judge_request(whole, rubric(), item.cell.arc, item.kind, catalog().topics[item.cell.topic])
    for seed in SEEDS:
        reply = answer_with(question, flag, seed)
        assert reply is not None
        with pytest.raises(MalformedJudgementError) as refused:
            parse_judgement(reply, section, whole)
        assert refused.value.code is code


@pytest.mark.parametrize(
    ("flag", "code"),
    [("missing_part", MalformedCode.MISSING_TURN), ("out_of_range", MalformedCode.INTENSITY_OFF_SCALE)],
)
def test_a_spoiled_reading_is_malformed_for_its_own_reason(flag: str, code: MalformedCode) -> None:
    whole, emotions = simulated()[0].conversation, catalog().info.emotions
    for seed in SEEDS:
        reply = answer_with(reader_request(whole, emotions), flag, seed)
        assert reply is not None
        with pytest.raises(MalformedReadingError) as refused:
            parse_reading(reply, whole, emotions)
        assert refused.value.code is code


def test_a_reading_has_no_quotes_to_invent() -> None:
    question = reader_request(simulated()[0].conversation, catalog().info.emotions)
    assert answer_with(question, "invented_quote", 0) is None
