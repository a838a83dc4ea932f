"""Answers that suffer on their way: what comes off the wire, and what the account says arrived."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import anthropic
import pytest
from raw_client import HELLO, Answer, End, address_of, send

from brightrun.simulator.pytest_fixture import SimulatorUnderTest, StartSimulator

BOUND_S = 10


def settled(simulator: SimulatorUnderTest) -> dict[str, Any]:
    """The account's newest entry, once nothing is in flight."""
    deadline = time.monotonic() + BOUND_S
    while (account := simulator.account(entries=True))["in_flight"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    entry: dict[str, Any] = account["entries"][-1]
    return entry


def struck(simulator: SimulatorUnderTest, flag: str, patience_s: float = BOUND_S) -> tuple[Answer, dict[str, Any]]:
    """What came of a request that met a fault, and its entry in the account."""
    simulator.play(flag)
    answer = send(simulator.url, patience_s=patience_s)
    entry = settled(simulator)
    assert entry["fault"] == flag.partition(",")[0]
    return answer, entry


@pytest.mark.parametrize(
    ("flag", "status", "end", "paid"),
    [
        ("reset_on_arrival", 0, End.RESET, False),
        ("reset_before_headers", 0, End.RESET, True),
        ("reset_in_body", 200, End.RESET, True),
        ("stalled_body,seconds=0.3", 200, End.RESET, True),
    ],
)
def test_a_connection_that_ends_early_delivers_nothing(
    shared_simulator: SimulatorUnderTest, flag: str, status: int, end: End, paid: bool
) -> None:
    answer, entry = struck(shared_simulator, flag)
    assert (answer.status, answer.end) == (status, end)
    assert (entry["delivered"], entry["message_id"] is not None) == (False, paid)
    assert (float(entry["cost_usd"]) > 0) is paid
    if status:
        assert 0 < len(answer.body) < int(answer.headers["content-length"])


def test_a_stalled_body_is_silent_for_as_long_as_it_says(shared_simulator: SimulatorUnderTest) -> None:
    impatient, entry = struck(shared_simulator, "stalled_body,seconds=30", patience_s=0.3)
    assert (impatient.status, impatient.end) == (200, End.SILENCE)
    assert impatient.body
    assert not entry["delivered"]


@pytest.mark.parametrize("flag", ["truncated_json", "not_utf8", "html_page"])
def test_a_damaged_body_is_paid_and_not_delivered(shared_simulator: SimulatorUnderTest, flag: str) -> None:
    answer, entry = struck(shared_simulator, flag)
    assert (answer.status, answer.end) == (200, End.WHOLE)
    with pytest.raises(ValueError):
        json.loads(answer.body.decode())
    assert not entry["delivered"]
    assert float(entry["cost_usd"]) > 0
    assert answer.headers["content-type"].startswith("text/html" if flag == "html_page" else "application/json")


def test_bytes_that_are_not_utf8_stand_in_otherwise_good_json(shared_simulator: SimulatorUnderTest) -> None:
    answer, _ = struck(shared_simulator, "not_utf8")
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode()
    assert json.loads(answer.body.decode(errors="replace"))["type"] == "message"


def test_a_wrong_content_type_hides_a_reply_that_arrived(shared_simulator: SimulatorUnderTest) -> None:
    answer, entry = struck(shared_simulator, "wrong_content_type")
    assert answer.headers["content-type"].startswith("text/html")
    assert (entry["delivered"], entry["message_id"]) == (True, answer.data["id"])


@pytest.mark.parametrize(("flag", "pieces"), [("late_answer,seconds=0.5", 1), ("slow_drip,seconds=0.5", 4)])
def test_a_slow_answer_is_delivered_to_those_who_wait(
    shared_simulator: SimulatorUnderTest, flag: str, pieces: int
) -> None:
    answer, entry = struck(shared_simulator, flag)
    assert answer.seconds >= 0.5
    assert answer.pieces >= pieces
    assert (entry["delivered"], entry["message_id"]) == (True, answer.data["id"])


@pytest.mark.parametrize("flag", ["late_answer,seconds=30", "slow_drip,seconds=30"])
def test_a_slow_answer_is_not_delivered_to_those_who_leave(shared_simulator: SimulatorUnderTest, flag: str) -> None:
    answer, entry = struck(shared_simulator, flag, patience_s=0.4)
    assert answer.end in (End.SILENCE, End.CLOSED)
    assert not entry["delivered"]
    assert float(entry["cost_usd"]) > 0


def test_nothing_listens_for_a_while_and_then_it_is_back_at_the_same_address(
    shared_simulator: SimulatorUnderTest,
) -> None:
    address = address_of(shared_simulator.url)
    with socket.create_connection(address, timeout=BOUND_S) as idle:
        shared_simulator.play("connection_refused@1,seconds=0.7")
        start = time.monotonic()
        answer = send(shared_simulator.url)
        assert (answer.status, answer.end) == (200, End.WHOLE)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, timeout=BOUND_S)
        assert idle.recv(1) == b"", "idle connections are closed"
    while True:
        try:
            socket.create_connection(address, timeout=BOUND_S).close()
            break
        except ConnectionRefusedError:
            assert time.monotonic() - start < BOUND_S
            time.sleep(0.02)
    assert time.monotonic() - start >= 0.6
    assert send(shared_simulator.url).status == 200
    entry = next(
        entry
        for entry in shared_simulator.account(entries=True)["entries"]
        if entry["status"] == 200 and entry["message_id"] == answer.data["id"]
    )
    assert (entry["fault"], entry["delivered"]) == ("connection_refused", True)


def test_what_is_in_flight_when_it_goes_away_is_still_answered(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(latency_s=(0.4, 0.4))
    simulator.play("connection_refused@2,seconds=0.5")

    async def both() -> list[Answer]:
        return await asyncio.gather(*(asyncio.to_thread(send, simulator.url) for _ in range(2)))

    answers = asyncio.run(both())
    assert [(answer.status, answer.end) for answer in answers] == [(200, End.WHOLE)] * 2


@pytest.mark.parametrize(
    "flag", ["reset_on_arrival", "reset_before_headers", "reset_in_body", "stalled_body,seconds=0.2"]
)
def test_the_sdk_raises_for_a_connection_that_ended(shared_simulator: SimulatorUnderTest, flag: str) -> None:
    shared_simulator.play(flag)

    async def call() -> None:
        transport = anthropic.DefaultAioHttpClient()
        async with anthropic.AsyncAnthropic(
            api_key="any", base_url=shared_simulator.url, max_retries=0, http_client=transport
        ) as sdk:
            await sdk.messages.create(**HELLO)

    with pytest.raises(Exception) as caught:
        asyncio.run(call())
    assert not isinstance(caught.value, anthropic.APIStatusError)


def test_the_sdk_times_out_on_an_answer_that_is_late(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("late_answer,seconds=30")
    with (
        anthropic.Anthropic(api_key="any", base_url=shared_simulator.url, max_retries=0, timeout=0.3) as sdk,
        pytest.raises(anthropic.APITimeoutError),
    ):
        sdk.messages.create(**HELLO)
    assert not settled(shared_simulator)["delivered"]
