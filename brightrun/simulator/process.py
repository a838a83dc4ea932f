"""A simulator as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from brightrun.simulator.settings import SimulatorSettings

START_BOUND_S = 20.0
STOP_BOUND_S = 5.0
POLL_S = 0.01
LOG_EXCERPT_CHARACTERS = 500


class SimulatorStartError(RuntimeError):
    """The simulator did not come up; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator that listens at `url`."""

    url: str
    pid: int
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, first politely; a simulator that has already ended is no error."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_BOUND_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_BOUND_S)


def start_simulator(settings: SimulatorSettings, log_path: Path) -> RunningSimulator:
    """Start a simulator and wait until it listens.

    It has a session of its own, so that a Ctrl-C at the terminal does not reach it, writes to
    `log_path`, and exits by itself within about a second of this process. Raises SimulatorStartError.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="brightrun-simulator-") as folder, log_path.open("ab") as log:
        ready_file = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "brightrun.simulator", *settings.arguments(Path(folder))]
        process = subprocess.Popen(
            [*command, f"--ready-file={ready_file}", f"--parent-pid={os.getpid()}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=settings.environment(),
            start_new_session=True,
        )
        try:
            url = _wait_until_ready(process, ready_file, log_path)
        except BaseException:
            process.kill()
            process.wait()
            raise
    return RunningSimulator(url, process.pid, process)


def _wait_until_ready(process: subprocess.Popen[bytes], ready_file: Path, log_path: Path) -> str:
    deadline = time.monotonic() + START_BOUND_S
    while not ready_file.exists():
        if process.poll() is not None:
            said = log_path.read_text(errors="replace")[-LOG_EXCERPT_CHARACTERS:].strip()
            raise SimulatorStartError(f"The simulator ended with code {process.returncode}: {said}")
        if time.monotonic() > deadline:
            raise SimulatorStartError(f"The simulator did not listen within {START_BOUND_S:g} s; see {log_path}")
        time.sleep(POLL_S)
    url: str = json.loads(ready_file.read_text())["url"]
    return url
