"""The commands a user types, in processes of their own, against one home with a real Prefect server."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from brightrun.local_server import ensure_server, find_server, stop_server
from tests.e2e.warm import ForkedProcess, WarmPython

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "brightrun.cli"]
FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}
BOUND_S = 150


Process = ForkedProcess | subprocess.Popen[str]


def environment_of(home: Path) -> dict[str, str]:
    """That of a user who has set nothing but where the home is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "PREFECT_"))}
    kept.pop("BRIGHTRUN_DATABASE_URL", None)
    return {**kept, "BRIGHTRUN_HOME": str(home), "COLUMNS": "200"}


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return answer


@dataclass(frozen=True)
class Home:
    """A BRIGHTRUN_HOME, with what tests ask of it."""

    path: Path
    warm: WarmPython

    def environment(self, **more: str) -> dict[str, str]:
        return {**environment_of(self.path), **more}

    def start(self, *arguments: str, **more: str) -> ForkedProcess:
        """A command under way, in a process group of its own, as a terminal would have it."""
        return self.warm.start(arguments, self.environment(**more), ROOT)

    def start_cold(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """The same with its imports."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **more: str) -> Ran:
        return self.finish(self.start(*arguments, **more))

    def run_cold(self, *arguments: str, **more: str) -> Ran:
        return self.finish(self.start_cold(*arguments, **more))

    def finish(self, process: Process) -> Ran:
        out, err = process.communicate(timeout=BOUND_S)
        assert process.returncode is not None
        return Ran(process.returncode, out, err)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.path / "brightrun.db", timeout=30)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def job_of(self, name: str) -> str:
        """The newest job of a dataset; empty where there is none."""
        try:
            found = self.rows("SELECT id FROM batch_jobs WHERE name = ? ORDER BY created_at DESC", name)
        except sqlite3.OperationalError:
            return ""
        return str(found[0][0]) if found else ""

    def states(self, job_id: str) -> Counter[str]:
        return Counter(dict(self.rows("SELECT state, count(*) FROM batch_items WHERE job_id = ? GROUP BY 1", job_id)))

    def generations(self, job_id: str) -> Counter[str]:
        return Counter(dict(self.rows("SELECT state, count(*) FROM generations WHERE job_id = ? GROUP BY 1", job_id)))

    def wait_for_replies(self, name: str, count: int, process: Process) -> str:
        """Until the job of this name has so many replies; its id."""

        def enough() -> bool:
            assert process.poll() is None, process.communicate()
            job = self.job_of(name)
            return bool(job) and self.generations(job)["replied"] >= count

        wait_until(enough)
        return self.job_of(name)

    def flow_run_of(self, job_id: str) -> str:
        """The flow run that claimed the job last."""
        return str(self.rows("SELECT flow_run_id FROM batch_jobs WHERE id = ?", job_id)[0][0])

    def flow_run(self, flow_run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.api}/flow_runs/{flow_run_id}").raise_for_status().json()
        return answer

    def task_runs(self, flow_run_id: str) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = []
        while True:
            body = {"flow_runs": {"id": {"any_": [flow_run_id]}}, "limit": 200, "offset": len(runs)}
            page = httpx.post(f"{self.api}/task_runs/filter", json=body).raise_for_status().json()
            runs += page
            if len(page) < 200:
                return runs

    def unfinished_runs(self, flow_run_id: str) -> list[str]:
        """Names of the runs the backend does not have in a final state."""
        run = self.flow_run(flow_run_id)
        return [each["name"] for each in [run, *self.task_runs(flow_run_id)] if each["state_type"] not in FINAL]

    @property
    def api(self) -> str:
        server = find_server(self.path)
        assert server is not None
        return server.url


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for the session: a first start of a server takes its time."""
    folder = tmp_path_factory.mktemp("home")
    ensure_server(folder)
    warm = WarmPython(folder.parent / f"{folder.name}.socket", environment_of(folder), ROOT)
    yield Home(folder, warm)
    warm.stop()
    stop_server(folder)


def write_suite(path: Path, column: str) -> str:
    """A suite of one expectation: the shipped ones take Great Expectations seconds in each build."""
    expectation = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": column}, "severity": "critical"}
    path.write_text(json.dumps({"name": path.stem, "expectations": [expectation]}))
    return str(path)


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[..., Path]:
    """Write a spec: `name`, then changes to a small one, part by part."""
    suites = {
        "suite": write_suite(tmp_path / "of-conversations.json", "exchanges"),
        "release_suite": write_suite(tmp_path / "of-a-release.json", "conversations"),
    }

    def make(name: str, **parts: dict[str, Any]) -> Path:
        spec: dict[str, Any] = {
            "name": name,
            "catalog": str(ROOT / "catalogs/financial_planning"),
            "grid": {"edge_share": 0, "sample": {"method": "random", "size": 12, "seed": 1}},
            "generate": {"concurrency": 8, "budget_usd": 20},
            "quality": suites,
        }
        for part, changes in parts.items():
            spec[part] = {**spec.get(part, {}), **changes}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(spec))
        return path

    return make


@pytest.fixture
def slow_claude(home: Home, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A simulator that takes its time; the environment that points to it."""
    from brightrun.simulator.process import start_simulator
    from brightrun.simulator.settings import SimulatorSettings

    simulator = start_simulator(SimulatorSettings(latency_s=(0.8, 1.2)), tmp_path / "simulator.log")
    yield {"ANTHROPIC_BASE_URL": simulator.url}
    simulator.stop()


def wait_until(condition: Callable[[], bool], bound_s: float = 90) -> None:
    deadline = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < deadline, "this did not come about in time"
        time.sleep(0.1)


def interrupt(process: Process, number: int = signal.SIGINT) -> None:
    """What a terminal does: the signal goes to the whole foreground group."""
    os.killpg(process.pid, number)
