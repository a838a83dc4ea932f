"""The machine misbehaves: it is suspended, or its clock is set back."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from brightrun.errors import ExitCode
from chaos.place import Place, Running, processes_of_session, wait_until
from chaos.trial import SkippedError, Trial, trial

SUSPENDED_S = 40.0
LEASE_LAPSED_S = 32.0
COMMITS_BOUND_S = 10.0
HOUR_S = 3600


def suspended(place: Place) -> Trial:
    """The build's processes are stopped for 40 s and go on."""
    with trial(place, "suspended", 300) as job:
        running = job.build()
        job.wait_for_replies(80, running)
        _signal(running, signal.SIGSTOP)
        time.sleep(SUSPENDED_S)
        _signal(running, signal.SIGCONT)
        job.end(running, 0)
    return job


def taken_over(place: Place) -> Trial:
    """A build is suspended, `resume` takes its job over once the lease has lapsed, and then it wakes up."""
    with trial(place, "taken-over", 400) as job:
        first = job.build()
        job.wait_for_replies(80, first)
        _stop_between_commits(first, place)
        job.books.after_break()
        time.sleep(LEASE_LAPSED_S)
        second = job.resume()
        wait_until(lambda: job.replies() > 150 or not second.alive, "the second to be at it")
        _signal(first, signal.SIGCONT)
        code = first.end()
        job.books.expect(code == ExitCode.INTERRUPTED, f"the one that lost its job ended with {code}")
        job.books.killed_runs.clear()  # it was not killed, and says itself how it ended
        job.say(f"the first ended with {code}")
        job.end(second, 0)
    return job


def clock_back(place: Place) -> Trial:
    """The clock is set back by an hour in the middle, the build is killed five seconds later and resumed."""
    clock = place.folder / "clock"
    clock.write_bytes(struct.pack("=q", 0))
    preloaded = {"LD_PRELOAD": str(_settable_clock(place.folder)), "CLOCK_FILE": str(clock)}
    with trial(place, "clock-back", 400) as job:
        running = job.build(**preloaded)
        job.wait_for_replies(80, running)
        with clock.open("r+b") as file:
            file.write(struct.pack("=q", -HOUR_S))
        time.sleep(5)
        running.kill()
        job.books.after_break()
        job.end(job.resume(**preloaded), 0)
    return job


def _settable_clock(folder: Path) -> Path:
    """The library of clock.c, built. SkippedError where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        raise SkippedError("setting a clock back takes Linux and a C compiler (`cc`)")
    library = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source)], check=True)
    return library


def _stop_between_commits(running: Running, place: Place) -> None:
    """Suspend it while it does not hold the database's write lock, which nobody could take from it."""

    def stopped_without_the_lock() -> bool:
        _signal(running, signal.SIGSTOP)
        with closing(sqlite3.connect(place.database, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                _signal(running, signal.SIGCONT)
                return False
        return True

    wait_until(stopped_without_the_lock, "a moment between two commits", COMMITS_BOUND_S)


def _signal(running: Running, number: int) -> None:
    for pid in processes_of_session(running.process.pid):
        os.kill(pid, number)
