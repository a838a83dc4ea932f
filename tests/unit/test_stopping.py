"""The stop signal, and the handlers that set it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from brightrun import stopping
from brightrun.stopping import STOPPING_LINE, TERMINATE_GRACE_S, StopReason, StopSignal, signal_handlers

BOUND_S = 5.0

KILLED_BY_THE_SECOND = """
import os, signal, time
from brightrun.stopping import SAME_INTERRUPT_S, StopSignal, signal_handlers
stop = StopSignal()
with signal_handlers(stop):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)  # the same Ctrl-C, passed on by a wrapper
    assert stop.wait(5)
    time.sleep(SAME_INTERRUPT_S + 0.1)
    os.kill(os.getpid(), signal.SIGINT)
print("survived")
"""


def test_the_first_reason_stays() -> None:
    stop = StopSignal()
    assert not stop.is_set
    assert stop.reason is None
    assert stop.request(StopReason.CANCELLED_IN_STORE)
    assert not stop.request(StopReason.CANCELLED_IN_PREFECT)
    assert stop.is_set
    assert stop.reason is StopReason.CANCELLED_IN_STORE
    assert stop.grace_s is None


def test_a_sigterm_after_a_cancel_sets_the_clock() -> None:
    """What a worker does: its cancel is seen in the API first, then its SIGTERM arrives."""
    stop = StopSignal()
    stop.request(StopReason.CANCELLED_IN_PREFECT)
    assert stop.request(StopReason.TERMINATE)
    assert stop.reason is StopReason.CANCELLED_IN_PREFECT
    grace_s = stop.grace_s
    assert grace_s is not None
    assert 0 < grace_s <= TERMINATE_GRACE_S
    assert not stop.request(StopReason.TERMINATE)


def test_the_grace_ends_at_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "TERMINATE_GRACE_S", -1.0)
    stop = StopSignal()
    stop.request(StopReason.TERMINATE)
    assert stop.grace_s == 0.0


def test_waiting_ends_with_the_request() -> None:
    stop = StopSignal()
    assert not stop.wait(0.01)
    threading.Timer(0.05, stop.request, [StopReason.INTERRUPT]).start()
    assert stop.wait(BOUND_S)


def test_an_event_loop_elsewhere_is_woken() -> None:
    stop = StopSignal()

    async def until_stopped() -> StopReason | None:
        woken = asyncio.Event()
        loop = asyncio.get_running_loop()
        take_back = stop.on_request(lambda: loop.call_soon_threadsafe(woken.set))
        threading.Timer(0.05, stop.request, [StopReason.INTERRUPT]).start()
        await asyncio.wait_for(woken.wait(), BOUND_S)
        take_back()
        return stop.reason

    assert asyncio.run(until_stopped()) is StopReason.INTERRUPT


def test_callbacks_hear_the_request_and_the_clock_once_each() -> None:
    stop = StopSignal()
    heard: list[str] = []
    stop.on_request(lambda: heard.append("before"))
    take_back = stop.on_request(lambda: heard.append("taken back"))
    take_back()
    stop.request(StopReason.INTERRUPT)
    stop.request(StopReason.INTERRUPT)
    assert heard == ["before"]
    stop.on_request(lambda: heard.append("after"))
    assert heard == ["before", "after"]
    stop.request(StopReason.TERMINATE)
    stop.request(StopReason.TERMINATE)
    assert heard == ["before", "after", "before", "after"]


def test_many_threads_ask_and_one_is_first() -> None:
    stop = StopSignal()
    firsts: list[bool] = []
    threads = [threading.Thread(target=lambda: firsts.append(stop.request(StopReason.INTERRUPT))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert firsts.count(True) == 1


@contextmanager
def handler(number: signal.Signals, kind: signal.Handlers) -> Iterator[None]:
    before = signal.signal(number, kind)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGINT, StopReason.INTERRUPT),
        (signal.SIGTERM, StopReason.TERMINATE),
        (signal.SIGHUP, StopReason.TERMINATE),
    ],
)
def test_a_signal_asks_for_the_stop(number: signal.Signals, reason: StopReason) -> None:
    stop = StopSignal()
    said: list[str] = []
    before = signal.getsignal(number)
    with signal_handlers(stop, said.append):
        os.kill(os.getpid(), number)
        assert stop.wait(BOUND_S)
    assert stop.reason is reason
    assert said == ([STOPPING_LINE] if number == signal.SIGINT else [])
    assert signal.getsignal(number) is before


def test_a_signal_while_the_main_thread_waits_for_the_stop_itself() -> None:
    """An event set in a signal handler can deadlock with the wait it interrupts; ours is set elsewhere."""
    for _ in range(50):
        stop = StopSignal()
        with signal_handlers(stop):
            threading.Timer(0.001, os.kill, [os.getpid(), signal.SIGTERM]).start()
            assert stop.wait(BOUND_S)


def test_what_is_ignored_stays_ignored() -> None:
    stop = StopSignal()
    with handler(signal.SIGINT, signal.SIG_IGN), signal_handlers(stop):
        os.kill(os.getpid(), signal.SIGINT)
        assert not stop.wait(0.1)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_elsewhere_than_in_the_main_thread_nothing_is_installed() -> None:
    seen: list[object] = []

    def enter() -> None:
        with signal_handlers(StopSignal()):
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


def test_the_second_ctrl_c_kills() -> None:
    run = subprocess.run([sys.executable, "-c", KILLED_BY_THE_SECOND], capture_output=True, text=True, timeout=60)
    assert run.returncode == -signal.SIGINT
    assert run.stderr.strip() == STOPPING_LINE
    assert "survived" not in run.stdout
