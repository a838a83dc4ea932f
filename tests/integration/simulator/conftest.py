"""A real simulator process, and the real SDK talking to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from brightrun.simulator import SimulatorSettings, start_simulator
from brightrun.simulator.pytest_fixture import SimulatorUnderTest, run_simulator, simulator

__all__ = ["run_simulator", "simulator"]


@pytest.fixture(scope="module")
def shared_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorUnderTest]:
    """One for a whole module: a test sets the weather it needs, and looks at its own requests only."""
    log = tmp_path_factory.mktemp("simulator") / "simulator.log"
    running = start_simulator(SimulatorSettings(latency_s=(0.0, 0.0)), log)
    yield SimulatorUnderTest(running)
    running.stop()
    assert "Traceback" not in log.read_text(), "the simulator itself failed"
