"""What a simulator is started with."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultPlan

API_KEY_VARIABLE = "BRIGHTRUN_SIMULATOR_API_KEY"


class SettingsError(ValueError):
    """A simulator setting that cannot work; the message says which, and what would."""


def latency_range(text: str) -> tuple[float, float]:
    """`0.05:0.4` in seconds, or one number for both. SettingsError for anything else."""
    low, _, high = text.partition(":")
    try:
        return float(low), float(high or low)
    except ValueError as error:
        raise SettingsError(f"latency {text!r}: give LOW:HIGH in seconds, as in 0.05:0.4") from error


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """What a simulator is started with. The limits are per minute and model, and in nobody's way unless set."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: any free port."""
    seed: int = 0
    latency_s: tuple[float, float] = (0.05, 0.4)
    """Lowest and highest; every request draws its own, from its seed."""
    requests_per_minute: int = 600_000
    input_tokens_per_minute: int = 5_000_000_000
    output_tokens_per_minute: int = 2_000_000_000
    api_key: str | None = None
    """The only key accepted; None: any is."""
    faults: FaultPlan | None = None
    """What goes wrong from the start on; None: nothing."""

    def __post_init__(self) -> None:
        low, high = self.latency_s
        if not 0 <= low <= high < math.inf:
            raise SettingsError(f"latency {low}:{high}: give LOW:HIGH in seconds, 0 <= LOW <= HIGH")
        if not 0 <= self.port <= 65_535:
            raise SettingsError(f"port {self.port}: give 0 for any free port, or 1 to 65535")
        for name in ("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} {getattr(self, name)}: give 1 or more")

    def arguments(self, folder: Path) -> list[str]:
        """The command line that starts a simulator with these settings (see `environment` for the key).

        A fault plan is written to a file in `folder`, which is read at the start.
        """
        low, high = self.latency_s
        planned = []
        if self.faults is not None:
            plan_file = folder / "faults.yaml"
            plan_file.write_text(json.dumps(self.faults.as_json()), encoding="utf-8")
            planned = [f"--faults={plan_file}"]
        return [
            *planned,
            f"--host={self.host}",
            f"--port={self.port}",
            f"--seed={self.seed}",
            f"--latency={low}:{high}",
            f"--requests-per-minute={self.requests_per_minute}",
            f"--input-tokens-per-minute={self.input_tokens_per_minute}",
            f"--output-tokens-per-minute={self.output_tokens_per_minute}",
        ]

    def environment(self) -> dict[str, str]:
        """The caller's environment with the key in it: an argument would be readable by every user."""
        inherited = {name: value for name, value in os.environ.items() if name != API_KEY_VARIABLE}
        return inherited if self.api_key is None else {**inherited, API_KEY_VARIABLE: self.api_key}
