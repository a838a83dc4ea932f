"""What `prefect.yaml` deploys, run by a real worker of a process pool, against the home's Prefect server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import FINAL, ROOT, Home, Ran, wait_until

POOL = "bright-run"
COMMAND_BOUND_S = 120
RUN_BOUND_S = 150
STOP_BOUND_S = 20


@dataclass(frozen=True)
class Deployed:
    """A home whose server knows the deployments and has a worker for them."""

    home: Home
    client_folder: Path

    def environment(self) -> dict[str, str]:
        """A shell to deploy and to start workers from: its Prefect is the home's server, and is reached directly."""
        loopback = "127.0.0.1,localhost"
        return self.home.environment(
            PREFECT_API_URL=self.home.api,
            PREFECT_HOME=str(self.client_folder),
            DO_NOT_TRACK="1",
            no_proxy=loopback,
            NO_PROXY=loopback,
        )

    def prefect(self, *arguments: str) -> Ran:
        ran = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_BOUND_S,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.home.api}{path}", json=body, timeout=30)

    def deployment(self, name: str, flow: str = "build-dataset") -> dict[str, Any]:
        answer = httpx.get(f"{self.home.api}/deployments/name/{flow}/{name}", timeout=30).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def create_run(self, parameters: dict[str, Any], **job_variables: Any) -> httpx.Response:
        """What the run form's button sends for the ad hoc deployment."""
        body = {"state": {"type": "SCHEDULED"}, "parameters": parameters, "job_variables": job_variables}
        return self.post(f"/deployments/{self.deployment('ad-hoc')['id']}/create_flow_run", body)

    def artifacts(self, flow_run_id: str) -> list[dict[str, Any]]:
        body = {"artifacts": {"flow_run_id": {"any_": [flow_run_id]}}}
        found: list[dict[str, Any]] = self.post("/artifacts/filter", body).raise_for_status().json()
        return found

    def wait_for_end(self, flow_run_id: str, bound_s: float = RUN_BOUND_S) -> dict[str, Any]:
        wait_until(lambda: self.home.flow_run(flow_run_id)["state_type"] in FINAL, bound_s)
        return self.home.flow_run(flow_run_id)


@pytest.fixture(scope="session")
def deployed(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The pool, the deployments and the worker, made as docs/guide/scheduling.md says."""
    made = Deployed(home, tmp_path_factory.mktemp("prefect-client"))
    for arguments in (["work-pool", "create", POOL, "--type", "process"], ["deploy", "--all"]):
        ran = made.prefect(*arguments)
        assert ran.code == 0, ran.out + ran.err
    # From Python, since one that a script starts with & would ignore SIGINT.
    with (made.client_folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"],
            cwd=ROOT,
            env=made.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield made
    worker.terminate()
    try:
        worker.wait(STOP_BOUND_S)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(STOP_BOUND_S)


@pytest.fixture(scope="session")
def demo_run(deployed: Deployed) -> str:
    """The flow run of the ad hoc deployment as it is: the demo, built anew; its id, once it has ended."""
    ran = deployed.prefect("deployment", "run", "build-dataset/ad-hoc", "--param", "new=true")
    assert ran.code == 0, ran.out + ran.err
    found = re.search(r"UUID: ([0-9a-f-]{36})", ran.out)
    assert found, ran.out
    deployed.wait_for_end(found[1])
    return found[1]
