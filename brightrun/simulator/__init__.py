"""A fake Claude: an HTTP server that speaks the Messages API and knows only what a request says."""

from brightrun.simulator.fault_plan import FaultPlan, FaultRule, plan_of
from brightrun.simulator.faults import Fault
from brightrun.simulator.process import RunningSimulator, SimulatorStartError, start_simulator
from brightrun.simulator.settings import SettingsError, SimulatorSettings

__all__ = [
    "Fault",
    "FaultPlan",
    "FaultRule",
    "RunningSimulator",
    "SettingsError",
    "SimulatorSettings",
    "SimulatorStartError",
    "plan_of",
    "start_simulator",
]
