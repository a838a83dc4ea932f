"""A pytest plugin with the `simulator` fixture: `pytest_plugins = ["brightrun.simulator.pytest_fixture"]`."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brightrun.simulator.process import RunningSimulator, start_simulator
from brightrun.simulator.settings import SimulatorSettings


@dataclass(frozen=True, slots=True)
class SimulatorUnderTest:
    """A real simulator process without latency, and its account."""

    running: RunningSimulator

    @property
    def url(self) -> str:
        return self.running.url

    def account(self, *, entries: bool = False) -> dict[str, Any]:
        """What the simulator has put down so far (`/_simulator/account`)."""
        address = f"{self.url}/_simulator/account?entries={int(entries)}"
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (our own server)
            account: dict[str, Any] = json.load(answer)
        return account


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorUnderTest]:
    """A simulator of the test's own, ended with it."""
    running = start_simulator(SimulatorSettings(latency_s=(0.0, 0.0)), tmp_path / "simulator.log")
    yield SimulatorUnderTest(running)
    running.stop()
