"""The adversary, and small jobs as in the unit tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
sys.path.insert(0, str(Path(__file__).parent))

from adversary import Adversary, AdversaryThread

pytest_plugins = ["small_jobs", "brightrun.simulator.pytest_fixture"]


@pytest.fixture
def adversary() -> Iterator[Adversary]:
    thread = AdversaryThread()
    yield thread.adversary
    thread.close()
