"""The adversary, and a simulator."""

from collections.abc import Iterator

import pytest
from adversary import Adversary, AdversaryThread

from brightrun.simulator.pytest_fixture import run_simulator, simulator

__all__ = ["run_simulator", "simulator"]


@pytest.fixture
def adversary() -> Iterator[Adversary]:
    thread = AdversaryThread()
    yield thread.adversary
    thread.close()
