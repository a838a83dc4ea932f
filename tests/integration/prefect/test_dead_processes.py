"""Law 9: the runs of processes that were killed are closed by the next flow, whatever the store knows of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from prefect import task
from prefect_home import Home, ToyRun, wait_for

from flows.dead_processes import process_mark
from flows.served_flow import served_flow
from flows.task_runs import task_runs


@task(name="echo")
def echo() -> str:
    return "heard"


@served_flow()
def small_flow() -> str:
    with task_runs() as runs:
        runs.result(echo.submit(), "echo")
        return str(runs.flow_run_id)


@pytest.fixture(autouse=True)
def _own_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGHTRUN_HOME", str(home.path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_a_flow_run_carries_the_mark_of_its_process_and_its_task_runs_do_not(home: Home) -> None:
    flow_run_id = small_flow()
    assert home.flow_run(flow_run_id)["tags"] == [process_mark(os.getpid())]
    assert [run["tags"] for run in home.task_runs(flow_run_id)] == [[]]


def test_kf_20_the_next_flow_closes_what_a_killed_process_left_open(
    home: Home, start_toy: Callable[..., ToyRun]
) -> None:
    """KF-20: and leaves alone what a living one is at."""
    killed, living = start_toy(40, 30, 8), start_toy(40, 30, 8)
    flow_run_id, other = killed.flow_run_id(), living.flow_run_id()
    wait_for(lambda: home.task_run_states(flow_run_id)["RUNNING"] >= 8, "running task runs")
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.end()
    small_flow()
    assert home.flow_run(flow_run_id)["state_type"] == "CRASHED"
    assert set(home.task_run_states(flow_run_id)) <= {"CRASHED", "COMPLETED"}
    assert home.flow_run(other)["state_type"] == "RUNNING"
    assert home.task_run_states(other)["CRASHED"] == 0
