"""Stopped, killed, started twice: nothing that arrived is lost, nothing is paid for twice, all states are final."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Home, Ran, interrupt

SIXTY = {"sample": {"method": "random", "size": 60, "seed": 4}}


def account(claude: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{claude['ANTHROPIC_BASE_URL']}/_simulator/account").json()
    return answer


def check_resumed(
    home: Home, claude: dict[str, str], job: str, resumed: Ran, possibly_paid: int = 0, items: int = 60
) -> None:
    """All of the job is there, and the API delivered no conversation twice beyond what a kill caught on the wire."""
    assert resumed.code == 0, resumed.err
    assert resumed.json["accepted"] == resumed.json["planned"] == items
    assert home.generations(job)["replied"] == items
    delivered = account(claude)["replies_delivered"]
    assert items <= delivered <= items + possibly_paid
    assert home.unfinished_runs(resumed.json["flow_run_id"]) == []


def test_ctrl_c_lands_what_is_in_flight_and_resume_goes_on(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]
) -> None:
    """Law 9 on a job with two hundred task runs, most of which never began."""
    two_hundred = {"sample": {"method": "random", "size": 200, "seed": 4}}
    spec = make_spec("ctrl-c", grid=two_hundred, generate={"concurrency": 32})
    process = home.start("build", str(spec), "--json", **slow_claude)
    job = home.wait_for_replies("ctrl-c", 10, process)
    interrupt(process)
    stopped = home.finish(process)
    assert stopped.code == 130, stopped.err
    assert "Traceback" not in stopped.err
    summary = stopped.json
    assert summary["status"] == "cancelled"
    assert summary["release"] is None
    states = home.states(job)
    assert states["accepted"] + states["cancelled"] == 200
    assert states["cancelled"] == summary["reasons"]["interrupted"]
    calls = home.generations(job)
    assert (calls["replied"], calls["open"], calls["possibly_paid"]) == (states["accepted"], 0, 0)  # all landed
    assert account(slow_claude)["requests_received"] == states["accepted"]  # and nothing went out after it
    assert home.unfinished_runs(summary["flow_run_id"]) == []
    assert len(home.task_runs(summary["flow_run_id"])) >= 200
    assert home.flow_run(summary["flow_run_id"])["state_type"] == "CANCELLED"
    check_resumed(home, slow_claude, job, home.run("resume", job, "--json", **slow_claude), items=200)


def test_sigterm_ends_in_final_states(home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]) -> None:
    process = home.start("build", str(make_spec("sigterm", grid=SIXTY)), "--json", **slow_claude)
    job = home.wait_for_replies("sigterm", 5, process)
    interrupt(process, signal.SIGTERM)
    stopped = home.finish(process)
    assert stopped.code == 130, stopped.err
    assert home.generations(job)["open"] == 0
    assert home.unfinished_runs(stopped.json["flow_run_id"]) == []


@pytest.mark.parametrize("early", [True, False], ids=["early", "late"])
def test_a_killed_job_is_taken_over(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str], early: bool
) -> None:
    """KF-20, KF-32: items of a dead run are taken over; what was on the wire counts as possibly paid."""
    name = "killed-early" if early else "killed-late"
    process = home.start("build", str(make_spec(name, grid=SIXTY)), "--json", **slow_claude)
    job = home.wait_for_replies(name, 3 if early else 40, process)
    interrupt(process, signal.SIGKILL)
    home.finish(process)
    killed_run = str(home.rows("SELECT flow_run_id FROM batch_jobs WHERE id = ?", job)[0][0])
    open_calls = home.generations(job)["open"]
    resumed = home.run("resume", job, "--json", **slow_claude)
    assert resumed.json["possibly_paid_calls"] == open_calls
    check_resumed(home, slow_claude, job, resumed, possibly_paid=open_calls)
    assert home.flow_run(killed_run)["state_type"] == "CRASHED"
    assert home.unfinished_runs(killed_run) == []


def test_a_second_build_of_the_same_says_who_is_at_it(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]
) -> None:
    spec = make_spec("twins", grid=SIXTY, generate={"concurrency": 1})
    first = home.start("build", str(spec), "--json", **slow_claude)
    job = home.wait_for_replies("twins", 3, first)
    second = home.run("build", str(spec), "--json", **slow_claude)
    assert second.code == 2
    assert job in second.json["error"]
    asked = home.run("cancel", job, "--json")
    assert asked.code == 0, asked.err
    stopped = home.finish(first)
    assert stopped.code == 130, stopped.err
    assert stopped.json["status"] == "cancelled"
    assert home.unfinished_runs(stopped.json["flow_run_id"]) == []
