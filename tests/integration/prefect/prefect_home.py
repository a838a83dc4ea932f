"""What the tests of the Prefect runtime share: a home with its server, a toy run, and waiting for a condition."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brightrun.local_server import LocalServer, ensure_server

TOY_FLOW = Path(__file__).parent / "toy_flow.py"
ROOT = Path(__file__).parents[3]
RUN_BOUND_S = 60.0


def wait_for(condition: Callable[[], bool], what: str, bound_s: float = RUN_BOUND_S) -> None:
    """Wait until it holds; a test that waits in vain says what for."""
    deadline = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {bound_s:g} s for {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Home:
    """A project's home with its server."""

    path: Path
    cold_starts: list[tuple[str, int, bool]]

    @property
    def server(self) -> LocalServer:
        return ensure_server(self.path)

    def environment(self, **more: str) -> dict[str, str]:
        """A user's shell: a home, secrets, no Prefect configured."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        ours = {"BRIGHTRUN_HOME": str(self.path), "PREFECT_HOME": str(self.path / "client")}
        return kept | ours | {"PYTHONPATH": str(ROOT)} | more

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.server.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def flow_run(self, flow_run_id: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.server.url}/flow_runs/{flow_run_id}", timeout=10) as answer:
            run: dict[str, Any] = json.load(answer)
            return run

    def task_runs(self, flow_run_id: str) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = []
        while len(runs) % 200 == 0:
            body = {"flow_runs": {"id": {"any_": [flow_run_id]}}, "limit": 200, "offset": len(runs)}
            page = self.post("/task_runs/filter", body)
            runs += page
            if not page:
                break
        return runs

    def task_run_states(self, flow_run_id: str) -> Counter[str]:
        return Counter(run["state_type"] for run in self.task_runs(flow_run_id))

    def set_flow_run_state(self, flow_run_id: str, state_type: str) -> None:
        answer = self.post(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": state_type}})
        assert answer["status"] == "ACCEPT"


@dataclass
class ToyRun:
    """The toy flow in a process of its own, in a session of its own, as in a terminal."""

    process: subprocess.Popen[str]
    marks: Path

    def wait_for_mark(self, name: str) -> dict[str, Any]:
        mark = self.marks / name
        wait_for(lambda: mark.exists() or self.process.poll() is not None, name)
        assert mark.exists(), self.process.communicate()[1]
        content: dict[str, Any] = json.loads(mark.read_text())
        return content

    def flow_run_id(self) -> str:
        return str(self.wait_for_mark("generating")["flow_run_id"])

    def wait_for_landed(self, count: int) -> None:
        wait_for(lambda: len(list(self.marks.glob("landed-*"))) >= count, f"{count} to land")

    def interrupt(self) -> None:
        """Ctrl-C, which a terminal sends to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=RUN_BOUND_S)
        return self.process.returncode, out, err
