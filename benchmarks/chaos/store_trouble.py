"""The store in trouble: its disk is full, its database locked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brightrun.errors import ExitCode
from chaos.place import Place, wait_until
from chaos.trial import SkippedError, Trial, trial

DISK = "150m"
DISK_FULL_S = 20.0
LOCKED_S = 20.0

HOLD_THE_LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


def disk_full(place: Place) -> Trial:
    """The disk of the home, Prefect's database included, is full for 20 s in the middle; then there is room again."""
    with _own_disk(place), trial(place, "disk-full", 300) as job:
        running = job.build()
        job.wait_for_replies(80, running)
        filler = place.home / "filler"
        _fill(filler)
        before = job.replies()
        until = time.monotonic() + DISK_FULL_S
        wait_until(lambda: not running.alive or time.monotonic() > until, "the disk to have been full", 2 * DISK_FULL_S)
        job.say(f"{job.replies() - before} replies were kept while it was full")
        filler.unlink()
        code = running.end()
        if code == ExitCode.DONE:
            job.books.after_end()
        else:
            left = job.books.after_break()
            job.books.expect(code == ExitCode.SHORT, f"exit code {code}; see {running.err}")
            job.books.expect("Traceback" not in running.err.read_text(), f"a traceback; see {running.err}")
            job.say(f"the build ended with {code} and {len(left.open_calls)} calls open, `resume` went on")
            job.end(job.resume(), ExitCode.DONE)
    return job


def database_locked(place: Place) -> Trial:
    """Another process holds the database's write lock for 20 s in the middle."""
    with trial(place, "database-locked", 300) as job:
        running = job.build()
        job.wait_for_replies(80, running)
        with subprocess.Popen([sys.executable, "-c", HOLD_THE_LOCK, str(place.database), str(LOCKED_S)]):
            job.end(running, 0)
    return job


@contextmanager
def _own_disk(place: Place) -> Iterator[None]:
    """The home on a small disk of its own."""
    if os.geteuid() != 0:
        raise SkippedError("a small disk takes a mount, and a mount takes root")
    place.home.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place.home)], capture_output=True, check=False
    )
    if mounted.returncode:
        raise SkippedError("no tmpfs can be mounted here")
    try:
        yield
    finally:
        place.leave()
        subprocess.run(["umount", "-l", str(place.home)], check=False)


def _fill(path: Path) -> None:
    """Write until nothing more goes in."""
    chunk = bytes(2**20)
    with path.open("wb", buffering=0) as file:
        while chunk:
            try:
                file.write(chunk)
            except OSError:
                chunk = chunk[: len(chunk) // 2]
