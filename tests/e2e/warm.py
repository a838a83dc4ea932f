"""Commands without the wait for their imports: a process that has everything imported forks for each of them.

The imports of a build take longer than a small build does. What a fork runs is the command all the same, in a process
with a group, an environment, signals, outputs and an end of its own. Tests of the start itself run the real thing.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

IMPORTED = (
    "brightrun.building",
    "brightrun.cli",
    "brightrun.exporting",
    "brightrun.terminal",
    "flows.build_dataset",
    "flows.resume",
    "great_expectations",
    "pyarrow.parquet",
)
LONGEST_MESSAGE = 200_000
REAP_S = 0.05
START_BOUND_S = 60


class ForkedProcess:
    """A command that runs in a fork, with as much of subprocess.Popen as tests use."""

    def __init__(self, connection: socket.socket, out: int, err: int) -> None:
        self._connection = connection
        self.stdout, self.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8")
        self.pid = int(connection.recv(32))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._returned(0)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """All that it writes, once it has ended. subprocess.TimeoutExpired if it does not."""
        with ThreadPoolExecutor(2) as pool:
            texts = [pool.submit(stream.read) for stream in (self.stdout, self.stderr)]
            if self._returned(timeout) is None:
                os.killpg(self.pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired("a forked command", timeout)
            out, err = (text.result() for text in texts)
        return out, err

    def _returned(self, wait_s: float) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], wait_s)[0]:
            self.returncode = int(self._connection.recv(32))
            self._connection.close()
        return self.returncode


class WarmPython:
    """The process that forks."""

    def __init__(self, place: Path, environment: Mapping[str, str], folder: Path) -> None:
        self._place = str(place)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.warm", self._place], cwd=folder, env=dict(environment)
        )
        deadline = time.monotonic() + START_BOUND_S
        while not place.exists():
            assert self._process.poll() is None, "the process that forks has ended"
            assert time.monotonic() < deadline, "the process that forks does not come up"
            time.sleep(REAP_S)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> ForkedProcess:
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.connect(self._place)
        asked = json.dumps([list(arguments), dict(environment), str(folder)]).encode()
        socket.send_fds(connection, [asked], [out_write, err_write])
        os.close(out_write)
        os.close(err_write)
        return ForkedProcess(connection, out_read, err_read)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def serve(place: str) -> None:
    """Fork for whoever asks; in a fork, return with the command to run set up."""
    for name in IMPORTED:
        import_module(name)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(place)
    listener.listen()
    running: dict[int, socket.socket] = {}
    while True:
        if select.select([listener], [], [], REAP_S)[0]:
            connection = listener.accept()[0]
            asked, (out, err), _, _ = socket.recv_fds(connection, LONGEST_MESSAGE, 2)
            pid = os.fork()
            if pid == 0:
                for each in (listener, connection, *running.values()):
                    each.close()
                become(out, err, *json.loads(asked))
                return
            os.close(out)
            os.close(err)
            running[pid] = connection
            connection.send(str(pid).encode())
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with contextlib.suppress(OSError), running.pop(pid) as connection:
                    connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(out: int, err: int, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Look like a process that was started for this command."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(source, target)
        os.close(source)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    random.seed()
    sys.argv = ["brightrun", *arguments]


if __name__ == "__main__":
    serve(sys.argv[1])
    import_module("brightrun.cli").main()
