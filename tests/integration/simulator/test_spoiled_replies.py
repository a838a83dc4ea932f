"""Replies that are wrong, as the SDK hands them on: paid, delivered, and in the account."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from raw_client import HELLO, send

from brightrun.conversation import ReplyError, parse_reply, reply_schema
from brightrun.simulator.faults import Fault, FaultKind
from brightrun.simulator.pytest_fixture import SimulatorUnderTest

CONVERSATION: dict[str, Any] = {
    **HELLO,
    "max_tokens": 8192,
    "output_config": {"format": {"type": "json_schema", "schema": reply_schema(["worry", "hope", "relief"])}},
}
CONVERSATIONS_ALL_THE_SAME = {
    Fault.THINKING_FIRST,
    Fault.LONE_BACKSLASH,
    Fault.LITERAL_NEWLINE,
    Fault.WRONG_PERSONA,
}
"""These faults leave something that is a conversation: it is for the checks to find them."""


OF_ASSESSMENTS = {Fault.MISSING_PART, Fault.OUT_OF_RANGE, Fault.INVENTED_QUOTE}
"""A conversation has no place for these (`test_assessments.py`)."""
FAULTS = [fault for fault in Fault if fault.facts.kind is FaultKind.REPLY and fault not in OF_ASSESSMENTS]


@pytest.mark.parametrize("fault", FAULTS)
def test_kf_10_a_wrong_reply_is_paid_and_delivered(shared_simulator: SimulatorUnderTest, fault: Fault) -> None:
    shared_simulator.play(f"{fault.value}@1")
    with anthropic.Anthropic(api_key="any", base_url=shared_simulator.url, max_retries=0) as sdk:
        message = sdk.messages.create(**CONVERSATION)
    if fault in CONVERSATIONS_ALL_THE_SAME:
        assert parse_reply(message.model_dump()).turns
    else:
        with pytest.raises(ReplyError):
            parse_reply(message.model_dump())
    entry = shared_simulator.account(entries=True)["entries"][-1]
    assert (entry["fault"], entry["message_id"], entry["delivered"]) == (fault.value, message.id, True)
    assert (entry["input_tokens"], entry["output_tokens"]) == (message.usage.input_tokens, message.usage.output_tokens)
    assert float(entry["cost_usd"]) == pytest.approx(
        (message.usage.input_tokens * 2 + message.usage.output_tokens * 10) / 1_000_000
    )


def test_the_sdk_reads_the_category_of_a_refusal(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("refusal@1,category=frontier_llm")
    with anthropic.Anthropic(api_key="any", base_url=shared_simulator.url, max_retries=0) as sdk:
        message = sdk.messages.create(**CONVERSATION)
    assert message.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.category == "frontier_llm"


def test_a_fault_without_a_place_is_not_in_the_account(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("wrong_persona")
    before = shared_simulator.account()["faults"]
    assert send(shared_simulator.url).status == 200
    after = shared_simulator.account(entries=True)
    assert after["entries"][-1]["fault"] is None
    assert after["faults"] == before


def test_a_run_repeats_with_its_faults(shared_simulator: SimulatorUnderTest) -> None:
    def run(seed: int) -> list[tuple[int, str]]:
        shared_simulator.play("overloaded:0.3", "lone_backslash:0.4", seed=seed)
        bodies = [{**CONVERSATION, "metadata": {"user_id": str(i)}} for i in range(20)]
        answers = [send(shared_simulator.url, body) for body in bodies]
        return [
            (answer.status, answer.data["content"][0]["text"] if answer.status == 200 else "") for answer in answers
        ]

    first = run(5)
    assert {status for status, _ in first} == {200, 529}
    assert run(5) == first
    assert run(6) != first
