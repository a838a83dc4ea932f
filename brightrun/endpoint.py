"""Which Claude answers: the configured API, or a simulator of our own where none is configured."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from brightrun.claude.client import Endpoint, configured_endpoint
from brightrun.errors import ServerStartError
from brightrun.simulator.fault_plan import FaultPlan, plan_of
from brightrun.simulator.process import SimulatorStartError, start_simulator
from brightrun.simulator.settings import SimulatorSettings

FAULTS_VARIABLE = "BRIGHTRUN_SIMULATOR_FAULTS"

SIMULATED_LINE = (
    "No ANTHROPIC_API_KEY and no ANTHROPIC_BASE_URL: Claude is SIMULATED. "
    "Nothing is paid for, and nothing here is fit to train on."
)

SIMULATOR_LINE = "ANTHROPIC_BASE_URL leads to a simulator: Claude is SIMULATED, and nothing here is fit to train on."


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def claude_endpoint(home: Path, announce: Callable[[str], None] = say) -> Iterator[Endpoint]:
    """The configured endpoint, or a simulator that lives while inside, announced."""
    configured = configured_endpoint()
    if configured is not None:
        if configured.simulated:
            announce(SIMULATOR_LINE)
        yield configured
        return
    announce(SIMULATED_LINE)
    try:
        simulator = start_simulator(SimulatorSettings(faults=_faults()), home / "simulator.log")
    except SimulatorStartError as error:
        raise ServerStartError(str(error)) from error
    try:
        yield Endpoint(base_url=simulator.url, api_key="simulated", simulated=True)
    finally:
        simulator.stop()


def _faults() -> FaultPlan | None:
    """What the simulator that is started here is to spoil; None unless the environment says. Raises ProblemsError."""
    asked = os.environ.get(FAULTS_VARIABLE, "").split()
    return plan_of(*asked) if asked else None


def will_simulate() -> bool:
    """Whether a build started now would use a simulator."""
    configured = configured_endpoint()
    return configured is None or configured.simulated
