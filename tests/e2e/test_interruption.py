"""Stopped, killed, started twice: nothing that arrived is lost, nothing is paid for twice, all states are final."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.stopping import SAME_INTERRUPT_S, STOPPING_LINE
from tests.e2e.conftest import Home, Process, Ran, interrupt, wait_until

SEEN_WITHIN_S = 6.0
"""Both places of a cancel are looked at every two seconds."""

SIXTY = {"sample": {"method": "random", "size": 60, "seed": 4}}
THIRTY = {"sample": {"method": "random", "size": 30, "seed": 4}}


def account(claude: dict[str, str], entries: int = 0) -> dict[str, Any]:
    url = f"{claude['ANTHROPIC_BASE_URL']}/_simulator/account"
    answer: dict[str, Any] = httpx.get(url, params={"entries": entries}).json()
    return answer


def play(claude: dict[str, str], **rule: object) -> None:
    url = f"{claude['ANTHROPIC_BASE_URL']}/_simulator/faults"
    httpx.post(url, json={"faults": [rule]}).raise_for_status()


def check_resumed(
    home: Home, claude: dict[str, str], job: str, resumed: Ran, possibly_paid: int = 0, items: int = 30
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
    """Law 9 on a job with a hundred task runs, most of which never began."""
    hundred = {"sample": {"method": "random", "size": 100, "seed": 4}}
    spec = make_spec("ctrl-c", grid=hundred, generate={"concurrency": 32})
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
    assert states["accepted"] + states["cancelled"] == 100
    assert states["cancelled"] == summary["reasons"]["interrupted"]
    calls = home.generations(job)
    assert (calls["replied"], calls["open"], calls["possibly_paid"]) == (states["accepted"], 0, 0)  # all landed
    assert account(slow_claude)["requests_received"] == states["accepted"]  # and nothing went out after it
    assert home.unfinished_runs(summary["flow_run_id"]) == []
    assert len(home.task_runs(summary["flow_run_id"])) >= 100
    assert home.flow_run(summary["flow_run_id"])["state_type"] == "CANCELLED"
    check_resumed(home, slow_claude, job, home.run("resume", job, "--json", **slow_claude), items=100)


def sigterm(home: Home, process: Process, job: str) -> None:
    interrupt(process, signal.SIGTERM)


def cancel_in_prefect(home: Home, process: Process, job: str) -> None:
    """What the cancel button of a run's page does."""
    state = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    answer = httpx.post(f"{home.api}/flow_runs/{home.flow_run_of(job)}/set_state", json=state)
    assert answer.raise_for_status().json()["status"] == "ACCEPT"


def cancel_from_another_terminal(home: Home, process: Process, job: str) -> None:
    asked = home.run("cancel", job, "--json")
    assert asked.code == 0, asked.err
    assert "asked the job to stop" in home.run("logs", job).out


Stop = Callable[[Home, Process, str], None]


@pytest.mark.parametrize(
    ("stop", "given_up"), [(sigterm, 1), (cancel_in_prefect, 0), (cancel_from_another_terminal, 0)]
)
def test_a_stop_from_elsewhere_lands_what_is_in_flight(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str], stop: Stop, given_up: int
) -> None:
    """The answer to the eighth request comes late: a SIGTERM does not wait so long, a cancel does."""
    play(slow_claude, fault="late_answer", at="8", seconds=40 if given_up else 8)
    name = stop.__name__.replace("_", "-")
    process = home.start(
        "build", str(make_spec(name, grid=SIXTY, generate={"concurrency": 4})), "--json", **slow_claude
    )
    job = home.wait_for_replies(name, 8, process)
    stop(home, process, job)
    asked_at = time.time()
    stopped = home.finish(process)
    assert stopped.code == 130, stopped.err
    assert "Traceback" not in stopped.err
    assert stopped.json["status"] == "cancelled"
    calls, states = home.generations(job), home.states(job)
    assert (calls["open"], calls["possibly_paid"]) == (0, given_up)
    assert states["accepted"] + states["cancelled"] == 60
    assert states["accepted"] == calls["replied"] >= 8
    entries = account(slow_claude, entries=1)["entries"]
    assert len(entries) == calls["replied"] + given_up
    assert max(entry["received_at"] for entry in entries) < asked_at + SEEN_WITHIN_S  # nothing new went out
    assert home.flow_run(stopped.json["flow_run_id"])["state_type"] == "CANCELLED"
    assert home.unfinished_runs(stopped.json["flow_run_id"]) == []


def test_ctrl_c_twice_is_a_kill_and_resume_goes_on(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]
) -> None:
    """What was in flight counts as possibly paid; what had arrived is kept."""
    play(slow_claude, fault="late_answer", at="12-15", seconds=60)
    spec = make_spec("ctrl-c-twice", grid=THIRTY, generate={"concurrency": 8})
    process = home.start("build", str(spec), "--json", **slow_claude)
    job = home.wait_for_replies("ctrl-c-twice", 11, process)
    interrupt(process)
    assert process.stderr is not None
    while process.stderr.readline().strip() != STOPPING_LINE:
        assert process.poll() is None
    time.sleep(2 * SAME_INTERRUPT_S)  # what comes sooner is the same Ctrl-C
    interrupt(process)
    assert home.finish(process).code == -signal.SIGINT
    killed_run, open_calls = home.flow_run_of(job), home.generations(job)["open"]
    assert open_calls >= 4
    resumed = home.run("resume", job, "--json", **slow_claude)
    assert resumed.json["possibly_paid_calls"] == open_calls
    check_resumed(home, slow_claude, job, resumed, possibly_paid=open_calls)
    assert home.flow_run(killed_run)["state_type"] == "CRASHED"
    assert home.unfinished_runs(killed_run) == []


def test_a_killed_job_is_taken_over(home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]) -> None:
    """KF-20, KF-32: items of a dead run are taken over; what was on the wire counts as possibly paid."""
    process = home.start("build", str(make_spec("killed", grid=THIRTY)), "--json", **slow_claude)
    job = home.wait_for_replies("killed", 12, process)
    interrupt(process, signal.SIGKILL)
    home.finish(process)
    killed_run = home.flow_run_of(job)
    open_calls = home.generations(job)["open"]
    resumed = home.run("resume", job, "--json", **slow_claude)
    assert resumed.json["possibly_paid_calls"] == open_calls
    check_resumed(home, slow_claude, job, resumed, possibly_paid=open_calls)
    assert home.flow_run(killed_run)["state_type"] == "CRASHED"
    assert home.unfinished_runs(killed_run) == []


def test_kf_21_a_second_worker_shares_the_job_and_leads_it_when_the_first_is_killed(
    home: Home, make_spec: Callable[..., Path], slow_claude: dict[str, str]
) -> None:
    """KF-21."""
    spec = make_spec("shared", grid=SIXTY, generate={"concurrency": 2})
    first = home.start("build", str(spec), "--json", **slow_claude)
    job = home.wait_for_replies("shared", 1, first)
    second = home.start("resume", job, "--json", **slow_claude)

    def is_shared() -> bool:
        assert second.poll() is None, second.communicate()
        workers = "SELECT count(DISTINCT leased_by) FROM batch_items WHERE job_id = ? AND state = 'generating'"
        return bool(home.rows(workers, job)[0][0] == 2)

    wait_until(is_shared)
    killed_run = home.flow_run_of(job)
    interrupt(first, signal.SIGKILL)
    home.finish(first)
    went_on = home.finish(second)
    lost = home.generations(job)["possibly_paid"]
    assert lost <= 2
    check_resumed(home, slow_claude, job, went_on, possibly_paid=lost, items=60)
    assert home.flow_run(killed_run)["state_type"] == "CRASHED"
    assert home.flow_run_of(job) == went_on.json["flow_run_id"] != killed_run
    assert home.rows("SELECT count(*) FROM workers") == [(0,)]


def test_kf_27_a_job_killed_before_its_checks_is_checked_by_resume(home: Home, make_spec: Callable[..., Path]) -> None:
    """KF-27: everything is generated and nothing is owed. The store is wound back to what such a kill leaves."""
    job = home.run("build", str(make_spec("unchecked")), "--json").json["job_id"]
    with closing(sqlite3.connect(home.path / "brightrun.db", timeout=30)) as store, store:
        conversations = "(SELECT id FROM conversations WHERE job_id = ?)"
        store.execute(f"DELETE FROM verdicts WHERE conversation_id IN {conversations}", [job])
        store.execute("DELETE FROM releases WHERE job_id = ?", [job])
        store.execute("UPDATE conversations SET enriched = NULL WHERE job_id = ?", [job])
        store.execute("UPDATE batch_items SET state = 'generated' WHERE job_id = ?", [job])
        store.execute("UPDATE batch_jobs SET status = 'running' WHERE id = ?", [job])
    resumed = home.run("resume", job, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json["accepted"] == resumed.json["planned"] == 12
    assert resumed.json["calls_of_this_run"] == 0
    assert resumed.json["release"] is not None


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
