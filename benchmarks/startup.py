"""How long commands take to start and answer: wall clock and CPU, next to an empty Python process.

    python benchmarks/startup.py [rounds]

Every command runs in a process of its own, in turn, over and over; the median of its rounds is shown. `ratio` is its
CPU over that of an empty process. The home is a fresh one, made ready once before anything is measured.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
EMPTY = [sys.executable, "-c", "pass"]
COMMANDS = [
    ["--help"],
    ["--version"],
    ["build", "--help"],
    ["server", "status"],
    ["jobs"],
    ["plan", "datasets/demo.yaml"],
]


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of wall clock, and of CPU of the process with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    program = [sys.executable, "-m", "brightrun.cli"]
    with tempfile.TemporaryDirectory() as home:
        unset = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "BRIGHTRUN_DATABASE_URL")
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        environment["BRIGHTRUN_HOME"] = home
        commands = {"(empty process)": EMPTY, **{" ".join(words): [*program, *words] for words in COMMANDS}}
        subprocess.run([*program, "jobs"], cwd=ROOT, env=environment, capture_output=True, check=True)
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                took[name].append(measured(command, environment))
    empty_cpu_s = statistics.median(cpu_s for _, cpu_s in took["(empty process)"])
    print(f"{'command':<28}{'wall s':>8}{'cpu s':>8}{'ratio':>8}   median of {rounds}")
    for name, times in took.items():
        wall_s = statistics.median(entry[0] for entry in times)
        cpu_s = statistics.median(entry[1] for entry in times)
        print(f"{name:<28}{wall_s:>8.2f}{cpu_s:>8.2f}{cpu_s / empty_cpu_s:>8.1f}")


if __name__ == "__main__":
    main()
