"""A pytest plugin with simulators: `pytest_plugins = ["brightrun.simulator.pytest_fixture"]`."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brightrun.simulator.fault_plan import FaultPlan, plan_of
from brightrun.simulator.process import RunningSimulator, start_simulator
from brightrun.simulator.settings import SimulatorSettings

ANSWER_BOUND_S = 10

StartSimulator = Callable[..., "SimulatorUnderTest"]
"""Called with the fields of SimulatorSettings."""


@dataclass(frozen=True, slots=True)
class SimulatorUnderTest:
    """A real simulator process without latency, its weather and its account."""

    running: RunningSimulator

    @property
    def url(self) -> str:
        return self.running.url

    def account(self, *, entries: bool = False) -> dict[str, Any]:
        """What the simulator has put down so far (`/_simulator/account`)."""
        return self._json(urllib.request.Request(f"{self.url}/_simulator/account?entries={int(entries)}"))  # noqa: S310

    def play(self, *faults: str, seed: int | None = None) -> None:
        """From the next request on, these faults and no others: `play("overloaded@1-3", "refusal:0.1")`; none: none.

        Requests are counted anew from here. Raises ProblemsError for a fault there is not.
        """
        self.play_plan(plan_of(*faults, seed=seed))

    def play_plan(self, plan: FaultPlan) -> None:
        """The same with a whole plan."""
        body = json.dumps(plan.as_json()).encode()
        self._json(urllib.request.Request(f"{self.url}/_simulator/faults", body))  # noqa: S310 (our own server)

    def _json(self, request: urllib.request.Request) -> dict[str, Any]:
        with urllib.request.urlopen(request, timeout=ANSWER_BOUND_S) as answer:  # noqa: S310 (our own server)
            data: dict[str, Any] = json.load(answer)
        return data


@pytest.fixture
def run_simulator(tmp_path: Path) -> Iterator[StartSimulator]:
    """Starts simulators with settings of the test's own, without latency unless set; they end with the test."""
    started: list[SimulatorUnderTest] = []

    def start(**settings: Any) -> SimulatorUnderTest:
        started.append(_start(tmp_path / f"simulator-{len(started) + 1}.log", **settings))
        return started[-1]

    yield start
    for simulator in started:
        simulator.running.stop()


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorUnderTest]:
    """A simulator of the test's own, ended with it."""
    started = _start(tmp_path / "simulator.log")
    yield started
    started.running.stop()


def _start(log_path: Path, **settings: Any) -> SimulatorUnderTest:
    return SimulatorUnderTest(start_simulator(SimulatorSettings(**{"latency_s": (0.0, 0.0), **settings}), log_path))
