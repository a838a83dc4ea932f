"""A plain Python call of a served flow, with no Prefect configured: run, stopped in every way, killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from prefect_home import Home, ToyRun, wait_for

from brightrun.errors import ExitCode
from brightrun.local_server import find_server
from brightrun.stopping import SAME_INTERRUPT_S, STOPPING_LINE
from flows.backend_truth import close_crashed_runs

StartToy = Callable[..., ToyRun]


def test_every_task_run_is_recorded_in_its_final_state(home: Home, start_toy: StartToy) -> None:
    run = start_toy(220, 0.01, 16)
    code, out, err = run.end()
    assert code == ExitCode.DONE
    assert '"landed"' in out
    assert "Traceback" not in err
    flow_run_id = run.flow_run_id()
    # Twenty-two items failed once; four of them again.
    assert home.task_run_states(flow_run_id) == {"COMPLETED": 217, "FAILED": 4}
    assert {task_run["name"] for task_run in home.task_runs(flow_run_id)} > {f"item {item}" for item in range(220)}
    assert home.flow_run(flow_run_id)["state"]["name"] == "Short"


def interrupt(home: Home, run: ToyRun) -> None:
    run.interrupt()


def terminate(home: Home, run: ToyRun) -> None:
    run.process.terminate()


def cancel(home: Home, run: ToyRun) -> None:
    """What the cancel button does."""
    home.set_flow_run_state(run.flow_run_id(), "CANCELLING")


@pytest.mark.parametrize(
    ("stop_it", "reason"),
    [(interrupt, "interrupt"), (terminate, "terminate"), (cancel, "cancelled_in_prefect")],
)
def test_a_stop_lets_land_what_is_in_flight_and_cancels_the_rest(
    home: Home, start_toy: StartToy, stop_it: Callable[[Home, ToyRun], None], reason: str
) -> None:
    server = home.server
    run = start_toy(200, 0.5, 4)
    run.wait_for_landed(4)
    stop_it(home, run)
    code, _, err = run.end()

    assert code == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    assert (STOPPING_LINE in err) == (reason == "interrupt")
    summary = run.wait_for_mark("summary")
    assert summary["reason"] == reason
    assert summary["landed"] == summary["sent"]
    assert summary["states"]["CANCELLED"] >= 50
    states = home.task_run_states(run.flow_run_id())
    assert states.total() == 201
    assert states["CANCELLED"] == summary["states"]["CANCELLED"]
    assert states["COMPLETED"] == summary["states"]["COMPLETED"] + 1
    assert home.flow_run(run.flow_run_id())["state"]["type"] == "CANCELLED"
    found = find_server(home.path)
    assert found is not None
    assert found.pid == server.pid


def test_a_second_ctrl_c_kills_and_the_runs_are_closed_as_crashed(
    home: Home, start_toy: StartToy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_toy(100, 30, 8)
    flow_run_id = run.flow_run_id()
    wait_for(lambda: home.task_run_states(flow_run_id)["RUNNING"] >= 8, "running task runs")
    run.interrupt()
    assert run.process.stderr is not None
    assert run.process.stderr.readline().strip() == STOPPING_LINE
    time.sleep(SAME_INTERRUPT_S)
    run.interrupt()
    code, _, _ = run.end()
    assert code == -signal.SIGINT

    monkeypatch.setenv("BRIGHTRUN_HOME", str(home.path))
    assert [str(closed) for closed in close_crashed_runs([UUID(flow_run_id)])] == [flow_run_id]
    assert home.flow_run(flow_run_id)["state"]["type"] == "CRASHED"
    assert set(home.task_run_states(flow_run_id)) <= {"CRASHED", "COMPLETED"}


@pytest.mark.slow
def test_a_server_killed_in_the_middle_comes_back_and_has_everything(home: Home, start_toy: StartToy) -> None:
    server = home.server
    run = start_toy(120, 0.4, 8)
    run.wait_for_landed(8)
    os.killpg(server.pid, signal.SIGKILL)
    code, _, err = run.end()
    assert code == ExitCode.DONE
    assert "Traceback" not in err
    assert home.server.pid != server.pid
    assert home.server.url == server.url
    assert home.task_run_states(run.flow_run_id()) == {"COMPLETED": 119, "FAILED": 2}
    assert home.flow_run(run.flow_run_id())["state"]["name"] == "Short"
