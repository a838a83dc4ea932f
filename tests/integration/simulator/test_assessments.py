"""Judge and reader over HTTP: a question, the simulator's answer, and what is read of it."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from judged_cases import MODEL, catalog, handwritten, rubric, simulated, with_text

from brightrun.catalog import Register
from brightrun.conversation import Conversation
from brightrun.quality.judging.judge_prompt import judge_request
from brightrun.quality.judging.judgement import decide, parse_judgement
from brightrun.quality.judging.malformed import MalformedAnswerError, MalformedJudgementError
from brightrun.quality.judging.question import Question
from brightrun.quality.judging.reader_prompt import reader_request
from brightrun.quality.judging.reading import parse_reading
from brightrun.simulator.faults import Fault
from brightrun.simulator.pytest_fixture import SimulatorUnderTest

FOR_ASSESSMENTS = (Fault.MISSING_PART, Fault.OUT_OF_RANGE, Fault.INVENTED_QUOTE)


def ask(simulator: SimulatorUnderTest, question: Question) -> dict[str, Any]:
    """The message with which the simulator answers the real SDK."""
    with anthropic.Anthropic(api_key="any", base_url=simulator.url, max_retries=0) as sdk:
        answer = sdk.messages.create(
            model=MODEL,
            max_tokens=4096,
            system=[{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}} for text in question.system],
            messages=[{"role": "user", "content": question.user}],
            output_config={"format": {"type": "json_schema", "schema": question.schema}},
        )
    return answer.model_dump()


def judge_question(number: int = 0, conversation: Conversation | None = None) -> Question:
    case = simulated()[number]
    cell, register = case.item.cell, case.item.kind
    whole = conversation or case.conversation
    return judge_request(whole, rubric(), cell.arc, register, catalog().topics[cell.topic])


def test_kf_41_judged_over_http_whole_conversations_pass_and_cut_ones_are_below_them(
    shared_simulator: SimulatorUnderTest,
) -> None:
    shared_simulator.play()
    for number, case in enumerate(simulated()[:6]):
        section = rubric().section(case.item.cell.arc, case.item.kind)
        cut = with_text(case.conversation, -1, case.conversation.turns[-1].content[:-12].rstrip(".?! "))
        means = []
        for whole in (case.conversation, cut):
            message = ask(shared_simulator, judge_question(number, whole))
            judgement = parse_judgement(message, section, whole)
            assert {element.key for element in judgement.elements} == set(section.element_keys)
            means.append(decide(judgement, rubric().floors).mean)
        assert means[0] >= 7
        assert means[1] < means[0]


def test_readings_over_http_name_every_user_message(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play()
    emotions = catalog().info.emotions
    for whole in handwritten()[:5]:
        message = ask(shared_simulator, reader_request(whole, emotions))
        reading = parse_reading(message, whole, emotions)
        assert [feeling.turn for feeling in reading] == list(range(1, len(whole.turns), 2))


@pytest.mark.parametrize("fault", FOR_ASSESSMENTS)
def test_a_spoiled_judgement_is_paid_delivered_and_malformed(
    shared_simulator: SimulatorUnderTest, fault: Fault
) -> None:
    shared_simulator.play(f"{fault.value}@1")
    whole = simulated()[0].conversation
    section = rubric().section(simulated()[0].item.cell.arc, simulated()[0].item.kind)
    message = ask(shared_simulator, judge_question())
    with pytest.raises(MalformedJudgementError):
        parse_judgement(message, section, whole)
    entry = shared_simulator.account(entries=True)["entries"][-1]
    assert (entry["fault"], entry["message_id"], entry["delivered"]) == (fault.value, message["id"], True)
    again = ask(shared_simulator, judge_question())
    assert parse_judgement(again, section, whole).mean > 0, "asked again, it judges"


def test_the_shared_blocks_are_read_from_the_cache(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play()
    topic = catalog().topics["spending_priorities"]
    first, second = handwritten()[:2]
    ask(shared_simulator, judge_request(first, rubric(), "shame_to_acceptance", Register.EMOTIONAL, topic))
    again = ask(shared_simulator, judge_request(second, rubric(), "shame_to_acceptance", Register.EMOTIONAL, topic))
    assert again["usage"]["cache_read_input_tokens"] > 1_000


def test_a_reply_that_is_no_answer_at_all_is_malformed(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("refusal@1")
    emotions = catalog().info.emotions
    with pytest.raises(MalformedAnswerError):
        parse_reading(ask(shared_simulator, reader_request(handwritten()[0], emotions)), handwritten()[0], emotions)
