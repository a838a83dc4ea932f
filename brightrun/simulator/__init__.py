"""A fake Claude: an HTTP server that speaks the Messages API and knows only what a request says."""

from brightrun.simulator.process import RunningSimulator, SimulatorStartError, start_simulator
from brightrun.simulator.settings import SettingsError, SimulatorSettings

__all__ = ["RunningSimulator", "SettingsError", "SimulatorSettings", "SimulatorStartError", "start_simulator"]
