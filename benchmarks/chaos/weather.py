"""The simulated API and its weather: which faults are played, and how a simulator is had."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from brightrun.simulator import RunningSimulator, SimulatorSettings, start_simulator
from brightrun.simulator.fault_plan import FaultPlan, FaultRule
from brightrun.simulator.faults import Fault

LATENCY_S = (0.1, 0.6)
SHARE = 0.1
CALL_TIMEOUT_S = 15.0
"""What the specs allow for a call; `TOO_LONG_S` is longer."""
TOO_LONG_S = 18.0
REFUSING_S = 1.5
AWAY_BOUND_S = 90.0

ENDS_THE_JOB = (
    Fault.UNAUTHORIZED,
    Fault.PAYMENT_REQUIRED,
    Fault.FORBIDDEN,
    Fault.ENFORCED_SPEND_LIMIT,
    Fault.CONTRACT_SPEND_LIMIT,
    Fault.CUSTOMER_SPEND_LIMIT,
)
"""What does not pass: the job ends with code 4, by design."""

GIVES_THE_ITEM_UP = (Fault.TOO_LARGE,)
PASSING = tuple(fault for fault in Fault if fault not in (*ENDS_THE_JOB, *GIVES_THE_ITEM_UP, Fault.CONNECTION_REFUSED))
SECONDS = {Fault.STALLED_BODY: TOO_LONG_S, Fault.LATE_ANSWER: TOO_LONG_S, Fault.SLOW_DRIP: 1.0}


def bad_weather(seed: int) -> FaultPlan:
    """Every fault that passes, in equal shares, on a tenth of all requests; and twice nobody listens for a while."""
    refused = FaultRule(fault=Fault.CONNECTION_REFUSED, at="60,260", seconds=REFUSING_S)
    rules = [
        FaultRule.model_validate(
            {"fault": fault, "probability": SHARE / len(PASSING)}
            | ({"seconds": SECONDS[fault]} if fault in SECONDS else {})
        )
        for fault in PASSING
    ]
    return FaultPlan(seed=seed, faults=(refused, *rules))


@contextmanager
def simulator(
    log: Path, plan: FaultPlan | None = None, *, seed: int = 0, latency_s: tuple[float, float] = LATENCY_S
) -> Iterator[RunningSimulator]:
    """A simulator that lives while inside, with this weather."""
    settings = SimulatorSettings(latency_s=latency_s, seed=seed, faults=plan or FaultPlan())
    running = start_simulator(settings, log)
    try:
        yield running
    finally:
        running.stop()


def change_weather(url: str, *rules: FaultRule) -> None:
    """From now on these faults are played, and no others."""
    plan = FaultPlan(faults=rules).as_json()
    httpx.post(f"{url}/_simulator/faults", json=plan, timeout=60).raise_for_status()


def account(url: str, entries: bool = True) -> dict[str, Any]:
    """The simulator's account, asked for until it listens."""
    deadline = time.monotonic() + AWAY_BOUND_S
    while True:
        try:
            answer = httpx.get(f"{url}/_simulator/account", params={"entries": int(entries)}, timeout=60)
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            continue
        found: dict[str, Any] = answer.raise_for_status().json()
        return found
