"""Memory watched: the most a build's process takes, for a small and a large job."""

from __future__ import annotations

import time
from pathlib import Path

from brightrun.errors import ExitCode
from brightrun.simulator.fault_plan import FaultPlan
from chaos.place import COMMAND_BOUND_S, NotInTimeError, Place, Running
from chaos.trial import Trial, trial

SIZES = (500, 2000)
WATCH_S = 0.2
MIB = 1024


def memory(place: Place) -> list[Trial]:
    """A job of 500 and one of 2,000 conversations, undisturbed."""
    trials = []
    for size in SIZES:
        with trial(place, f"memory-{size}", size, FaultPlan(), concurrency=64) as job:
            running = job.build()
            job.say(f"{_peak_mib(running)} MiB at most")
            job.end(running, ExitCode.DONE, ExitCode.SHORT)
        trials.append(job)
    return trials


def _peak_mib(running: Running) -> int:
    """The high-water mark of its resident memory, read until it ends."""
    peak_kib = 0
    deadline = time.monotonic() + COMMAND_BOUND_S
    while running.alive:
        peak_kib = max(peak_kib, _high_water_kib(running.process.pid))
        if time.monotonic() > deadline:
            running.kill()
            raise NotInTimeError(f"it did not end within {COMMAND_BOUND_S:g} s; see {running.err}")
        time.sleep(WATCH_S)
    return peak_kib // MIB


def _high_water_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
