"""The unit tests' records serve here too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "export"))

from brightrun.simulator.pytest_fixture import run_simulator, simulator

__all__ = ["run_simulator", "simulator"]
