"""One real Prefect server for all of these tests, started twice at once, as two users would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect_home import ROOT, TOY_FLOW, Home, ToyRun

from brightrun.local_server import stop_server

START = """
import sys
from pathlib import Path
from brightrun.local_server import ensure_server
server = ensure_server(Path(sys.argv[1]))
print(server.url, server.pid, server.started)
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("brightrun-home")
    environment = {**os.environ, "ANTHROPIC_API_KEY": "sk-secret", "SUPABASE_SERVICE_ROLE_KEY": "secret"}
    environment |= {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PYTHONPATH": str(ROOT)}
    starts = [
        subprocess.Popen([sys.executable, "-c", START, str(path)], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    cold_starts = []
    for start in starts:
        url, pid, started = start.communicate(timeout=200)[0].split()
        cold_starts.append((url, int(pid), started == "True"))
    yield Home(path, cold_starts)
    stop_server(path)


@pytest.fixture
def start_toy(home: Home, tmp_path: Path) -> Iterator[Callable[..., ToyRun]]:
    """Start the toy flow: `start_toy(items, seconds, concurrency)`."""
    runs: list[ToyRun] = []

    def start(items: int, seconds: float, concurrency: int) -> ToyRun:
        marks = tmp_path / f"marks-{len(runs)}"
        marks.mkdir()
        arguments = [str(items), str(seconds), str(concurrency), str(marks)]
        process = subprocess.Popen(
            [sys.executable, str(TOY_FLOW), *arguments],
            env=home.environment(),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        runs.append(ToyRun(process, marks))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.communicate()
