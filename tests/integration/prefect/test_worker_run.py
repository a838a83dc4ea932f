"""A run by a worker: loaded by its entry point, cancelled in Prefect, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments import run_deployment
from prefect.flows import load_flow_from_entrypoint
from prefect_home import ROOT, TOY_FLOW, Home, wait_for

from flows.backend_truth import close_crashed_runs
from flows.served_flow import ServedFlow, prefect_api

POOL = "toy-pool"
ENTRY_POINT = f"{TOY_FLOW}:toy_flow"


@pytest.fixture
def worker(home: Home, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process worker, started from Python: one started by a shell's `&` would ignore SIGINT for good."""
    environment = home.environment(PREFECT_API_URL=home.server.url, PREFECT_WORKER_QUERY_SECONDS="1")
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield process
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def deploy(home: Home) -> str:
    """The toy flow as a deployment of a process pool; where it lives is the repository's root."""
    flow = Flow.from_source(source=str(ROOT), entrypoint=str(TOY_FLOW.relative_to(ROOT)) + ":toy_flow")
    assert isinstance(flow, ServedFlow)
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
    return str(flow.deploy(name="toy", work_pool_name=POOL, build=False, push=False, print_next_steps=False))


def start_run(deployment_id: str, marks: Path, seconds: float) -> str:
    marks.mkdir()
    parameters = {"items": 100, "seconds": seconds, "concurrency": 8, "marks": str(marks)}
    return str(run_deployment(UUID(deployment_id), parameters=parameters, timeout=0).id)


def test_the_entry_point_is_a_served_flow_under_its_functions_name() -> None:
    flow = load_flow_from_entrypoint(ENTRY_POINT)
    assert isinstance(flow, ServedFlow)
    assert flow.name == "toy-flow"
    assert isinstance(flow.with_options(retries=1), ServedFlow)


@pytest.mark.slow
def test_a_worker_run_is_cancelled_in_prefect_and_another_killed(
    home: Home, worker: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIGHTRUN_HOME", str(home.path))
    with prefect_api():
        deployment_id = deploy(home)
        cancelled = start_run(deployment_id, tmp_path / "cancelled", 1.5)
        killed = start_run(deployment_id, tmp_path / "killed", 30)

    wait_for(lambda: len(list((tmp_path / "cancelled").glob("landed-*"))) >= 8, "8 to land")
    home.set_flow_run_state(cancelled, "CANCELLING")
    wait_for(lambda: home.flow_run(cancelled)["state"]["type"] == "CANCELLED", "the cancel")
    summary = json.loads((tmp_path / "cancelled" / "summary").read_text())
    assert summary["landed"] == summary["sent"]
    assert summary["states"]["CANCELLED"] >= 20
    states = home.task_run_states(cancelled)
    assert states.total() == 101
    assert states["CANCELLED"] == summary["states"]["CANCELLED"]

    wait_for((tmp_path / "killed" / "generating").exists, "the other run")
    wait_for(lambda: home.task_run_states(killed)["RUNNING"] >= 8, "running task runs")
    os.kill(json.loads((tmp_path / "killed" / "generating").read_text())["pid"], signal.SIGKILL)
    wait_for(lambda: home.flow_run(killed)["state"]["type"] == "CRASHED", "the worker to see it")
    assert [str(closed) for closed in close_crashed_runs([UUID(killed)])] == [killed]
    assert set(home.task_run_states(killed)) <= {"CRASHED", "COMPLETED"}
